//! Background jobs: typed, queued in PostgreSQL by the transaction that causes them, run at least once.
//!
//! It owns: the queue (crate `graphile_worker`, in a schema of its own), [`enqueue`], the [`Worker`] that runs jobs and
//! upkeep, and the list of what failed ([`failed`]).
//! It must never know what a job does: the crate that owns a table owns the jobs over it, and `server` registers them.
//! Start reading at [`Job`], then [`Worker`].
//!
//! What every job has to stand:
//! - It runs at least once: a worker may die after the effect and before the queue knows. Make it idempotent, and write
//!   through [`JobCx::commit`], which refuses where another worker has taken the job over.
//! - Its arguments are stored and logged in the clear: ids, never secrets, never texts of people.
//! - It sees its workspace as the system does, as of now: whoever caused it may have left since.
#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod context;
mod enqueue;
mod failed;
mod job;
mod migrator;
mod pool;
mod worker;

pub use context::{JobCx, UpkeepCx};
pub use enqueue::{Order, enqueue};
pub use failed::{Counts, FailedJob, count, failed, failed_of, forget, retry, retry_of};
pub use job::{Job, JobError, Retry, Upkeep};
pub use migrator::migrate;
pub use tenancy::claimed::JobId;
pub use worker::{BuildError, Builder, Worker};
