//! The walls between workspaces, and the only doors through them.
//!
//! It owns: connections to PostgreSQL ([`Database`]), who may come in ([`Person`], [`Caller`]), transactions under a
//! role that can do just what is needed ([`TenantTx`], [`AuthTx`], [`WorkerTx`]), the change feed ([`feed`]), the
//! leases by which a worker takes work over ([`leases`]), what a claimed job may do ([`claimed`]) and the migrations
//! ([`migrator`]).
//! It must never know what a task or a lead is: tables are named here only where walls are drawn.
//! Start reading at [`Database`].
#![expect(clippy::disallowed_types, reason = "the pool lives here, behind the doors, and nowhere else")]
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod authenticate;
mod caller;
pub mod claimed;
mod clock;
mod database;
mod error;
pub mod feed;
mod ids;
pub mod leases;
pub mod migrator;
mod recheck;
mod secret;
mod transaction;

pub use authenticate::{Admission, Credential, Identity, WorkspaceRef};
pub use caller::{Actor, Caller, Person, Refusal};
pub use clock::Clock;
pub use database::{Database, Options};
pub use error::StoreError;
pub use ids::Ids;
pub use secret::{Digest, Secret};
pub use transaction::{AuthTx, Provenance, TenantTx, WorkerTx};
