//! Tasks that must be completed before another begins.
//!
//! A task names those that block it. Cycles are refused under a lock of the workspace, so that two changes made at the
//! same time can't close one between them. Whether a queued task still waits is worked out anew whenever one of its
//! blockers is completed, or is so no longer.

use super::{TaskError, executions, sql};
use domain::TaskId;
use domain::tasks::{BLOCKERS_LIMIT, Task, TaskStatus};
use std::collections::HashMap;
use tenancy::TenantTx;

/// A task that blocks another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocker {
    pub number: i64,
    pub status: TaskStatus,
}

impl Blocker {
    /// Only what is completed blocks no longer: what failed may be retried, or taken off.
    pub fn is_open(&self) -> bool {
        self.status != TaskStatus::Completed
    }

    /// It ended, and not well.
    pub fn has_failed(&self) -> bool {
        matches!(self.status, TaskStatus::Failed | TaskStatus::Cancelled)
    }
}

/// Of these tasks, those that wait for others, with all that block them.
pub(crate) async fn of(
    tx: &mut TenantTx,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, Vec<Blocker>>, TaskError> {
    Ok(sql::blockers(tx, tasks).await?)
}

/// Held until the transaction ends by whoever changes what waits for what, or completes a task. It is taken before any
/// task's row.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<(), TaskError> {
    Ok(sql::lock_blockers(tx).await?)
}

/// The blockers as they are stored: each once, all of this workspace, none waiting for `task` in turn. The caller holds
/// the lock.
pub(super) async fn checked(
    tx: &mut TenantTx,
    task: TaskId,
    wanted: Vec<TaskId>,
) -> Result<Vec<TaskId>, TaskError> {
    let refuse = |reason: String| TaskError::invalid("blocked_by", reason);
    let mut blockers: Vec<TaskId> = Vec::with_capacity(wanted.len().min(BLOCKERS_LIMIT));
    for blocker in wanted {
        if !blockers.contains(&blocker) {
            blockers.push(blocker);
        }
        if blockers.len() > BLOCKERS_LIMIT {
            return Err(refuse(format!("must be at most {BLOCKERS_LIMIT} tasks")));
        }
    }
    if blockers.contains(&task) {
        return Err(refuse("A task can't wait for itself.".to_owned()));
    }
    if blockers.is_empty() {
        return Ok(blockers);
    }
    if sql::statuses(tx, &blockers).await?.len() < blockers.len() {
        return Err(refuse("names a task that is not here".to_owned()));
    }
    if let Some(number) = sql::waits_for(tx, &blockers, task).await? {
        return Err(refuse(format!(
            "Task {number} waits for this task already; each would wait for the other."
        )));
    }
    Ok(blockers)
}

/// Whether a task waits for others now. The caller holds the lock, so that none is completed unseen.
pub(super) async fn are_open(tx: &mut TenantTx, task: &Task) -> Result<executions::Gate, TaskError> {
    if task.blocked_by.is_empty() {
        return Ok(executions::Gate::Open);
    }
    let open = sql::statuses(tx, &task.blocked_by).await?;
    let blocked = open.iter().any(|status| *status != TaskStatus::Completed);
    Ok(if blocked { executions::Gate::Blocked } else { executions::Gate::Open })
}

/// A task was completed, or is so no longer: those that wait for it wait or begin. The caller holds the lock.
pub(super) async fn moved(tx: &mut TenantTx, blocker: TaskId) -> Result<(), TaskError> {
    for task in sql::queued_dependents(tx, blocker).await? {
        let gate = are_open(tx, &task).await?;
        executions::requeue(tx, &task, gate).await?;
    }
    Ok(())
}

/// A task is gone: those that wait for it wait for it no longer. The caller holds the lock.
pub(super) async fn gone(tx: &mut TenantTx, blocker: TaskId) -> Result<(), TaskError> {
    for task in sql::release_dependents(tx, blocker).await? {
        if task.status == TaskStatus::Queued {
            let gate = are_open(tx, &task).await?;
            executions::requeue(tx, &task, gate).await?;
        }
    }
    Ok(())
}
