//! The composition root: puts the capabilities, the pages and HTTP together.
//!
//! It owns configuration, routing and the life of the process. It must never hold a business rule.
//! Start reading in `main.rs`, then `serve.rs`, then `router.rs`.

#[cfg(target_family = "wasm")]
compile_error!("server-only");

pub mod config;
pub mod house;
pub mod http;
pub mod live;
pub mod master_keys;
pub mod modules;
pub mod postgres;
pub mod roles;
pub mod router;
pub mod serve;
pub mod shutdown;
mod site;
pub mod state;
pub mod telemetry;
pub mod worker;
