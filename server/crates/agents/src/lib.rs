//! Runs agents on repositories: worktrees, the sandbox, the supervisor of an execution, and what its end means.
//!
//! It owns the mirrors and worktrees on disk ([`repositories`]), the layers that hold an execution
//! ([`isolation`], [`sandbox`]), the process that outlives the server and spools what happens
//! ([`supervisor`]), the server's end of that process ([`launcher`]) and the derivation of outcomes ([`outcome`]).
//! It must never know a transaction, a tenant or HTTP: ids and limits are handed in, records are handed out.
//! Start reading at [`spec`], then [`launcher`], then [`supervisor`]; what agents speak is [`wire`].
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod cgroup;
mod git;
pub mod isolation;
pub mod launcher;
mod lock;
pub mod outcome;
mod processes;
pub mod repositories;
pub mod sandbox;
pub mod spec;
pub mod spool;
pub mod supervisor;
mod tree;
pub mod wire;

pub use isolation::Isolation;
pub use launcher::{AttachError, Attachment, LaunchError, Launcher};
pub use outcome::{Cause, Facts};
pub use repositories::{Changes, Checkout, GitStore, Inspected, PublishError, Publishing, RepositoryError};
pub use spec::{Author, Control, ExecutionSpec, Limits};
pub use spool::{Record, RecordBody};
pub use wire::{Delivery, FromAgent, Request, ToAgent};
