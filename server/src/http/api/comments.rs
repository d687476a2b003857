//! Comments on tasks.

use axum::http::StatusCode;
use axum::response::Response;
use backend::tasks::{self, TaskRef};
use backend::{comments, reviews};
use domain::comments::{Comment, NewComment, NewReview, Review};
use domain::{CommentId, ExecutionId, Page, Saved, TaskId};
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::idempotency::{Answer, Attempt, once, removed, save};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(remove)).routes(routes!(review))
}

/// A task's comments, oldest first, at most 1,000.
#[utoipa::path(get, path = "/tasks/{id}/comments", tag = "comments",
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 200, description = "The comments.", body = Page<Comment>)))]
async fn list(inside: InWorkspace, Path(task): Path<String>) -> Result<Json<Page<Comment>>, Refusal> {
    let mut tx = inside.begin().await?;
    let task = named(&mut tx, &task).await?;
    let items = comments::list(&mut tx, task).await?;
    Ok(Json(Page { items, next_cursor: None }))
}

/// Says something about a task, or about a line of what an execution of it changed.
#[utoipa::path(post, path = "/tasks/{id}/comments", tag = "comments", request_body = NewComment,
    params(("id" = String, Path, description = "The task's id or number.")),
    responses((status = 201, description = "The comment.", body = Saved<Comment>)))]
async fn create(
    inside: InWorkspace,
    Path(task): Path<String>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let mut tx = inside.begin().await?;
    let task = named(&mut tx, &task).await?;
    drop(tx);
    let new: NewComment = attempt.read()?;
    let work = async |tx: &mut TenantTx| {
        Ok(Answer::new(StatusCode::CREATED, comments::create(tx, task, new).await?))
    };
    once(&inside, &attempt, work).await
}

/// Takes a comment back: one's own, or anybody's for owners and admins.
#[utoipa::path(delete, path = "/comments/{id}", tag = "comments", params(("id" = CommentId, Path)),
    responses((status = 204, description = "It is gone. `x-seq` is the change's place in the feed.")))]
async fn remove(inside: InWorkspace, Path(id): Path<CommentId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(comments::remove(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}

/// Sends what was said about lines of what an execution changed, as one.
///
/// It goes to the task's agent, which runs again for it where it has ended. A script can't be told anything: for one a
/// follow-up task is made.
#[utoipa::path(post, path = "/executions/{id}/review", tag = "comments", request_body = NewReview,
    params(("id" = ExecutionId, Path)),
    responses((status = 200, description = "Who goes on with it.", body = Saved<Review>),
        (status = 409, description = "Nothing was said about a line yet.")))]
async fn review(
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let new: NewReview = attempt.read()?;
    let work = async |tx: &mut TenantTx| Ok(Answer::new(StatusCode::OK, reviews::send(tx, id, new).await?));
    once(&inside, &attempt, work).await
}

async fn named(tx: &mut TenantTx, task: &str) -> Result<TaskId, Refusal> {
    Ok(tasks::get(tx, task.parse::<TaskRef>()?).await?.id)
}
