//! Tasks: what a team wants done.
//!
//! It owns tasks, their numbers and their statuses. Running one is the business of [`crate::executions`], which tells
//! how it went through [`follow`].
//! Start reading at [`create`] and [`start`]; the status machine is in `tasks/rules.rs`.

mod blockers;
mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::audit::{self, Event};
use crate::{activity, executions, repositories};
use domain::activity::ActivityKind;
use domain::executions::ExecutionStatus;
use domain::permission::Permission;
use domain::repositories::Repository;
use domain::tasks::{Agent, NewTask, Priority, Task, TaskFilter, TaskPatch, TaskStatus};
use domain::{Page, TaskId};
use std::collections::BTreeMap;
use tenancy::TenantTx;

pub use blockers::Blocker;
pub(crate) use blockers::of as blockers_of;
pub use rules::{Action, rank};

crate::error::capability_error! {
    /// Why something could not be done with a task.
    TaskError, "task"
}

/// How a request names a task: by id, or by the number that people say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskRef {
    Id(TaskId),
    Number(i64),
}

impl From<TaskId> for TaskRef {
    fn from(id: TaskId) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for TaskRef {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl std::str::FromStr for TaskRef {
    type Err = TaskError;

    fn from_str(text: &str) -> Result<Self, TaskError> {
        let number = text.parse().map(Self::Number);
        number.or_else(|_| text.parse().map(Self::Id)).map_err(|_| TaskError::NotFound)
    }
}

/// The texts of a new task as they would be stored, without making it.
pub(crate) fn checked(new: &NewTask) -> Result<rules::Fields, TaskError> {
    rules::fields(new)
}

/// How many tasks there are in each status.
pub type TaskCounts = BTreeMap<TaskStatus, i64>;

/// Makes a task, and queues it where `start` says so. The same id again returns the one that is there.
pub async fn create(tx: &mut TenantTx, new: NewTask) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskCreate)?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, TaskRef::Id(id)).await?
    {
        return Ok(existing);
    }
    let fields = rules::fields(&new)?;
    let repository = repository(tx, new.repository.as_deref()).await?;
    let now = tx.now();
    let id = new.id.unwrap_or_else(|| tx.ids().make());
    let blocked_by = new.blocked_by.unwrap_or_default();
    if !blocked_by.is_empty() {
        blockers::lock(tx).await?;
    }
    let blocked_by = blockers::checked(tx, id, blocked_by).await?;
    let task = Task {
        id,
        number: sql::next_number(tx).await?,
        title: fields.title,
        description: fields.description,
        priority: new.priority.unwrap_or(Priority::Normal),
        status: TaskStatus::Draft,
        repository_id: repository.map(|repository| repository.id),
        agent: new.agent.unwrap_or(Agent::Shell),
        script: fields.script,
        truncated: false,
        labels: fields.labels,
        assignee_id: new.assignee_id,
        blocked_by,
        created_by: tx.caller().user(),
        created_at: now,
        updated_at: now,
        started_at: None,
        completed_at: None,
        version: 1,
    };
    if !sql::insert(tx, &task).await? {
        return Err(TaskError::Conflict("this id is taken".to_owned()));
    }
    activity::note(tx, id, ActivityKind::Created, "").await?;
    if new.start { start(tx, task.id).await } else { Ok(task) }
}

/// One page of the tasks that a filter lets through.
pub async fn list(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Page<Task>, TaskError> {
    tx.caller().require(Permission::TaskRead)?;
    match query(tx, filter).await? {
        Some(query) => Ok(sql::list(tx, &query).await?),
        None => Ok(Page { items: Vec::new(), next_cursor: None }),
    }
}

/// How many tasks of each status a filter lets through, on all its pages.
pub async fn counts_of(tx: &mut TenantTx, filter: &TaskFilter) -> Result<TaskCounts, TaskError> {
    tx.caller().require(Permission::TaskRead)?;
    match query(tx, filter).await? {
        Some(query) => Ok(sql::counts_of(tx, &query).await?),
        None => Ok(TaskCounts::new()),
    }
}

/// What a filter asks for. `None` where it names a repository that is not here: then nothing is let through.
async fn query(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Option<rules::Query>, TaskError> {
    let mut query = rules::query(filter)?;
    if let Some(named) = filter.repository.as_deref().filter(|named| !named.trim().is_empty()) {
        let Some(repository) = found(tx, named).await? else { return Ok(None) };
        query.repository = Some(repository.id);
    }
    Ok(Some(query))
}

pub async fn get(tx: &mut TenantTx, task: TaskRef) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskRead)?;
    sql::find(tx, task).await?.ok_or(TaskError::NotFound)
}

