//! What is new, on its way to whoever listens: sockets and streams.
//!
//! It owns the rings of recent changes ([`hub`]), who may listen and for how long, what a reader may see and where it
//! stands ([`reader`]), the output of watched executions ([`watches`]), who looks at which task ([`presence`]) and the frames of the contract ([`frames`]).
//! It must never know what a task is, nor HTTP: `http/socket.rs` and `http/stream.rs` carry the frames.
//! Start reading at [`Hub`], then [`reader::Reader`].

pub mod bounds;
pub(crate) mod figures;
pub mod frames;
pub mod hub;
pub mod presence;
pub mod reader;
pub mod scope;
pub mod watches;

pub use bounds::Bounds;
pub use hub::Hub;

/// Clients come back spread over this long, so that a restart does not meet all of them at once.
const SPREAD_MS: u64 = 4_000;
const SOONEST_MS: u64 = 250;

/// How many milliseconds one client should wait before it comes back.
pub(crate) fn come_back_after() -> u64 {
    let mut random = [0_u8; 8];
    // Without randomness all come at once, which is slower and nothing worse.
    getrandom::fill(&mut random).ok();
    SOONEST_MS + u64::from_le_bytes(random) % SPREAD_MS
}
