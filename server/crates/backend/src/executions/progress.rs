//! What each execution that has not ended does now, or why it waits.

use super::{ExecutionError, sql};
use crate::tasks::{self, Blocker};
use domain::DateTime;
use domain::executions::{Execution, ExecutionStatus, Progress, Wait};
use std::collections::HashMap;
use tenancy::leases::{self, Standing};
use tenancy::{StoreError, TenantTx};

/// Tells of each that has not ended what it does. Its `detail` says the same in a few words.
pub(super) async fn tell(tx: &mut TenantTx, executions: &mut [Execution]) -> Result<(), ExecutionError> {
    let now = tx.now();
    let open: Vec<&Execution> =
        executions.iter().filter(|execution| !execution.status.is_finished()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = open.iter().map(|execution| execution.id).collect();
    let waiting: Vec<_> = open.iter().filter(|one| waits(one)).map(|one| one.task_id).collect();
    let standings = leases::standings(tx, &ids).await?;
    let commands = sql::commands(tx, &ids).await?;
    let blockers = match waiting.as_slice() {
        [] => HashMap::new(),
        waiting => tasks::blockers_of(tx, waiting).await.map_err(store)?,
    };
    for execution in executions.iter_mut().filter(|execution| !execution.status.is_finished()) {
        let standing = standings.get(&execution.id);
        let before = blockers.get(&execution.task_id).map(Vec::as_slice).unwrap_or_default();
        let waits_for = standing.and_then(|standing| wait(execution.status, standing, before));
        if let Some(wait) = &waits_for {
            execution.detail = wait.to_string();
        }
        execution.progress = Some(Progress {
            waits_for,
            step: execution.detail.clone(),
            command: commands.get(&execution.id).copied(),
            elapsed_ms: execution.started_at.map(|from| elapsed(from, now)),
        });
    }
    Ok(())
}

fn waits(execution: &Execution) -> bool {
    execution.status == ExecutionStatus::Queued
}

fn elapsed(from: DateTime, now: DateTime) -> i64 {
    (now - from).num_milliseconds().max(0)
}

/// Why it does not run, the reason that would remain the longest first.
fn wait(status: ExecutionStatus, standing: &Standing, blockers: &[Blocker]) -> Option<Wait> {
    if standing.preempted {
        return Some(Wait::Preempted);
    }
    if standing.resuming {
        return Some(Wait::Slot { before: 0 });
    }
    if status != ExecutionStatus::Queued || standing.held {
        return None;
    }
    if standing.blocked {
        let numbers = |failed: bool| {
            let open = blockers.iter().filter(|one| one.is_open() && one.has_failed() == failed);
            open.map(|one| one.number).collect()
        };
        return Some(Wait::Tasks { open: numbers(false), failed: numbers(true) });
    }
    if let Some((running, limit)) = standing.repository_busy {
        return Some(Wait::Repository { running, limit: limit.into() });
    }
    if standing.short_of_memory {
        return Some(Wait::Memory);
    }
    Some(Wait::Slot { before: standing.before })
}

fn store(error: tasks::TaskError) -> ExecutionError {
    match error {
        tasks::TaskError::Store(cause) => ExecutionError::Store(cause),
        other => ExecutionError::Store(StoreError::Corrupt(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tasks::TaskStatus;

    #[test]
    fn the_reason_that_lasts_longest_is_told() {
        let queued = Standing {
            held: false,
            blocked: false,
            preempted: false,
            resuming: false,
            repository_busy: None,
            short_of_memory: false,
            before: 3,
        };
        let blockers = [
            Blocker { number: 1, status: TaskStatus::Completed },
            Blocker { number: 2, status: TaskStatus::Running },
            Blocker { number: 3, status: TaskStatus::Failed },
        ];
        let cases = [
            (ExecutionStatus::Queued, queued, Some(Wait::Slot { before: 3 })),
            (ExecutionStatus::Queued, Standing { short_of_memory: true, ..queued }, Some(Wait::Memory)),
            (
                ExecutionStatus::Queued,
                Standing { short_of_memory: true, repository_busy: Some((2, 2)), ..queued },
                Some(Wait::Repository { running: 2, limit: 2 }),
            ),
            (
                ExecutionStatus::Queued,
                Standing { blocked: true, repository_busy: Some((2, 2)), ..queued },
                Some(Wait::Tasks { open: vec![2], failed: vec![3] }),
            ),
            (ExecutionStatus::Queued, Standing { held: true, ..queued }, None),
            (ExecutionStatus::Running, Standing { held: true, ..queued }, None),
            (
                ExecutionStatus::Paused,
                Standing { held: true, preempted: true, ..queued },
                Some(Wait::Preempted),
            ),
            (
                ExecutionStatus::Paused,
                Standing { held: true, resuming: true, ..queued },
                Some(Wait::Slot { before: 0 }),
            ),
        ];
        for (status, standing, expected) in cases {
            assert_eq!(wait(status, &standing, &blockers), expected, "{status} {standing:?}");
        }
    }
}
