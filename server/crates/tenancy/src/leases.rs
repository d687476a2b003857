//! Who carries out which execution. A lease is a row of the queue; holding it is the proof by which a worker may act
//! in the execution's workspace, and it runs out unless renewed, so that a dead worker's work is taken over.

use crate::{Actor, Caller, StoreError, TenantTx, WorkerTx};
use domain::session::Role;
use domain::{DateTime, ExecutionId, UserId, WorkspaceId};
use std::collections::HashSet;
use uuid::Uuid;

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

/// An execution that this worker holds.
#[derive(Debug, Clone)]
pub struct Lease {
    workspace: WorkspaceId,
    execution: ExecutionId,
    by: Option<UserId>,
    desired: Desired,
}

impl Lease {
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    pub fn execution(&self) -> ExecutionId {
        self.execution
    }

    pub fn desired(&self) -> Desired {
        self.desired
    }

    /// The caller that works for the one who started it.
    pub fn caller(&self) -> Caller {
        Caller::in_role(self.workspace, Actor::Job { by: self.by }, Role::System)
    }
}

/// Puts an execution into the queue. `rank` is 0 for the most urgent.
pub async fn offer(tx: &mut TenantTx, execution: ExecutionId, rank: i16) -> Result<(), StoreError> {
    let (workspace, by, now) = (tx.caller().workspace(), tx.caller().user(), tx.now());
    sqlx::query(
        "INSERT INTO execution_leases (workspace_id, execution_id, rank, queued_at, desired, started_by)
         VALUES ($1, $2, $3, $4, 'run', $5)",
    )
    .bind(workspace.0)
    .bind(execution.0)
    .bind(rank)
    .bind(now)
    .bind(by.map(|user| user.0))
    .execute(tx.conn())
    .await?;
    tx.wake_workers();
    Ok(())
}

/// Says what is wanted of an execution. `false` where it is not in the queue any more.
pub async fn desire(tx: &mut TenantTx, execution: ExecutionId, desired: Desired) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE execution_leases SET desired = $2 WHERE execution_id = $1")
        .bind(execution.0)
        .bind(desired.as_str())
        .execute(tx.conn())
        .await?;
    tx.wake_workers();
    Ok(done.rows_affected() > 0)
}

/// Moves an execution that still waits to another rank.
pub async fn reorder(tx: &mut TenantTx, execution: ExecutionId, rank: i16) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_leases SET rank = $2 WHERE execution_id = $1")
        .bind(execution.0)
        .bind(rank)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How many wait before this one in its workspace. `None` where a worker has it, or it is not queued.
pub async fn position(tx: &mut TenantTx, execution: ExecutionId) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as(
        "SELECT (SELECT count(*) FROM execution_leases o WHERE o.owner IS NULL
                 AND (o.rank, o.queued_at, o.execution_id) < (l.rank, l.queued_at, l.execution_id))
         FROM execution_leases l WHERE l.execution_id = $1 AND l.owner IS NULL",
    )
    .bind(execution.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(before,)| before))
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

type Row = (Uuid, Uuid, Option<Uuid>, String);

fn read((workspace, execution, by, desired): Row) -> Lease {
    Lease {
        workspace: WorkspaceId(workspace),
        execution: ExecutionId(execution),
        by: by.map(UserId),
        desired: Desired::read(&desired),
    }
}

/// Takes up to `limit` executions, most urgent first, then oldest: those that wait, and those whose owner has let the
/// lease run out.
pub async fn claim(
    tx: &mut WorkerTx,
    owner: Uuid,
    until: DateTime,
    limit: i64,
) -> Result<Vec<Lease>, StoreError> {
    let now = tx.now();
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE execution_leases l SET owner = $1, lease_until = $2
         FROM (SELECT workspace_id, execution_id FROM execution_leases
               WHERE owner IS NULL OR lease_until < $3
               ORDER BY (owner IS NULL), rank, queued_at, execution_id
               LIMIT $4 FOR UPDATE SKIP LOCKED) free
         WHERE l.workspace_id = free.workspace_id AND l.execution_id = free.execution_id
         RETURNING l.workspace_id, l.execution_id, l.started_by, l.desired",
    )
    .bind(owner)
    .bind(until)
    .bind(now)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Renews every lease of this owner and returns them, so that the owner sees what is wanted of each and which it lost.
pub async fn renew(tx: &mut WorkerTx, owner: Uuid, until: DateTime) -> Result<Vec<Lease>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE execution_leases SET lease_until = $2 WHERE owner = $1
         RETURNING workspace_id, execution_id, started_by, desired",
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
