//! One integration binary for the whole server.

mod api;
#[cfg(test)]
mod executions;
#[cfg(test)]
mod http;
mod live;
#[cfg(test)]
mod process;
#[cfg(test)]
mod tidy;
