//! Tasks.

use axum::http::StatusCode;
use axum::response::Response;
use backend::tasks::{self, TaskRef};
use backend::{bulk, executions};
use domain::bulk::{BulkAnswer, BulkRequest};
use domain::executions::Execution;
use domain::tasks::{NewTask, Task, TaskFilter, TaskPatch};
use domain::{Page, Saved, TaskId};
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use crate::http::idempotency::{Answer, Attempt, once, removed, save};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(bulk))
        .routes(routes!(get, update, remove))
        .routes(routes!(executions))
}

/// Tasks that a filter lets through, newest first unless sorted otherwise.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(TaskFilter),
    responses((status = 200, description = "One page of tasks.", body = Page<Task>)))]
async fn list(inside: InWorkspace, Filter(filter): Filter<TaskFilter>) -> Result<Json<Page<Task>>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(tasks::list(&mut tx, &filter).await?))
}

/// Makes a task, and queues it where `start` is true. The same `id` again gives the task that is there.
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = NewTask,
    responses((status = 201, description = "The task.", body = Saved<Task>)))]
async fn create(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let new: NewTask = attempt.read()?;
    once(&inside, &attempt, async |tx| Ok(Answer::new(StatusCode::CREATED, tasks::create(tx, new).await?)))
        .await
}

/// Makes one change to up to 200 tasks. Each has a result of its own; those that are refused leave the others alone.
#[utoipa::path(post, path = "/tasks/bulk", tag = "tasks", request_body = BulkRequest,
    responses((status = 200, description = "A result for each task, in the order of the request.", body = Saved<BulkAnswer>)))]
async fn bulk(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let request: BulkRequest = attempt.read()?;
    once(&inside, &attempt, async |tx| Ok(Answer::new(StatusCode::OK, bulk::change(tx, request).await?)))
        .await
}

/// A task, by its id or its number.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "The task.", body = Task)))]
async fn get(inside: InWorkspace, Path(task): Path<String>) -> Result<Json<Task>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(tasks::get(&mut tx, task.parse::<TaskRef>()?).await?))
}

/// Changes some fields. With `version`, a field that somebody else changed since is a conflict that shows both.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "tasks", request_body = TaskPatch,
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "The task.", body = Saved<Task>)))]
async fn update(
    inside: InWorkspace,
    Path(task): Path<String>,
    Json(patch): Json<TaskPatch>,
) -> Result<Json<Saved<Task>>, Refusal> {
    let work = async |tx: &mut TenantTx| {
        let id = id_of(tx, &task).await?;
        Ok(tasks::update(tx, id, patch).await?)
    };
    save(&inside, work).await.map(Json)
}

/// Removes a task with its executions. One that is under way must be cancelled first.
#[utoipa::path(delete, path = "/tasks/{id}", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 204, description = "It is gone. `x-seq` is the change's place in the feed.")))]
async fn remove(inside: InWorkspace, Path(task): Path<String>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| {
        let id = id_of(tx, &task).await?;
        Ok(tasks::remove(tx, id).await?)
    };
    Ok(removed(save(&inside, work).await?.seq))
}

/// A task's executions, newest first, without their output. At most the last 200.
#[utoipa::path(get, path = "/tasks/{id}/executions", tag = "tasks",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "The executions.", body = Page<Execution>)))]
async fn executions(inside: InWorkspace, Path(task): Path<String>) -> Result<Json<Page<Execution>>, Refusal> {
    let mut tx = inside.begin().await?;
    let task = tasks::get(&mut tx, task.parse::<TaskRef>()?).await?;
    let items = executions::list(&mut tx, task.id).await?;
    Ok(Json(Page { items, next_cursor: None }))
}

/// The id of a task that may be named by its number.
pub(super) async fn id_of(tx: &mut TenantTx, task: &str) -> Result<TaskId, Refusal> {
    match task.parse::<TaskRef>()? {
        TaskRef::Id(id) => Ok(id),
        number @ TaskRef::Number(_) => Ok(tasks::get(tx, number).await?.id),
    }
}
