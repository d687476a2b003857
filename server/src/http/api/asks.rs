//! What agents ask, and what people say to them.

use axum::http::StatusCode;
use axum::response::Response;
use backend::executions::asks::{self, AskError};
use backend::tasks::{self, TaskRef};
use domain::asks::{Answer as Reply, Approve, Ask, NewMessage};
use domain::tasks::Task;
use domain::{Page, Saved};
use serde::de::DeserializeOwned;
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::idempotency::{Answer, Attempt, once};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(approve))
        .routes(routes!(answer))
        .routes(routes!(message))
}

/// What the executions of a task have asked, newest first, at most 200.
#[utoipa::path(get, path = "/tasks/{id}/asks", tag = "asks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "Approvals and questions, open and closed.", body = Page<Ask>)))]
async fn list(inside: InWorkspace, Path(task): Path<String>) -> Result<Json<Page<Ask>>, Refusal> {
    let mut tx = inside.begin().await?;
    let task = tasks::get(&mut tx, task.parse::<TaskRef>()?).await?;
    let items = asks::list(&mut tx, task.id).await?;
    Ok(Json(Page { items, next_cursor: None }))
}

/// Allows or denies an action that the task's agent asks about. It goes on once there is a slot.
#[utoipa::path(post, path = "/tasks/{id}/approve", tag = "asks", request_body = Approve,
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "The agent will be told.", body = Saved<Task>),
        (status = 409, description = "Somebody was faster, or it is over.")))]
async fn approve(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx, task: &Task, word: Approve| {
        asks::approve(tx, task.id, word).await.map(drop)
    };
    say(&inside, &task, &attempt, work).await
}

/// Answers a question of the task's agent. It goes on once there is a slot.
#[utoipa::path(post, path = "/tasks/{id}/answer", tag = "asks", request_body = Reply,
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "The agent will be told.", body = Saved<Task>),
        (status = 409, description = "Somebody was faster, or it is over.")))]
async fn answer(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let work =
        async |tx: &mut TenantTx, task: &Task, reply: Reply| asks::answer(tx, task.id, reply).await.map(drop);
    say(&inside, &task, &attempt, work).await
}

/// Says something to the agent that works on a task. A shell task can't hear anything.
#[utoipa::path(post, path = "/tasks/{id}/messages", tag = "asks", request_body = NewMessage,
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 202, description = "The agent will be told before its next step.", body = Saved<Task>),
        (status = 409, description = "Nothing works on it that could hear.")))]
async fn message(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx, task: &Task, new: NewMessage| asks::message(tx, task, new).await;
    say(&inside, &task, &attempt, work).await
}

/// Reads what is said, says it, and answers with the task as it is then.
async fn say<Said: DeserializeOwned>(
    inside: &InWorkspace,
    task: &str,
    attempt: &Attempt,
    work: impl AsyncFnOnce(&mut TenantTx, &Task, Said) -> Result<(), AskError>,
) -> Result<Response, Refusal> {
    let mut tx = inside.begin().await?;
    let task = tasks::get(&mut tx, task.parse::<TaskRef>()?).await?;
    drop(tx);
    let said: Said = attempt.read()?;
    let work = async |tx: &mut TenantTx| {
        work(tx, &task, said).await?;
        Ok(Answer::new(StatusCode::ACCEPTED, tasks::get(tx, task.id.into()).await?))
    };
    once(inside, attempt, work).await
}