/// The tasks that must be completed before this one begins, by their numbers.
pub async fn blocking(tx: &mut TenantTx, id: TaskId) -> Result<Vec<Task>, TaskError> {
    let task = get(tx, id.into()).await?;
    Ok(sql::all(tx, &task.blocked_by).await?)
}

/// The tasks that a text names by their numbers, such as `3, #5`.
pub async fn numbered(tx: &mut TenantTx, text: &str) -> Result<Vec<TaskId>, TaskError> {
    tx.caller().require(Permission::TaskRead)?;
    let numbers = rules::numbers(text)?;
    let found = sql::by_numbers(tx, &numbers).await?;
    match numbers.iter().find(|number| !found.contains_key(*number)) {
        Some(missing) => Err(TaskError::invalid("blocked_by", format!("There is no task {missing} here."))),
        None => Ok(numbers.iter().filter_map(|number| found.get(number).copied()).collect()),
    }
}

pub async fn counts(tx: &mut TenantTx) -> Result<TaskCounts, TaskError> {
    tx.caller().require(Permission::TaskRead)?;
    Ok(sql::counts(tx).await?)
}

/// Changes some fields. With `version`, a field that another changed since then to something else is a conflict.
pub async fn update(tx: &mut TenantTx, id: TaskId, patch: TaskPatch) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskUpdate)?;
    if !(patch.blocked_by.is_kept() && patch.repository.is_kept() && patch.priority.is_none()) {
        blockers::lock(tx).await?;
    }
    let (before, mut versions) = sql::lock(tx, id).await?.ok_or(TaskError::NotFound)?;
    let mut task = before.clone();
    let seen = patch.version;
    if let Some(named) = patch.repository.clone().or_empty() {
        task.repository_id = repository(tx, Some(&named)).await?.map(|repository| repository.id);
    }
    if let Some(wanted) = patch.blocked_by.clone().or_empty() {
        task.blocked_by = blockers::checked(tx, id, wanted).await?;
    }
    rules::apply(&mut task, patch)?;
    let wishes = rules::wishes(&before, &task);
    let conflicts = crate::patch::conflicts(&wishes, &versions, seen);
    if !conflicts.is_empty() {
        return Err(TaskError::Changed(conflicts));
    }
    if crate::patch::note(&wishes, &mut versions, before.version + 1) {
        task.version = before.version + 1;
        task.updated_at = tx.now();
        sql::update(tx, &task, &versions).await?;
        activity::note(tx, id, ActivityKind::Edited, &rules::changed(&wishes)).await?;
        let queue = |task: &Task| (task.priority, task.repository_id, task.blocked_by.clone());
        if queue(&task) != queue(&before) && !task.status.is_settled() {
            let gate = blockers::are_open(tx, &task).await?;
            executions::requeue(tx, &task, gate).await?;
        }
    }
    Ok(task)
}

/// Removes a task with all its executions. One that is under way must be cancelled first.
pub async fn remove(tx: &mut TenantTx, id: TaskId) -> Result<(), TaskError> {
    tx.caller().require(Permission::TaskRemove)?;
    blockers::lock(tx).await?;
    let (task, _) = sql::lock(tx, id).await?.ok_or(TaskError::NotFound)?;
    if !task.status.is_settled() {
        return Err(TaskError::Conflict(format!("task {} is {}; cancel it first", task.number, task.status)));
    }
    executions::forget(tx, id).await?;
    sql::delete(tx, id).await?;
    blockers::gone(tx, id).await?;
    let said = format!("task {}", task.number);
    let event = Event::new(domain::audit::Action::DataDeleted).on("task", id.0).saying(&said);
    Ok(audit::record(tx, event).await?)
}

/// Queues a task that has not run yet.
pub async fn start(tx: &mut TenantTx, id: TaskId) -> Result<Task, TaskError> {
    queue(tx, id, Action::Start).await
}

/// Queues a task that has ended once more, as a new execution.
pub async fn retry(tx: &mut TenantTx, id: TaskId) -> Result<Task, TaskError> {
    queue(tx, id, Action::Retry).await
}

async fn queue(tx: &mut TenantTx, id: TaskId, action: Action) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskControl)?;
    blockers::lock(tx).await?;
    let (mut task, _) = sql::lock(tx, id).await?.ok_or(TaskError::NotFound)?;
    rules::allow(task.status, action).map_err(TaskError::Conflict)?;
    let gate = blockers::are_open(tx, &task).await?;
    executions::queue(tx, &task, gate).await?;
    let was_completed = task.status == TaskStatus::Completed;
    task.status = TaskStatus::Queued;
    task.started_at = None;
    task.completed_at = None;
    let task = settle(tx, task).await?;
    let kind = if action == Action::Retry { ActivityKind::Retried } else { ActivityKind::Started };
    activity::note(tx, id, kind, "").await?;
    if was_completed {
        blockers::moved(tx, id).await?;
    }
    Ok(task)
}

