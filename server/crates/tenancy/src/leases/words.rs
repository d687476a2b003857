//! What people say to an execution that is under way, as its row in the queue: that it may go on, that there is an
//! answer. Whoever changes a lease and the task of its execution takes the lease first, as its worker does.

use super::Desired;
use crate::{StoreError, TenantTx};
use domain::ExecutionId;

/// Whether something that an execution asked is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    Open,
    Answered,
}

/// How far what people said comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaches {
    /// It has all it waited for, and goes on once there is a slot.
    GoesOn,
    /// It hears of it as things stand: at once while it works, else when it goes on.
    Hears,
}

/// Holds an execution's place in the queue until the transaction ends. `false` where it has none any more.
pub async fn take(tx: &mut TenantTx, execution: ExecutionId) -> Result<bool, StoreError> {
    let row: Option<(i32,)> =
        sqlx::query_as("SELECT 1 FROM execution_leases WHERE execution_id = $1 FOR UPDATE")
            .bind(execution.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.is_some())
}

/// Lets an execution that stands still go on once there is a slot. `false` where it is not in the queue any more.
pub async fn resume(tx: &mut TenantTx, execution: ExecutionId) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE execution_leases SET resuming = resuming OR desired = 'pause', preempted = false
         WHERE execution_id = $1",
    )
    .bind(execution.0)
    .execute(tx.conn())
    .await?;
    tx.wake_workers();
    Ok(done.rows_affected() > 0)
}

/// There is something for an execution to hear, whose place in the queue is held.
pub async fn reach(tx: &mut TenantTx, execution: ExecutionId, asks: Asks) -> Result<Reaches, StoreError> {
    let answered = asks == Asks::Answered;
    let (waited, desired): (bool, String) =
        sqlx::query_as("SELECT waiting, desired FROM execution_leases WHERE execution_id = $1")
            .bind(execution.0)
            .fetch_one(tx.conn())
            .await?;
    let goes_on = answered && waited && Desired::read(&desired) == Desired::Run;
    // One that stands still by somebody's wish hears of it when that one lets it go on.
    sqlx::query(
        "UPDATE execution_leases SET inbox = inbox + 1, resuming = resuming OR $2,
                waiting = waiting AND ($2 OR NOT $3) WHERE execution_id = $1",
    )
    .bind(execution.0)
    .bind(goes_on)
    .bind(answered)
    .execute(tx.conn())
    .await?;
    tx.wake_workers();
    Ok(if goes_on { Reaches::GoesOn } else { Reaches::Hears })
}

/// An execution that asks gives its slot back; one that works has one.
pub async fn stand(tx: &mut TenantTx, execution: ExecutionId, asks: Asks) -> Result<(), StoreError> {
    let done =
        sqlx::query("UPDATE execution_leases SET waiting = $2 WHERE execution_id = $1 AND waiting <> $2")
            .bind(execution.0)
            .bind(asks == Asks::Open)
            .execute(tx.conn())
            .await?;
    if done.rows_affected() > 0 {
        tx.wake_workers();
    }
    Ok(())
}
