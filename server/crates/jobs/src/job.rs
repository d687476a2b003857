//! What a job and an upkeep are.

use crate::{JobCx, UpkeepCx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use tenancy::StoreError;

/// Work for one workspace that somebody's change caused. The fields are its arguments, stored as JSON.
///
/// Fields may be added with `#[serde(default)]`: jobs of the version before are still in the queue. A job that changes
/// more than that gets a new name.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// What the application gives to all its jobs.
    type State: Clone + Send + Sync + 'static;

    /// Its name in the queue, such as `invitations.send`. It never changes.
    const NAME: &'static str;
    const RETRY: Retry;

    fn run(self, cx: JobCx<Self::State>) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// Work at set times that belongs to no workspace: it sees queue and feed, and no workspace's rows.
pub trait Upkeep: Send + 'static {
    type State: Clone + Send + Sync + 'static;

    /// Its name in the queue, such as `feed.trim`.
    const NAME: &'static str;

    fn run(cx: UpkeepCx<Self::State>) -> impl Future<Output = Result<(), JobError>> + Send;
}

/// How often a job is tried. The waits between grow: 3 s, 7 s, 20 s, 55 s, 2½ min, 7 min, 18 min, 50 min, 2¼ h, 6 h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    max_attempts: u16,
}

impl Retry {
    /// Ten attempts, over an hour and a half.
    pub const USUAL: Self = Self::attempts(10);

    /// That many attempts in all; at least one.
    pub const fn attempts(max_attempts: u16) -> Self {
        Self { max_attempts: if max_attempts == 0 { 1 } else { max_attempts } }
    }

    pub const fn max_attempts(self) -> u16 {
        self.max_attempts
    }
}

/// Why an attempt failed. It is tried again while attempts are left.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This worker was silent for too long. What it wrote in this transaction is rolled back.
    #[error("another worker has taken this job over")]
    TakenOver,
}

impl JobError {
    /// Failed for a reason, which the list of failed jobs shows. No secrets in it.
    pub fn failed(reason: impl Display) -> Self {
        Self::Failed(reason.to_string())
    }
}
