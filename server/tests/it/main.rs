//! One integration binary for the whole server.

#[cfg(test)]
mod api;
#[cfg(test)]
mod executions;
#[cfg(test)]
mod http;
#[cfg(test)]
mod live;
#[cfg(test)]
mod process;
#[cfg(test)]
mod tidy;
