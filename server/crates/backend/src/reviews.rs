//! Comments on the lines of a diff, sent to the agent as one.
//!
//! It owns nothing: what was said is in [`crate::comments`]. An agent that listens is told, by a new run where the last
//! has ended; a script can't be told anything, so what was said becomes a task that follows up on it.
//! Start reading at [`send`].

mod rules;
#[cfg(test)]
mod tests;

use crate::comments::{self, CommentError};
use crate::executions::{self, ExecutionError, asks};
use crate::tasks::{self, TaskError};
use domain::asks::NewMessage;
use domain::comments::{NewReview, Review, ReviewTo};
use domain::permission::Permission;
use domain::tasks::{NewTask, Task};
use domain::{ExecutionId, TaskId};
use tenancy::TenantTx;

/// Sends what was said about the lines of what an execution changed.
pub async fn send(tx: &mut TenantTx, execution: ExecutionId, new: NewReview) -> Result<Review, CommentError> {
    tx.caller().require(Permission::TaskControl)?;
    let run = executions::get(tx, execution).await.map_err(of_execution)?;
    let task = tasks::get(tx, run.task_id.into()).await.map_err(of_task)?;
    let mut said = comments::list(tx, task.id).await?;
    said.retain(|comment| comment.execution == Some(execution) && comment.path.is_some());
    let comments = u32::try_from(said.len()).unwrap_or(u32::MAX);
    let text = rules::text(&task, run.number, &said)?;
    if !task.agent.listens() {
        let task = follow_up(tx, &task, new.id, text).await.map_err(of_task)?;
        return Ok(Review { to: ReviewTo::FollowUp, comments, task });
    }
    let (to, task) = if task.status.is_settled() {
        (ReviewTo::Retried, tasks::retry(tx, task.id).await.map_err(of_task)?)
    } else {
        (ReviewTo::Told, task)
    };
    asks::message(tx, &task, NewMessage { text }).await.map_err(|error| of_execution(error.into()))?;
    Ok(Review { to, comments, task })
}

async fn follow_up(
    tx: &mut TenantTx,
    task: &Task,
    id: Option<TaskId>,
    description: String,
) -> Result<Task, TaskError> {
    let new = NewTask {
        id,
        title: rules::title(task),
        description: Some(description),
        priority: Some(task.priority),
        repository: task.repository_id.map(|repository| repository.to_string()),
        agent: Some(task.agent),
        script: Some(task.script.clone()),
        labels: Some(task.labels.clone()),
        assignee_id: task.assignee_id,
        ..NewTask::default()
    };
    tasks::create(tx, new).await
}

fn of_task(error: TaskError) -> CommentError {
    match error {
        TaskError::NotFound => CommentError::NotFound,
        TaskError::Forbidden(refusal) => refusal.into(),
        TaskError::Invalid { field, reason } => CommentError::Invalid { field, reason },
        TaskError::Conflict(reason) => CommentError::Conflict(reason),
        TaskError::Changed(conflicts) => CommentError::Changed(conflicts),
        TaskError::Store(cause) => cause.into(),
    }
}

fn of_execution(error: ExecutionError) -> CommentError {
    of_task(error.into())
}
