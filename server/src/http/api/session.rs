//! Who is signed in, and which workspaces are theirs.

use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use backend::auth::{self, AuthError};
use domain::Code;
use domain::session::{Session, Workspace};
use serde::Deserialize;
use tenancy::{Identity, Person, WorkspaceRef};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::identity::{Who, session_cookie};
use crate::http::problem::Refusal;
use crate::http::provenance::Asked;
use crate::http::read::{Json, is_page};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(choose_workspace)).routes(routes!(sign_out))
}

/// Which workspace `/` leads to from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkspaceChoice {
    /// Slug or id.
    workspace: String,
}

/// Who this is, in the workspace that the request names or, without one, in the session's last.
#[utoipa::path(get, path = "/session", tag = "session",
    responses((status = 200, description = "The session. A key has no user.", body = Session)))]
async fn get(State(state): State<AppState>, who: Who) -> Result<Json<Session>, Refusal> {
    session(&state, &who.identity, who.workspace.as_ref()).await.map(Json)
}

/// Remembers which workspace `/` leads to. Doing it twice is doing it once.
#[utoipa::path(post, path = "/session/workspace", tag = "session", request_body = WorkspaceChoice,
    responses((status = 200, description = "The workspace.", body = Workspace)))]
async fn choose_workspace(
    State(state): State<AppState>,
    who: Who,
    Json(choice): Json<WorkspaceChoice>,
) -> Result<Json<Workspace>, Refusal> {
    let person = person(&who.identity)?;
    let mut tx = state.database.auth().await?;
    let named = WorkspaceRef::parse(choice.workspace.trim());
    let workspace =
        auth::remember_workspace(&mut tx, person, &named).await?.ok_or_else(Refusal::not_found)?;
    tx.commit().await?;
    Ok(Json(workspace))
}

/// Ends the session at once, on every device that shares its cookie.
#[utoipa::path(post, path = "/auth/logout", tag = "session",
    responses(
        (status = 204, description = "Signed out; the cookie is taken back."),
        (status = 303, description = "The same for the form of a page: on to the sign-in page.")))]
async fn sign_out(
    State(state): State<AppState>,
    Asked(database): Asked,
    headers: HeaderMap,
    who: Result<Who, Refusal>,
) -> Result<Response, Refusal> {
    match who {
        Ok(who) => {
            let person = person(&who.identity)?;
            let mut tx = database.auth().await?;
            auth::sign_out(&mut tx, person).await?;
            tx.commit().await?;
        }
        // The session had ended before its page was left: what was asked for is so.
        Err(refusal) if is_page(&headers) && refusal.problem().code == Code::Unauthenticated => {}
        Err(refusal) => return Err(refusal),
    }
    let https = state.config.https();
    let secure = if https { "; Secure" } else { "" };
    let ended = format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}", session_cookie(https));
    // A browser that gets nothing would stay on a page that it may no longer see.
    if is_page(&headers) {
        let to = [(SET_COOKIE, ended), (LOCATION, "/login?signed_out=1".to_owned())];
        return Ok((StatusCode::SEE_OTHER, to).into_response());
    }
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, ended)]).into_response())
}

pub(super) async fn session(
    state: &AppState,
    identity: &Identity,
    workspace: Option<&WorkspaceRef>,
) -> Result<Session, Refusal> {
    match auth::session(&state.database, identity, workspace).await {
        // The workspace: whoever asks is known already.
        Err(AuthError::NotFound) => Err(Refusal::not_found()),
        other => Ok(other?),
    }
}

pub(super) fn person(identity: &Identity) -> Result<&Person, Refusal> {
    match identity {
        Identity::Person(person) => Ok(person),
        Identity::Caller(_) => Err(Refusal::new(
            Code::Forbidden,
            "An API key has no session. Revoke the key where it should end.",
        )),
    }
}
