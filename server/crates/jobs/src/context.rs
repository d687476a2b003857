//! What a running job has at hand.

use crate::JobError;
use domain::{DateTime, Seq};
use tenancy::claimed::Claimed;
use tenancy::{Caller, Database, StoreError, TenantTx, WorkerTx};
use tokio_util::sync::CancellationToken;

/// What a [`Job`](crate::Job) has at hand.
#[derive(Debug, Clone)]
pub struct JobCx<State> {
    pub(crate) common: Common<State>,
    pub(crate) claimed: Claimed,
}

/// What an [`Upkeep`](crate::Upkeep) has at hand.
#[derive(Debug, Clone)]
pub struct UpkeepCx<State> {
    pub(crate) common: Common<State>,
}

#[derive(Debug, Clone)]
pub(crate) struct Common<State> {
    pub(crate) database: Database,
    pub(crate) state: State,
    pub(crate) attempt: u16,
    pub(crate) stop: CancellationToken,
}

impl<State> JobCx<State> {
    /// Who this job is, everywhere: the system in its workspace, for the person who caused it.
    pub fn caller(&self) -> Caller {
        self.claimed.caller()
    }

    /// Opens a transaction in the job's workspace. End it with [`commit`](Self::commit).
    pub async fn begin(&self) -> Result<TenantTx, JobError> {
        Ok(self.common.database.begin(&self.caller()).await?)
    }

    /// Commits, unless another worker has taken the job over: then nothing is written, and the job should end.
    pub async fn commit(&self, mut tx: TenantTx) -> Result<Option<Seq>, JobError> {
        if !self.claimed.hold(&mut tx).await? {
            return Err(JobError::TakenOver);
        }
        Ok(tx.commit().await?)
    }
}

impl<State> UpkeepCx<State> {
    /// Opens a transaction over queue and feed.
    pub async fn work(&self) -> Result<WorkerTx, StoreError> {
        self.common.database.work().await
    }

    pub fn now(&self) -> DateTime {
        self.common.database.clock().now()
    }
}

macro_rules! shared {
    ($name:ident) => {
        impl<State> $name<State> {
            pub fn database(&self) -> &Database {
                &self.common.database
            }

            /// What the application gave to the worker.
            pub fn state(&self) -> &State {
                &self.common.state
            }

            /// 1 at the first attempt.
            pub fn attempt(&self) -> u16 {
                self.common.attempt
            }

            /// Cancelled when the worker stops. What has not ended ten seconds later is dropped where it waits, and
            /// begins anew on another worker.
            pub fn stop(&self) -> &CancellationToken {
                &self.common.stop
            }
        }
    };
}

shared!(JobCx);
shared!(UpkeepCx);
