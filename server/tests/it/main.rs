//! One integration binary for the whole server.

mod api;
mod executions;
mod http;
mod live;
mod process;
#[cfg(test)]
mod tidy;
