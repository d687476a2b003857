//! What tests stand on: a real database each, and people who signed up through the doors.
//!
//! It is a dev-dependency alone and never part of a released binary.
//! Start reading at [`TestDatabase::new`].
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod database;
mod operator;
mod people;
pub mod scripted;

pub use database::TestDatabase;
pub use people::Signed;
