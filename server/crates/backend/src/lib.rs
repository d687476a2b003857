//! The product, cut by capability: what can be done, by whom, and what follows from it.
//!
//! Each capability is a facade of free functions over an open transaction, called alike by page, REST, voice, agent and
//! MCP; beside it its pure rules, its SQL and its background work. A capability calls another's facade, never its SQL.
//! It must never know HTTP or Leptos.
//! Start reading at [`tasks`], then [`executions`] and its runner.
#[cfg(target_family = "wasm")]
compile_error!("server-only");

pub mod activity;
pub mod audit;
pub mod auth;
pub mod board;
pub mod bulk;
pub mod comments;
pub mod error;
pub mod executions;
pub mod idempotency;
pub mod patch;
pub mod publish;
pub mod repositories;
pub mod reviews;
pub mod schedules;
pub mod search;
pub mod secrets;
pub mod settings;
pub mod tasks;
pub mod templates;
pub mod tools;
pub mod upkeep;
pub mod views;
pub mod workspaces;

#[cfg(test)]
mod walls_tests;

pub use error::Failure;
