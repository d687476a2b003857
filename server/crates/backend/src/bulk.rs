//! One change to many tasks: each succeeds or is refused by itself, and all that succeed are one commit.
//!
//! It owns no rows and no rule of a task: it goes through [`crate::tasks`], one task after the other.

mod sql;
#[cfg(test)]
mod tests;

use crate::Failure;
use crate::tasks::{self, TaskError};
use domain::bulk::{BULK_LIMIT, BulkAction, BulkAnswer, BulkChange, BulkRequest, BulkResult};
use domain::permission::Permission;
use domain::tasks::{Task, TaskPatch};
use domain::{Edit, Problem, TaskId};
use std::collections::{BTreeMap, BTreeSet};
use tenancy::TenantTx;

/// How often labels are read again because somebody changed them in between.
const TRIES: usize = 3;

/// Changes each of the tasks. What goes wrong with the store ends all of it; a refusal is the task's own result.
pub async fn change(tx: &mut TenantTx, request: BulkRequest) -> Result<BulkAnswer, TaskError> {
    tx.caller().require(Permission::TaskUpdate)?;
    check(&request)?;
    // In one order, so that two requests over the same tasks can't wait for each other.
    let ordered: BTreeSet<TaskId> = request.ids.iter().copied().collect();
    let mut done: BTreeMap<TaskId, BulkResult> = BTreeMap::new();
    for id in ordered {
        sql::mark(tx).await?;
        let result = match one(tx, id, &request.change).await {
            Ok(task) => {
                sql::keep(tx).await?;
                BulkResult { id, ok: true, task, problem: None }
            }
            Err(TaskError::Store(cause)) => return Err(TaskError::Store(cause)),
            Err(refusal) => {
                sql::take_back(tx).await?;
                BulkResult { id, ok: false, task: None, problem: Some(problem(refusal)) }
            }
        };
        done.insert(id, result);
    }
    Ok(BulkAnswer { results: request.ids.iter().filter_map(|id| done.remove(id)).collect() })
}

fn check(request: &BulkRequest) -> Result<(), TaskError> {
    if request.ids.is_empty() || request.ids.len() > BULK_LIMIT {
        return Err(TaskError::invalid("ids", format!("must be 1 to {BULK_LIMIT}")));
    }
    match (request.change.action, request.change.has_fields()) {
        (None, false) => Err(TaskError::invalid("change", "must say what is to be changed")),
        (Some(_), true) => Err(TaskError::invalid("change", "must be an action or fields, not both")),
        _ => Ok(()),
    }
}

async fn one(tx: &mut TenantTx, id: TaskId, change: &BulkChange) -> Result<Option<Task>, TaskError> {
    let task = match change.action {
        Some(BulkAction::Delete) => return tasks::remove(tx, id).await.map(|()| None),
        Some(BulkAction::Start) => tasks::start(tx, id).await?,
        Some(BulkAction::Pause) => tasks::pause(tx, id).await?,
        Some(BulkAction::Resume) => tasks::resume(tx, id).await?,
        Some(BulkAction::Cancel) => tasks::cancel(tx, id).await?,
        Some(BulkAction::Retry) => tasks::retry(tx, id).await?,
        None => fields(tx, id, change).await?,
    };
    Ok(Some(task))
}

async fn fields(tx: &mut TenantTx, id: TaskId, change: &BulkChange) -> Result<Task, TaskError> {
    let mut tries = 0;
    loop {
        let task = tasks::get(tx, id.into()).await?;
        let labels = change.labels(&task.labels);
        let moves = labels != task.labels;
        let patch = TaskPatch {
            priority: change.priority,
            labels: if moves { Edit::Set(labels) } else { Edit::Keep },
            assignee_id: change.assignee_id.map_or(Edit::Keep, |user| user.map_or(Edit::Clear, Edit::Set)),
            // Labels were worked out from what was read: somebody else's must not be lost.
            version: moves.then_some(task.version),
            ..TaskPatch::default()
        };
        tries += 1;
        match tasks::update(tx, id, patch).await {
            Err(TaskError::Changed(_)) if tries < TRIES => {}
            answer => return answer,
        }
    }
}

fn problem(refusal: TaskError) -> Problem {
    Failure::from(refusal).problem
}
