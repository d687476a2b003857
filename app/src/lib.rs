//! The face of Switchboard, compiled twice: for the browser (feature `hydrate`) and for the server (feature `ssr`).
//!
//! It owns pages, parts and server functions. It must never know SQL, tokio or anything native.
//! Start reading in `routes.rs`: the whole route table on one screen.

pub mod features;
pub mod routes;
pub mod shell;

pub use routes::App;
pub use shell::shell;
