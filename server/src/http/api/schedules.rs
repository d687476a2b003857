//! Schedules that make tasks from templates.

use axum::http::StatusCode;
use axum::response::Response;
use backend::schedules;
use domain::tasks::Task;
use domain::templates::{NewSchedule, Schedule, SchedulePatch};
use domain::{Page, Saved, ScheduleId};
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
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, remove))
        .routes(routes!(run))
}

/// The workspace's schedules, by name.
#[utoipa::path(get, path = "/schedules", tag = "schedules", params(Paging),
    responses((status = 200, description = "One page of schedules.", body = Page<Schedule>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<Schedule>>, Refusal> {
    let mut tx = inside.begin().await?;
    let schedules = schedules::list(&mut tx).await?;
    paging.of(schedules, |schedule| schedule.id.to_string()).map(Json)
}

/// Makes a schedule. The same `id` again gives the one that is there.
#[utoipa::path(post, path = "/schedules", tag = "schedules", request_body = NewSchedule,
    responses((status = 201, description = "The schedule.", body = Saved<Schedule>)))]
async fn create(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let new: NewSchedule = attempt.read()?;
    let work =
        async |tx: &mut TenantTx| Ok(Answer::new(StatusCode::CREATED, schedules::create(tx, new).await?));
    once(&inside, &attempt, work).await
}

/// A schedule.
#[utoipa::path(get, path = "/schedules/{id}", tag = "schedules", params(("id" = ScheduleId, Path)),
    responses((status = 200, description = "The schedule.", body = Schedule)))]
async fn get(inside: InWorkspace, Path(id): Path<ScheduleId>) -> Result<Json<Schedule>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(schedules::get(&mut tx, id).await?))
}

/// Changes some fields. With `version`, a field that somebody else changed since is a conflict that shows both.
#[utoipa::path(patch, path = "/schedules/{id}", tag = "schedules", params(("id" = ScheduleId, Path)),
    request_body = SchedulePatch,
    responses((status = 200, description = "The schedule.", body = Saved<Schedule>)))]
async fn update(
    inside: InWorkspace,
    Path(id): Path<ScheduleId>,
    Json(patch): Json<SchedulePatch>,
) -> Result<Json<Saved<Schedule>>, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(schedules::update(tx, id, patch).await?);
    save(&inside, work).await.map(Json)
}

/// Removes a schedule. The tasks that it made stay.
#[utoipa::path(delete, path = "/schedules/{id}", tag = "schedules", params(("id" = ScheduleId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn remove(inside: InWorkspace, Path(id): Path<ScheduleId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(schedules::remove(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}

/// Makes its task now. The next time stays as it is.
#[utoipa::path(post, path = "/schedules/{id}/run", tag = "schedules", params(("id" = ScheduleId, Path)),
    responses((status = 201, description = "The task.", body = Saved<Task>)))]
async fn run(inside: InWorkspace, Path(id): Path<ScheduleId>, attempt: Attempt) -> Result<Response, Refusal> {
    attempt.read_nothing()?;
    let work = async |tx: &mut TenantTx| Ok(Answer::new(StatusCode::CREATED, schedules::run(tx, id).await?));
    once(&inside, &attempt, work).await
}
