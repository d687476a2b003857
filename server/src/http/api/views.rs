//! Saved views: one's own, and the workspace's.

use axum::http::StatusCode;
use axum::response::Response;
use backend::views;
use domain::views::{NewView, SavedView, ViewPatch};
use domain::{Page, Saved, ViewId};
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use crate::http::idempotency::{Answer, Attempt, once, removed, save};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, remove))
}

/// The workspace's views and one's own, in their order.
#[utoipa::path(get, path = "/views", tag = "views", params(Paging),
    responses((status = 200, description = "One page of views.", body = Page<SavedView>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<SavedView>>, Refusal> {
    let mut tx = inside.begin().await?;
    let views = views::list(&mut tx).await?;
    paging.of(views, |view| view.id.to_string()).map(Json)
}

/// Makes a view. Without `shared` it is one's own. The same `id` again gives the view that is there.
#[utoipa::path(post, path = "/views", tag = "views", request_body = NewView,
    responses((status = 201, description = "The view.", body = Saved<SavedView>)))]
async fn create(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let new: NewView = attempt.read()?;
    once(&inside, &attempt, async |tx| Ok(Answer::new(StatusCode::CREATED, views::create(tx, new).await?)))
        .await
}

/// A view.
#[utoipa::path(get, path = "/views/{id}", tag = "views", params(("id" = ViewId, Path)),
    responses((status = 200, description = "The view.", body = SavedView)))]
async fn get(inside: InWorkspace, Path(id): Path<ViewId>) -> Result<Json<SavedView>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(views::get(&mut tx, id).await?))
}

/// Changes some fields. With `version`, a view that somebody else has changed since is a conflict.
#[utoipa::path(patch, path = "/views/{id}", tag = "views", params(("id" = ViewId, Path)), request_body = ViewPatch,
    responses((status = 200, description = "The view.", body = Saved<SavedView>)))]
async fn update(
    inside: InWorkspace,
    Path(id): Path<ViewId>,
    Json(patch): Json<ViewPatch>,
) -> Result<Json<Saved<SavedView>>, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(views::update(tx, id, patch).await?);
    save(&inside, work).await.map(Json)
}

/// Removes a view. The tasks in it stay.
#[utoipa::path(delete, path = "/views/{id}", tag = "views", params(("id" = ViewId, Path)),
    responses((status = 204, description = "It is gone. `x-seq` is the change's place in the feed.")))]
async fn remove(inside: InWorkspace, Path(id): Path<ViewId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(views::remove(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}