/// Cancels a task: at once where it waits in the queue, else as soon as what runs has been stopped.
pub async fn cancel(tx: &mut TenantTx, id: TaskId) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskControl)?;
    executions::hold(tx, id).await?;
    let (mut task, _) = sql::lock(tx, id).await?.ok_or(TaskError::NotFound)?;
    rules::allow(task.status, Action::Cancel).map_err(TaskError::Conflict)?;
    activity::note(tx, id, ActivityKind::Cancelled, "").await?;
    if executions::cancel(tx, id).await? == executions::Stopped::Later {
        return Ok(task);
    }
    task.status = TaskStatus::Cancelled;
    task.completed_at = Some(tx.now());
    settle(tx, task).await
}

/// Stops the clock of a running task: its processes stand still until it is resumed.
pub async fn pause(tx: &mut TenantTx, id: TaskId) -> Result<Task, TaskError> {
    steer(tx, id, Action::Pause).await
}

pub async fn resume(tx: &mut TenantTx, id: TaskId) -> Result<Task, TaskError> {
    steer(tx, id, Action::Resume).await
}

async fn steer(tx: &mut TenantTx, id: TaskId, action: Action) -> Result<Task, TaskError> {
    tx.caller().require(Permission::TaskControl)?;
    executions::hold(tx, id).await?;
    let (task, _) = sql::lock(tx, id).await?.ok_or(TaskError::NotFound)?;
    rules::allow(task.status, action).map_err(TaskError::Conflict)?;
    executions::steer(tx, id, action == Action::Pause).await?;
    let kind = if action == Action::Pause { ActivityKind::Paused } else { ActivityKind::Resumed };
    activity::note(tx, id, kind, "").await?;
    Ok(task)
}

/// The task takes the status that follows from its execution's.
pub(crate) async fn follow(
    tx: &mut TenantTx,
    id: TaskId,
    execution: ExecutionStatus,
) -> Result<(), TaskError> {
    let status = rules::of_execution(execution);
    if status == TaskStatus::Completed {
        blockers::lock(tx).await?;
    }
    let Some((mut task, _)) = sql::lock(tx, id).await? else {
        return Ok(());
    };
    if task.status == status {
        return Ok(());
    }
    task.status = status;
    let now = tx.now();
    if status == TaskStatus::Running {
        task.started_at.get_or_insert(now);
    }
    task.completed_at = status.is_settled().then_some(now);
    settle(tx, task).await?;
    if status.is_settled() {
        activity::note(tx, id, ActivityKind::Ended, status.as_str()).await?;
    }
    if status == TaskStatus::Completed {
        blockers::moved(tx, id).await?;
    }
    Ok(())
}

/// Writes a task's status and times.
async fn settle(tx: &mut TenantTx, mut task: Task) -> Result<Task, TaskError> {
    task.version += 1;
    task.updated_at = tx.now();
    sql::set_status(tx, &task).await?;
    Ok(task)
}

/// The repository that a field names; a blank one names none.
async fn repository(tx: &mut TenantTx, named: Option<&str>) -> Result<Option<Repository>, TaskError> {
    let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else {
        return Ok(None);
    };
    let missing = || TaskError::invalid("repository", format!("names no repository here: {named:?}"));
    found(tx, named).await?.ok_or_else(missing).map(Some)
}

async fn found(tx: &mut TenantTx, named: &str) -> Result<Option<Repository>, TaskError> {
    repositories::named(tx, named).await.map_err(|error| match error {
        repositories::RepositoriesError::Forbidden(refusal) => TaskError::Forbidden(refusal),
        repositories::RepositoriesError::Store(cause) => TaskError::Store(cause),
        other => TaskError::invalid("repository", other),
    })
}

impl From<executions::ExecutionError> for TaskError {
    fn from(error: executions::ExecutionError) -> Self {
        use executions::ExecutionError as From;
        match error {
            From::NotFound => Self::NotFound,
            From::Forbidden(refusal) => Self::Forbidden(refusal),
            From::Invalid { field, reason } => Self::Invalid { field, reason },
            From::Conflict(reason) => Self::Conflict(reason),
            From::Changed(conflicts) => Self::Changed(conflicts),
            From::Store(cause) => Self::Store(cause),
        }
    }
}
