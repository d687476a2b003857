//! Who carries out which execution. A lease is a row of the queue; holding it is the proof by which a worker may act
//! in the execution's workspace, and it runs out unless renewed, so that a dead worker's work is taken over.

mod claim;
mod standing;
mod words;

pub use claim::{claim, go_on, note_short_of_memory, preempt};
pub use standing::{Standing, standings};
pub use words::{Asks, Reaches, reach, resume, stand, take};

use crate::{Actor, Caller, StoreError, TenantTx, WorkerTx};
use domain::session::Role;
use domain::{DateTime, ExecutionId, RepositoryId, UserId, WorkspaceId};
use std::collections::HashSet;
use uuid::Uuid;

/// How long a worker's note that memory was short is believed.
const SHORT_SECONDS: i64 = 15;

/// Whether a workspace lets its running executions be paused for more urgent ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preemption {
    Allowed,
    Refused,
}

/// What the queue decides by, of one execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// 0 is the most urgent.
    pub rank: i16,
    pub repository: Option<RepositoryId>,
    /// How many executions of the repository may run at once.
    pub repository_limit: Option<i32>,
    /// A task that must be completed first is not.
    pub blocked: bool,
    /// A more urgent execution of the workspace may pause it.
    pub preemptible: bool,
}

/// What the person in charge wants of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desired {
    Run,
    Pause,
    Cancel,
}

impl Desired {
    fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Pause => "pause",
            Self::Cancel => "cancel",
        }
    }

    fn read(text: &str) -> Self {
        match text {
            "pause" => Self::Pause,
            "cancel" => Self::Cancel,
            _ => Self::Run,
        }
    }
}

/// How things stand with an execution for whoever carries it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    pub desired: Desired,
    /// It waits for people, and has no slot to go on in.
    pub waiting: bool,
    /// So many times somebody has said something to it.
    pub inbox: i64,
}

impl Wanted {
    /// It has a slot.
    pub fn works(self) -> bool {
        self.desired != Desired::Pause && !self.waiting
    }
}

/// An execution that this worker holds.
#[derive(Debug, Clone)]
pub struct Lease {
    workspace: WorkspaceId,
    execution: ExecutionId,
    by: Option<UserId>,
    wanted: Wanted,
}

impl Lease {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    pub fn execution(&self) -> ExecutionId {
        self.execution
    }

    pub fn desired(&self) -> Desired {
        self.wanted.desired
    }

    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// The caller that works for the one who started it.
    pub fn caller(&self) -> Caller {
        Caller::in_role(self.workspace, Actor::Job { by: self.by }, Role::System)
    }
}

/// Puts an execution into the queue.
pub async fn offer(tx: &mut TenantTx, execution: ExecutionId, terms: Terms) -> Result<(), StoreError> {
    let (workspace, by, now) = (tx.caller().workspace(), tx.caller().user(), tx.now());
    sqlx::query(
        "INSERT INTO execution_leases (workspace_id, execution_id, rank, queued_at, desired, started_by,
                                       repository_id, repository_limit, blocked, preemptible)
         VALUES ($1, $2, $3, $4, 'run', $5, $6, $7, $8, $9)",
    )
    .bind(workspace.0)
    .bind(execution.0)
    .bind(terms.rank)
    .bind(now)
    .bind(by.map(|user| user.0))
    .bind(terms.repository.map(|repository| repository.0))
    .bind(terms.repository_limit)
    .bind(terms.blocked)
    .bind(terms.preemptible)
    .execute(tx.conn())
    .await?;
    tx.wake_workers();
    Ok(())
}

/// The terms of an execution have changed. One that has begun keeps the repository that it began on.
pub async fn revise(tx: &mut TenantTx, execution: ExecutionId, terms: Terms) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE execution_leases SET rank = $2, blocked = $5, preemptible = $6,
                repository_id = CASE WHEN owner IS NULL THEN $3 ELSE repository_id END,
                repository_limit = CASE WHEN owner IS NULL THEN $4 ELSE repository_limit END
         WHERE execution_id = $1",
    )
    .bind(execution.0)
    .bind(terms.rank)
    .bind(terms.repository.map(|repository| repository.0))
    .bind(terms.repository_limit)
    .bind(terms.blocked)
    .bind(terms.preemptible)
    .execute(tx.conn())
    .await?;
    tx.wake_workers();
    Ok(())
}

