//! The queue on a real PostgreSQL, through the doors.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod attempts;
mod drain;
mod kinds;
mod queue;
mod support;
mod takeover;
mod upkeep;
