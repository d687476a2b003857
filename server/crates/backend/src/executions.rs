//! Executions: one run of a task, from the queue to its outcome.
//!
//! It owns executions, their events, results and diffs, and the [`Runner`] that carries them out. It never decides
//! what a task's status means; it tells [`crate::tasks`] how the execution stands.
//! Start reading at [`queue`], then `executions/runner.rs`.

pub mod asks;
mod attend;
mod collect;
pub mod diff;
pub mod jobs;
pub mod log;
mod memory;
mod prepare;
mod progress;
#[cfg(test)]
mod queue_tests;
mod record;
mod rules;
mod runner;
mod sql;
#[cfg(test)]
mod tests;
mod watchers;
mod worker_id;

use crate::{repositories, settings};
use domain::board::Glance;
use domain::executions::{Diff, EventPage, Execution, ExecutionStatus, Outcome, OutcomeClass};
use domain::permission::Permission;
use domain::publish::Publication;
use domain::tasks::Task;
use domain::{ExecutionId, TaskId};
use tenancy::leases::{self, Desired, Terms};
use tenancy::{TenantTx, WorkerTx};

pub use runner::{Runner, Settings};
pub use watchers::Watchers;
pub use worker_id::WorkerId;

crate::error::capability_error! {
    /// Why something could not be done with an execution.
    ExecutionError, "execution"
}

/// Events that a page of them has at most.
pub const EVENTS_LIMIT: u32 = 1_000;
/// The part of stdout and of stderr that the execution itself shows.
const TAIL_BYTES: usize = 64 * 1024;

/// When what was asked to stop will have stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    Now,
    Later,
}

/// Whether a task's execution may begin, as far as other tasks are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    /// It waits for a task that is not completed.
    Blocked,
}

impl Gate {
    fn detail(self) -> &'static str {
        match self {
            Self::Open => "waiting for a free slot",
            Self::Blocked => "waiting for other tasks",
        }
    }
}

/// Queues a new execution of a task.
pub(crate) async fn queue(tx: &mut TenantTx, task: &Task, gate: Gate) -> Result<Execution, ExecutionError> {
    let now = tx.now();
    let execution = Execution {
        id: tx.ids().make(),
        task_id: task.id,
        number: sql::next_number(tx, task.id).await?,
        agent: task.agent,
        agent_session_id: None,
        model: None,
        status: ExecutionStatus::Queued,
        detail: gate.detail().to_owned(),
        outcome: None,
        evidence: Default::default(),
        exit_code: None,
        isolation: Vec::new(),
        stdout: String::new(),
        stderr: String::new(),
        cost: None,
        tokens: None,
        created_at: now,
        started_at: None,
        completed_at: None,
        last_seq: 0,
        publications: Vec::new(),
        progress: None,
    };
    sql::insert(tx, &execution).await?;
    let terms = terms(tx, task, gate).await?;
    leases::offer(tx, execution.id, terms).await?;
    Ok(execution)
}

/// What the last execution of each task came to, for those that have ended.
pub(crate) async fn glances(tx: &mut TenantTx, tasks: &[TaskId]) -> Result<Vec<Glance>, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    Ok(sql::glances(tx, tasks).await?)
}

/// What the queue decides by, of a task's execution.
async fn terms(tx: &mut TenantTx, task: &Task, gate: Gate) -> Result<Terms, ExecutionError> {
    let limit = match task.repository_id {
        Some(id) => match repositories::get(tx, id).await {
            Ok(repository) => repository.max_running,
            Err(repositories::RepositoriesError::Store(cause)) => return Err(cause.into()),
            Err(_) => None,
        },
        None => None,
    };
    Ok(Terms {
        rank: crate::tasks::rank(task.priority),
        repository: task.repository_id,
        repository_limit: limit.and_then(|most| i32::try_from(most).ok()),
        blocked: gate == Gate::Blocked,
        preemptible: settings::current(tx).await?.preempt,
    })
}

/// Cancels what runs for a task: at once where no worker has begun.
pub(crate) async fn cancel(tx: &mut TenantTx, task: TaskId) -> Result<Stopped, ExecutionError> {
    let Some(execution) = sql::unfinished(tx, task).await? else {
        return Ok(Stopped::Now);
    };
    if !leases::withdraw(tx, execution).await? && leases::desire(tx, execution, Desired::Cancel).await? {
        // From now on nobody's answer counts.
        asks::withdraw(tx, execution).await?;
        return Ok(Stopped::Later);
    }
    let outcome = Outcome {
        class: OutcomeClass::Cancelled,
        reason: "it was cancelled before it began".to_owned(),
        retryable: true,
        summary: String::new(),
    };
    record::end(tx, execution, &outcome, ExecutionStatus::Cancelled).await?;
    Ok(Stopped::Now)
}

