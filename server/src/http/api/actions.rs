//! What can be done with a task. The answer is 200 where the task has come to rest, and 202 where work goes on.

use axum::http::StatusCode;
use axum::response::Response;
use backend::tasks::{self, Action};
use domain::Saved;
use domain::tasks::Task;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::tasks::id_of;
use crate::http::idempotency::{Answer, Attempt, once};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Path;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// Queues a task that has not run yet.
#[utoipa::path(post, path = "/tasks/{id}/start", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "It is queued, and will run.", body = Saved<Task>)))]
async fn start(inside: InWorkspace, Path(task): Path<String>, attempt: Attempt) -> Result<Response, Refusal> {
    act(&inside, &attempt, &task, Action::Start).await
}

/// Asks a running task to stand still. Its status follows once it does.
#[utoipa::path(post, path = "/tasks/{id}/pause", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "It will stand still in a moment.", body = Saved<Task>)))]
async fn pause(inside: InWorkspace, Path(task): Path<String>, attempt: Attempt) -> Result<Response, Refusal> {
    act(&inside, &attempt, &task, Action::Pause).await
}

/// Asks a paused task to go on. Its status follows once it does.
#[utoipa::path(post, path = "/tasks/{id}/resume", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "It will go on in a moment.", body = Saved<Task>)))]
async fn resume(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    act(&inside, &attempt, &task, Action::Resume).await
}

/// Cancels a task: at once where it waits in the queue, else as soon as what runs has been stopped.
#[utoipa::path(post, path = "/tasks/{id}/cancel", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "It is cancelled.", body = Saved<Task>),
        (status = 202, description = "It will be, once what runs has been stopped.", body = Saved<Task>)))]
async fn cancel(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    act(&inside, &attempt, &task, Action::Cancel).await
}

/// Queues a task that has ended once more, as a new execution.
#[utoipa::path(post, path = "/tasks/{id}/retry", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "It is queued, and will run again.", body = Saved<Task>)))]
async fn retry(inside: InWorkspace, Path(task): Path<String>, attempt: Attempt) -> Result<Response, Refusal> {
    act(&inside, &attempt, &task, Action::Retry).await
}

async fn act(
    inside: &InWorkspace,
    attempt: &Attempt,
    task: &str,
    action: Action,
) -> Result<Response, Refusal> {
    attempt.read_nothing()?;
    let work = async |tx: &mut tenancy::TenantTx| {
        let id = id_of(tx, task).await?;
        let task = match action {
            Action::Start => tasks::start(tx, id).await?,
            Action::Pause => tasks::pause(tx, id).await?,
            Action::Resume => tasks::resume(tx, id).await?,
            Action::Cancel => tasks::cancel(tx, id).await?,
            Action::Retry => tasks::retry(tx, id).await?,
        };
        let status = if task.status.is_settled() { StatusCode::OK } else { StatusCode::ACCEPTED };
        Ok(Answer::new(status, task))
    };
    once(inside, attempt, work).await
}