/// A repository takes another number of executions at once.
pub async fn limit_repository(
    tx: &mut TenantTx,
    repository: RepositoryId,
    limit: Option<i32>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_leases SET repository_limit = $2 WHERE repository_id = $1")
        .bind(repository.0)
        .bind(limit)
        .execute(tx.conn())
        .await?;
    tx.wake_workers();
    Ok(())
}

/// The workspace allows that what runs is paused for something more urgent, or doesn't any more.
pub async fn allow_preemption(tx: &mut TenantTx, allowed: Preemption) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_leases SET preemptible = $1")
        .bind(allowed == Preemption::Allowed)
        .execute(tx.conn())
        .await?;
    tx.wake_workers();
    Ok(())
}

/// Says what is wanted of an execution. `false` where it is not in the queue any more.
pub async fn desire(tx: &mut TenantTx, execution: ExecutionId, desired: Desired) -> Result<bool, StoreError> {
    let done =
        sqlx::query("UPDATE execution_leases SET desired = $2, preempted = false, resuming = false WHERE execution_id = $1")
            .bind(execution.0)
            .bind(desired.as_str())
            .execute(tx.conn())
            .await?;
    tx.wake_workers();
    Ok(done.rows_affected() > 0)
}

/// Takes an execution out of the queue. `false` where this owner does not hold it any more: then somebody else does,
/// and nothing may be written for it.
pub async fn settle(tx: &mut TenantTx, execution: ExecutionId, owner: Uuid) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM execution_leases WHERE execution_id = $1 AND owner = $2")
        .bind(execution.0)
        .bind(owner)
        .execute(tx.conn())
        .await?;
    tx.wake_workers();
    Ok(done.rows_affected() > 0)
}

/// Takes an execution that nobody has begun out of the queue.
pub async fn withdraw(tx: &mut TenantTx, execution: ExecutionId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM execution_leases WHERE execution_id = $1 AND owner IS NULL")
        .bind(execution.0)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Holds the lease's row until the transaction ends, so that no other worker takes it meanwhile.
/// `false` where this owner does not hold it any more.
pub async fn hold(tx: &mut TenantTx, execution: ExecutionId, owner: Uuid) -> Result<bool, StoreError> {
    let row: Option<(i32,)> =
        sqlx::query_as("SELECT 1 FROM execution_leases WHERE execution_id = $1 AND owner = $2 FOR SHARE")
            .bind(execution.0)
            .bind(owner)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.is_some())
}

type Row = (Uuid, Uuid, Option<Uuid>, String, bool, i64);

fn read((workspace, execution, by, desired, waiting, inbox): Row) -> Lease {
    Lease {
        workspace: WorkspaceId(workspace),
        execution: ExecutionId(execution),
        by: by.map(UserId),
        wanted: Wanted { desired: Desired::read(&desired), waiting, inbox },
    }
}

/// Renews every lease of this owner and returns them, so that the owner sees what is wanted of each and which it lost.
pub async fn renew(tx: &mut WorkerTx, owner: Uuid, until: DateTime) -> Result<Vec<Lease>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE execution_leases SET lease_until = $2 WHERE owner = $1
         RETURNING workspace_id, execution_id, started_by, desired, waiting, inbox",
    )
    .bind(owner)
    .bind(until)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Gives every lease of this owner up at once, for a server that stops.
pub async fn release(tx: &mut WorkerTx, owner: Uuid) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_leases SET lease_until = '-infinity' WHERE owner = $1")
        .bind(owner)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Every execution that has not ended, over all workspaces.
pub async fn all(tx: &mut WorkerTx) -> Result<HashSet<ExecutionId>, StoreError> {
    let rows: Vec<(Uuid,)> =
        sqlx::query_as("SELECT execution_id FROM execution_leases").fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|(id,)| ExecutionId(id)).collect())
}

/// Queued and owned, over all workspaces, for metrics.
pub async fn count(tx: &mut WorkerTx) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE owner IS NULL), count(*) FILTER (WHERE owner IS NOT NULL) FROM execution_leases",
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}
