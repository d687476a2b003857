//! Server functions: the only way from a page to the product, and the only place that knows `backend`.
//!
//! Each takes one struct, has an explicit endpoint under `/api/fn`, and holds neither SQL nor a rule.
//! With its folder this is the only place of `cfg(feature = "ssr")`.

pub mod activity;
pub mod asks;
pub mod board;
pub mod comments;
pub mod error;
pub mod executions;
pub mod preferences;
pub mod publish;
pub mod repositories;
pub mod schedules;
pub mod search;
pub mod session;
pub mod settings;
pub mod tasks;
pub mod templates;
pub mod views;

#[cfg(feature = "ssr")]
pub mod request;

pub use error::ApiError;

/// Makes the server answer a page with this status. In the browser there is nothing to answer.
pub fn answer(status: u16) {
    #[cfg(feature = "ssr")]
    request::answer(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
