//! Repositories. Looking at one takes the network or the disk, so it comes before the transaction.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use backend::repositories;
use domain::repositories::{NewRepository, Repository, RepositoryPatch};
use domain::{Page, RepositoryId, Saved};
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use crate::http::idempotency::{Answer, Attempt, once, removed, replayed, save};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, remove))
}

/// The workspace's repositories, by name.
#[utoipa::path(get, path = "/repositories", tag = "repositories", params(Paging),
    responses((status = 200, description = "One page of repositories.", body = Page<Repository>)))]
async fn list(
    inside: InWorkspace,
    Filter(paging): Filter<Paging>,
) -> Result<Json<Page<Repository>>, Refusal> {
    let mut tx = inside.begin().await?;
    let repositories = repositories::list(&mut tx).await?;
    paging.of(repositories, |repository| repository.id.to_string()).map(Json)
}

/// Adds a repository: a path below the operator's folders, or a URL. It is looked at first.
#[utoipa::path(post, path = "/repositories", tag = "repositories", request_body = NewRepository,
    responses((status = 201, description = "The repository.", body = Saved<Repository>)))]
async fn create(
    State(state): State<AppState>,
    inside: InWorkspace,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let new: NewRepository = attempt.read()?;
    if let Some(first) = replayed(&inside, &attempt).await? {
        return Ok(first);
    }
    let found = repositories::inspect(&state.repositories, &inside.caller, &new.url).await?;
    let work = async |tx: &mut TenantTx| {
        Ok(Answer::new(StatusCode::CREATED, repositories::create(tx, new, found).await?))
    };
    once(&inside, &attempt, work).await
}

/// A repository.
#[utoipa::path(get, path = "/repositories/{id}", tag = "repositories", params(("id" = RepositoryId, Path)),
    responses((status = 200, description = "The repository.", body = Repository)))]
async fn get(inside: InWorkspace, Path(id): Path<RepositoryId>) -> Result<Json<Repository>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(repositories::get(&mut tx, id).await?))
}

/// Changes some fields. A new `url` is looked at first.
#[utoipa::path(patch, path = "/repositories/{id}", tag = "repositories", params(("id" = RepositoryId, Path)),
    request_body = RepositoryPatch,
    responses((status = 200, description = "The repository.", body = Saved<Repository>)))]
async fn update(
    State(state): State<AppState>,
    inside: InWorkspace,
    Path(id): Path<RepositoryId>,
    Json(patch): Json<RepositoryPatch>,
) -> Result<Json<Saved<Repository>>, Refusal> {
    let found = match &patch.url {
        Some(url) => {
            // What is not here is not worth a look at something else.
            let mut tx = inside.begin().await?;
            repositories::get(&mut tx, id).await?;
            drop(tx);
            Some(repositories::inspect(&state.repositories, &inside.caller, url).await?)
        }
        None => None,
    };
    let work = async |tx: &mut TenantTx| Ok(repositories::update(tx, id, patch, found).await?);
    save(&inside, work).await.map(Json)
}

/// Removes a repository. Its tasks stay, without it.
#[utoipa::path(delete, path = "/repositories/{id}", tag = "repositories", params(("id" = RepositoryId, Path)),
    responses((status = 204, description = "It is gone. `x-seq` is the change's place in the feed.")))]
async fn remove(inside: InWorkspace, Path(id): Path<RepositoryId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(repositories::remove(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}
