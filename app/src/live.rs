//! What makes pages live: the change feed's client.
//!
//! [`frames`] is the wire, [`table`] and [`reduce`] apply what comes (pure, and tested as such), [`store`] is what
//! pages read, [`connection`] is the socket with its reconnecting. Browser APIs are called only in `connection`.

pub mod backoff;
pub mod connection;
pub mod frames;
pub mod reduce;
pub mod store;
pub mod table;

pub use store::{Live, Status};
