//! Templates of tasks.

use axum::http::StatusCode;
use axum::response::Response;
use backend::templates;
use domain::templates::{NewTemplate, Template, TemplatePatch};
use domain::{Page, Saved, TemplateId};
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

/// The workspace's templates, by name.
#[utoipa::path(get, path = "/templates", tag = "templates", params(Paging),
    responses((status = 200, description = "One page of templates.", body = Page<Template>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<Template>>, Refusal> {
    let mut tx = inside.begin().await?;
    let templates = templates::list(&mut tx).await?;
    paging.of(templates, |template| template.id.to_string()).map(Json)
}

/// Makes a template. The same `id` again gives the one that is there.
#[utoipa::path(post, path = "/templates", tag = "templates", request_body = NewTemplate,
    responses((status = 201, description = "The template.", body = Saved<Template>)))]
async fn create(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let new: NewTemplate = attempt.read()?;
    let work =
        async |tx: &mut TenantTx| Ok(Answer::new(StatusCode::CREATED, templates::create(tx, new).await?));
    once(&inside, &attempt, work).await
}

/// A template.
#[utoipa::path(get, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 200, description = "The template.", body = Template)))]
async fn get(inside: InWorkspace, Path(id): Path<TemplateId>) -> Result<Json<Template>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(templates::get(&mut tx, id).await?))
}

/// Changes some fields. With `version`, a field that somebody else changed since is a conflict that shows both.
#[utoipa::path(patch, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    request_body = TemplatePatch,
    responses((status = 200, description = "The template.", body = Saved<Template>)))]
async fn update(
    inside: InWorkspace,
    Path(id): Path<TemplateId>,
    Json(patch): Json<TemplatePatch>,
) -> Result<Json<Saved<Template>>, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(templates::update(tx, id, patch).await?);
    save(&inside, work).await.map(Json)
}

/// Removes a template. One that a schedule uses stays.
#[utoipa::path(delete, path = "/templates/{id}", tag = "templates", params(("id" = TemplateId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn remove(inside: InWorkspace, Path(id): Path<TemplateId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(templates::remove(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}
