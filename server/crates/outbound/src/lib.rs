//! Every way from this program out into the network: judged at the address, not at the name.
//!
//! A name is resolved once, each address that it has is judged, and the connection goes to the very address that was
//! judged: a name that leads into a private network reaches nothing, whenever it began to. What the operator permits
//! (`SWITCHBOARD_ALLOW_NETWORKS`) is permitted here and nowhere else.
//!
//! It owns: the judgement and the dialling ([`Dialler`]) and the one HTTP client of the server ([`Client`]).
//! It must never know whom it calls, or why. It follows no redirect and decompresses nothing.
//! Start reading at [`Client::send`].
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod client;
mod dial;
mod exchange;
mod network;
mod target;

pub use client::{Bounds, Client, OutboundError};
pub use dial::{Dialler, Refusal};
