//! One integration binary for the whole server.

mod http;
mod process;
#[cfg(test)]
mod tidy;
