//! Jobs that were claimed from the queue. A claimed job is the only way to work for a tenant without a request: its row
//! says for whom, and only the claim's own reading of that row makes a [`Caller`].
//!
//! ```compile_fail
//! // Whoever only says that they claimed something has proven nothing.
//! let claimed = tenancy::claimed::Claimed { claim: todo!(), workspace: todo!(), by: todo!() };
//! ```

use crate::{Actor, Caller, StoreError, TenantTx, WorkerTx};
use domain::session::Role;
use domain::{DateTime, UserId, WorkspaceId};
use uuid::Uuid;

/// The number of a job in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JobId(pub i64);

impl std::fmt::Display for JobId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a worker says it claimed. The time tells two claims of one job by one worker apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub job: JobId,
    pub worker: String,
    pub at: DateTime,
}

/// The proof that it did: what the queue's row said.
#[derive(Debug, Clone)]
pub struct Claimed {
    claim: Claim,
    workspace: WorkspaceId,
    by: Option<UserId>,
}

impl Claimed {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The caller that works for the one who caused the job.
    pub fn caller(&self) -> Caller {
        Caller::in_role(self.workspace, Actor::Job { by: self.by }, Role::System)
    }

    /// Holds the job until the transaction ends, so that nobody takes it over meanwhile. `false` where this worker does
    /// not have it any more: then nothing may be written for it.
    pub async fn hold(&self, tx: &mut TenantTx) -> Result<bool, StoreError> {
        let (held,) = sqlx::query_as("SELECT hold_job($1, $2, $3)")
            .bind(self.claim.job.0)
            .bind(&self.claim.worker)
            .bind(self.claim.at)
            .fetch_one(tx.conn())
            .await?;
        Ok(held)
    }
}

/// Reads for whom a claimed job works. `None` where that worker does not hold it (any more).
pub async fn verify(tx: &mut WorkerTx, claim: &Claim) -> Result<Option<Claimed>, StoreError> {
    let row: Option<(Option<Uuid>, Option<Uuid>)> = sqlx::query_as(
        "SELECT (payload->>'workspace')::uuid, (payload->>'by')::uuid FROM graphile_worker._private_jobs
         WHERE id = $1 AND locked_by = $2 AND locked_at = $3",
    )
    .bind(claim.job.0)
    .bind(&claim.worker)
    .bind(claim.at)
    .fetch_optional(tx.conn())
    .await?;
    let Some((workspace, by)) = row else {
        return Ok(None);
    };
    let Some(workspace) = workspace else {
        return Err(StoreError::Corrupt(format!("job {} belongs to no workspace", claim.job)));
    };
    Ok(Some(Claimed { claim: claim.clone(), workspace: WorkspaceId(workspace), by: by.map(UserId) }))
}