/// Asks for what runs for a task to stand still, or to go on once there is a slot.
pub(crate) async fn steer(tx: &mut TenantTx, task: TaskId, pause: bool) -> Result<(), ExecutionError> {
    let execution = sql::unfinished(tx, task).await?.ok_or(ExecutionError::NotFound)?;
    let there = if pause {
        leases::desire(tx, execution, Desired::Pause).await?
    } else {
        leases::resume(tx, execution).await?
    };
    if there { Ok(()) } else { Err(ExecutionError::NotFound) }
}

/// Holds the place in the queue of what runs for a task, before the task itself is held: so does its worker.
pub(crate) async fn hold(tx: &mut TenantTx, task: TaskId) -> Result<(), ExecutionError> {
    if let Some(execution) = sql::unfinished(tx, task).await? {
        leases::take(tx, execution).await?;
    }
    Ok(())
}

/// A task's priority, repository or blockers have changed, or what it waits for has: its execution takes the place in
/// the queue that follows.
pub(crate) async fn requeue(tx: &mut TenantTx, task: &Task, gate: Gate) -> Result<(), ExecutionError> {
    let Some(execution) = sql::unfinished(tx, task.id).await? else {
        return Ok(());
    };
    let terms = terms(tx, task, gate).await?;
    leases::revise(tx, execution, terms).await?;
    Ok(sql::say_queued(tx, execution, gate.detail()).await?)
}

/// Whether any execution of the workspace has not ended yet; for capabilities whose own right was asked for.
pub(crate) async fn are_under_way(tx: &mut TenantTx) -> Result<bool, tenancy::StoreError> {
    sql::are_under_way(tx).await
}

/// A task is about to go with its executions: what they left in mirrors is removed after it.
pub(crate) async fn forget(tx: &mut TenantTx, task: TaskId) -> Result<(), ExecutionError> {
    let ended = sql::ids(tx, task).await?;
    Ok(jobs::forget_results(tx, &ended).await?)
}

/// A task's executions, newest first, without their output.
pub async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Execution>, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let mut executions = sql::list(tx, task).await?;
    progress::tell(tx, &mut executions).await?;
    Ok(executions)
}

/// The executions of the workspace that have not ended, oldest first, at most 200.
pub async fn active(tx: &mut TenantTx) -> Result<Vec<Execution>, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let mut executions = sql::active(tx).await?;
    progress::tell(tx, &mut executions).await?;
    Ok(executions)
}

/// An execution with the last of its output.
pub async fn get(tx: &mut TenantTx, id: ExecutionId) -> Result<Execution, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let mut execution = sql::find(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    (execution.stdout, execution.stderr) = sql::tails(tx, id, TAIL_BYTES).await?;
    progress::tell(tx, std::slice::from_mut(&mut execution)).await?;
    Ok(execution)
}

/// Events after a place in the execution's own sequence, in order.
pub async fn events(
    tx: &mut TenantTx,
    id: ExecutionId,
    after: i64,
    limit: u32,
) -> Result<EventPage, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let (status, last) = sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    let items = sql::events(tx, id, after, limit.clamp(1, EVENTS_LIMIT)).await?;
    let next_after = items.last().map_or(after, |event| event.seq);
    Ok(EventPage { items, next_after, finished: status.is_finished() && next_after >= last })
}

/// What the execution changed. Empty until it has ended.
pub async fn diff(tx: &mut TenantTx, id: ExecutionId) -> Result<Diff, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    Ok(sql::diff(tx, id).await?.unwrap_or_default())
}

/// The commit that an execution began from, and the one of what it left. `None` until it has ended.
pub(crate) async fn result(
    tx: &mut TenantTx,
    id: ExecutionId,
) -> Result<Option<(String, String)>, ExecutionError> {
    Ok(sql::result(tx, id).await?)
}

/// What was published of an execution, held until the transaction ends.
pub(crate) async fn hold_publications(
    tx: &mut TenantTx,
    id: ExecutionId,
) -> Result<Vec<Publication>, ExecutionError> {
    sql::hold_publications(tx, id).await?.ok_or(ExecutionError::NotFound)
}

/// Writes what was published of an execution that is held.
pub(crate) async fn set_publications(
    tx: &mut TenantTx,
    id: ExecutionId,
    publications: &[Publication],
) -> Result<(), ExecutionError> {
    Ok(sql::set_publications(tx, id, publications).await?)
}

/// Executions in the queue, and those that workers have, over all workspaces: for metrics.
pub async fn load(tx: &mut WorkerTx) -> Result<(i64, i64), ExecutionError> {
    Ok(leases::count(tx).await?)
}
