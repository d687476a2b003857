//! Where a person is signed in. An API key has no sessions.

use axum::http::StatusCode;
use backend::auth::sessions;
use domain::session::SessionInfo;
use domain::{Page, SessionId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use super::session::person;
use crate::http::identity::Who;
use crate::http::problem::Refusal;
use crate::http::provenance::Asked;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, revoke_others)).routes(routes!(revoke))
}

/// The person's sessions that can still be used: this one, then the others by their last use.
#[utoipa::path(get, path = "/sessions", tag = "session", params(Paging),
    responses((status = 200, description = "One page of sessions.", body = Page<SessionInfo>)))]
async fn list(
    Asked(database): Asked,
    who: Who,
    Filter(paging): Filter<Paging>,
) -> Result<Json<Page<SessionInfo>>, Refusal> {
    let person = person(&who.identity)?;
    let mut tx = database.auth().await?;
    let sessions = sessions::list(&mut tx, person).await?;
    paging.of(sessions, |session| session.id.to_string()).map(Json)
}

/// Ends one of them at once. Its sockets are closed within five seconds.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "session", params(("id" = SessionId, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
async fn revoke(Asked(database): Asked, who: Who, Path(id): Path<SessionId>) -> Result<StatusCode, Refusal> {
    let person = person(&who.identity)?;
    let mut tx = database.auth().await?;
    sessions::revoke(&mut tx, person, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of the person but this one.
#[utoipa::path(delete, path = "/sessions", tag = "session",
    responses((status = 204, description = "The person is signed in here alone.")))]
async fn revoke_others(Asked(database): Asked, who: Who) -> Result<StatusCode, Refusal> {
    let person = person(&who.identity)?;
    let mut tx = database.auth().await?;
    sessions::revoke_others(&mut tx, person).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
