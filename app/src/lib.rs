//! The face of Switchboard, compiled twice: for the browser (feature `hydrate`) and for the server (feature `ssr`).
//!
//! It owns pages, parts, words and server functions. It must never know SQL, tokio or anything native.
//! Start reading in `routes.rs`: the whole route table on one screen.

#![expect(unreachable_pub, reason = "the component macro makes public structs, wherever a component is")]

pub mod api;
pub mod features;
pub mod live;
pub mod routes;
pub mod shell;
pub mod strings;
pub mod ui;

pub use routes::App;
pub use shell::shell;
