//! Comments on tasks, and on lines of what their executions changed.
//!
//! It owns comments alone: that a task or an execution is there it asks of [`crate::tasks`] and [`crate::executions`].
//! Start reading at [`create`].

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::{activity, executions, tasks};
use domain::activity::ActivityKind;
use domain::comments::{COMMENTS_LIMIT, Comment, NewComment};
use domain::permission::Permission;
use domain::session::Role;
use domain::{CommentId, TaskId};
use tenancy::TenantTx;

crate::error::capability_error! {
    /// Why something could not be done with a comment.
    CommentError, "comment"
}

/// Says something about a task. The same id again returns the comment that is there.
pub async fn create(tx: &mut TenantTx, task: TaskId, new: NewComment) -> Result<Comment, CommentError> {
    tx.caller().require(Permission::CommentWrite)?;
    tasks::get(tx, task.into()).await.map_err(of_task)?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, id).await?
    {
        return Ok(existing);
    }
    if let Some(execution) = new.execution {
        let known = executions::get(tx, execution).await.map_err(of_execution)?;
        if known.task_id != task {
            return Err(CommentError::invalid("execution", "is not one of this task"));
        }
    }
    let place = rules::place(&new)?;
    if sql::count(tx, task).await? >= COMMENTS_LIMIT {
        return Err(CommentError::Conflict(format!("a task has at most {COMMENTS_LIMIT} comments")));
    }
    let comment = Comment {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        task_id: task,
        text: rules::text(&new.text)?,
        path: place.path,
        line: place.line,
        side: place.side,
        execution: new.execution,
        created_by: tx.caller().user(),
        created_at: tx.now(),
    };
    sql::insert(tx, &comment).await?;
    let place = comment.path.as_deref().unwrap_or_default();
    let line = comment.line.map(|line| format!(":{line}")).unwrap_or_default();
    activity::note(tx, task, ActivityKind::Commented, &format!("{place}{line}")).await?;
    Ok(comment)
}

/// A task's comments, oldest first.
pub async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Comment>, CommentError> {
    tx.caller().require(Permission::CommentRead)?;
    tasks::get(tx, task.into()).await.map_err(of_task)?;
    Ok(sql::list(tx, task).await?)
}

/// Takes a comment back: one's own, or anybody's for those who run the workspace.
pub async fn remove(tx: &mut TenantTx, id: CommentId) -> Result<(), CommentError> {
    tx.caller().require(Permission::CommentWrite)?;
    let comment = sql::find(tx, id).await?.ok_or(CommentError::NotFound)?;
    let own = comment.created_by.is_some() && comment.created_by == tx.caller().user();
    if !own && !matches!(tx.caller().role(), Role::Owner | Role::Admin) {
        return Err(CommentError::Conflict("only whoever wrote a comment can delete it".to_owned()));
    }
    sql::delete(tx, id).await?;
    Ok(())
}

fn of_task(error: tasks::TaskError) -> CommentError {
    match error {
        tasks::TaskError::Store(cause) => cause.into(),
        tasks::TaskError::Forbidden(refusal) => refusal.into(),
        _ => CommentError::NotFound,
    }
}

fn of_execution(error: executions::ExecutionError) -> CommentError {
    match error {
        executions::ExecutionError::Store(cause) => cause.into(),
        executions::ExecutionError::Forbidden(refusal) => refusal.into(),
        _ => CommentError::invalid("execution", "is not one of this task"),
    }
}
