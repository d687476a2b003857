//! Executions: how a run of a task stands, what it said and what it changed.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use backend::executions::{self, EVENTS_LIMIT};
use domain::executions::{Diff, EventPage, Execution};
use domain::permission::Permission;
use domain::publish::{NewPublication, Publication};
use domain::{ExecutionId, Saved};
use serde::Deserialize;
use tenancy::TenantTx;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::events::{self, Following};
use super::filter::Filter;
use crate::http::idempotency::{Answer, Attempt, once};
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

const DEFAULT_LIMIT: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get))
        .routes(routes!(follow))
        .routes(routes!(diff))
        .routes(routes!(publish))
        .routes(routes!(patch))
}

/// Which events.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventFilter {
    /// Only later ones than this. Default 0: from the first.
    #[serde(default)]
    after: Option<i64>,
    /// 1 to 1,000, default 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// An execution, with the last 64 KiB of its output.
#[utoipa::path(get, path = "/executions/{id}", tag = "executions", params(("id" = ExecutionId, Path)),
    responses((status = 200, description = "The execution.", body = Execution)))]
async fn get(inside: InWorkspace, Path(id): Path<ExecutionId>) -> Result<Json<Execution>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(executions::get(&mut tx, id).await?))
}

/// An execution's events in order, from its own sequence that begins with 1.
///
/// With `Accept: text/event-stream` they are followed as they happen, until the execution has ended.
#[utoipa::path(get, path = "/executions/{id}/events", tag = "executions",
    params(("id" = ExecutionId, Path), EventFilter,
        ("Last-Event-ID" = Option<i64>, Header, description = "For a stream: go on after this one.")),
    responses((status = 200, description = "A page of events, or a stream of them.",
        content((EventPage = "application/json"), (String = "text/event-stream"))),
        (status = 204, description = "A stream was taken up again after its end.")))]
async fn follow(
    State(state): State<AppState>,
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    Filter(filter): Filter<EventFilter>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let after = filter.after.unwrap_or_default();
    if after < 0 {
        return Err(Refusal::invalid("after", "after must be 0 or more."));
    }
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=EVENTS_LIMIT).contains(&limit) {
        return Err(Refusal::invalid("limit", "limit must be 1 to 1000."));
    }
    if wants_stream(&headers) {
        let last = events::last_event_id(&headers)?;
        return events::stream(&state, inside, Following { execution: id, after, last }).await;
    }
    let mut tx = inside.begin().await?;
    Ok(Json(executions::events(&mut tx, id, after, limit).await?).into_response())
}

/// What an execution changed, against the commit that it began from. Empty until it has ended.
#[utoipa::path(get, path = "/executions/{id}/diff", tag = "executions", params(("id" = ExecutionId, Path)),
    responses((status = 200, description = "The diff.", body = Diff)))]
async fn diff(inside: InWorkspace, Path(id): Path<ExecutionId>) -> Result<Json<Diff>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(executions::diff(&mut tx, id).await?))
}

/// Publishes what an execution changed: a branch, a push or a merge, made by the host.
///
/// It is done in the background; how it goes stands in the execution's `publications`.
#[utoipa::path(post, path = "/executions/{id}/publish", tag = "executions", params(("id" = ExecutionId, Path)),
    request_body = NewPublication,
    responses((status = 202, description = "It is ordered.", body = Saved<Publication>)))]
async fn publish(
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    inside.caller.require(Permission::Publish)?;
    // What is not here has no publications, whatever the body says.
    executions::get(&mut inside.begin().await?, id).await?;
    let new: NewPublication = attempt.read()?;
    let work = async |tx: &mut TenantTx| {
        Ok(Answer::new(StatusCode::ACCEPTED, backend::publish::publish(tx, id, new).await?))
    };
    once(&inside, &attempt, work).await
}

/// What an execution changed, as `git am` takes it.
#[utoipa::path(get, path = "/executions/{id}/patch", tag = "executions", params(("id" = ExecutionId, Path)),
    responses((status = 200, description = "The patch.", body = String, content_type = "text/x-patch")))]
async fn patch(
    State(state): State<AppState>,
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
) -> Result<Response, Refusal> {
    let patch = backend::publish::patch(&state.database, &state.repositories, &inside.caller, id).await?;
    let name = format!("attachment; filename=\"{id}.patch\"");
    Ok(([(CONTENT_TYPE, "text/x-patch; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, name)], patch)
        .into_response())
}

/// Whichever of the two the client names first; anything else is content with a page.
fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let kinds = accepted.flat_map(|accepted| accepted.split(','));
    let mut kinds = kinds.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    kinds
        .find(|kind| kind == "application/json" || kind == "text/event-stream")
        .is_some_and(|kind| kind == "text/event-stream")
}
