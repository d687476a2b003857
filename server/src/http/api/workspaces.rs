//! Workspaces: those of whoever asks, new ones, and one by its id. The path says which, whatever else the request
//! names.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use backend::auth::sessions;
use backend::workspaces::{create, delete, members, rename as give_name};
use domain::session::{Member, Workspace};
use domain::workspaces::{NewWorkspace, WorkspacePatch};
use domain::{Page, UserId, WorkspaceId};
use serde::Deserialize;
use tenancy::{Caller, Database, Identity, WorkspaceRef};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use super::session::{person, session};
use crate::http::denials::Known;
use crate::http::identity::Who;
use crate::http::problem::Refusal;
use crate::http::provenance::Asked;
use crate::http::read::{Json, Path};
use crate::http::sign_in::cookie;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(workspaces, create_workspace))
        .routes(routes!(get, rename, remove))
        .routes(routes!(transfer))
}

/// Somebody in the workspace that the path names. One that is not there and one that is not theirs are alike.
struct Inside {
    who: Who,
    caller: Caller,
    database: Database,
}

impl FromRequestParts<AppState> for Inside {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Path(id) = Path::<WorkspaceId>::from_request_parts(parts, state).await?;
        let who = Who::from_request_parts(parts, state).await?;
        let Ok(Asked(database)) = Asked::from_request_parts(parts, state).await;
        let caller = match &who.identity {
            Identity::Caller(caller) => Some(caller.clone()).filter(|caller| caller.workspace() == id),
            Identity::Person(person) => database.enter(person, &WorkspaceRef::Id(id)).await?,
        };
        let caller = caller.ok_or_else(Refusal::not_found)?;
        state.limits.check_workspace(caller.workspace())?;
        if let Some(known) = parts.extensions.get::<Known>() {
            known.is(&caller);
        }
        Ok(Self { who, caller, database })
    }
}

/// The workspaces of whoever asks; a key has one.
#[utoipa::path(get, path = "/workspaces", tag = "session", params(Paging),
    responses((status = 200, description = "One page of workspaces.", body = Page<Workspace>)))]
async fn workspaces(
    State(state): State<AppState>,
    who: Who,
    Filter(paging): Filter<Paging>,
) -> Result<Json<Page<Workspace>>, Refusal> {
    let session = session(&state, &who.identity, None).await?;
    paging.of(session.workspaces, |workspace| workspace.id.to_string()).map(Json)
}

/// Makes a workspace of one's own. Sending the same `id` twice makes one.
#[utoipa::path(post, path = "/workspaces", tag = "session", request_body = NewWorkspace,
    responses((status = 201, description = "The workspace.", body = Workspace)))]
async fn create_workspace(
    Asked(database): Asked,
    who: Who,
    Json(new): Json<NewWorkspace>,
) -> Result<(StatusCode, Json<Workspace>), Refusal> {
    let person = person(&who.identity)?;
    let mut tx = database.auth().await?;
    let workspace = create(&mut tx, person, new).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(workspace)))
}

/// One workspace.
#[utoipa::path(get, path = "/workspaces/{id}", tag = "workspaces", params(("id" = WorkspaceId, Path)),
    responses((status = 200, description = "The workspace.", body = Workspace)))]
async fn get(inside: Inside) -> Result<Json<Workspace>, Refusal> {
    let mut tx = inside.database.begin(&inside.caller).await?;
    Ok(Json(backend::auth::own_workspace(&mut tx).await?))
}

/// Gives it another name. A new slug changes the address of all its pages.
#[utoipa::path(patch, path = "/workspaces/{id}", tag = "workspaces", params(("id" = WorkspaceId, Path)),
    request_body = WorkspacePatch,
    responses((status = 200, description = "The workspace.", body = Workspace)))]
async fn rename(inside: Inside, Json(patch): Json<WorkspacePatch>) -> Result<Json<Workspace>, Refusal> {
    let mut tx = inside.database.auth().await?;
    let workspace = give_name(&mut tx, &inside.caller, patch).await?;
    tx.commit().await?;
    Ok(Json(workspace))
}

/// Deletes it with all that is in it, for good. Its owner alone may.
#[utoipa::path(delete, path = "/workspaces/{id}", tag = "workspaces", params(("id" = WorkspaceId, Path)),
    responses((status = 204, description = "It is gone.")))]
async fn remove(inside: Inside) -> Result<StatusCode, Refusal> {
    delete(&inside.database, &inside.caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom a workspace is handed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    user_id: UserId,
}

/// Hands it to another member, who owns it from now on. The session that asks gets a new cookie.
#[utoipa::path(post, path = "/workspaces/{id}/transfer", tag = "session", params(("id" = WorkspaceId, Path)),
    request_body = Transfer,
    responses((status = 200, description = "The new owner.", body = Member)))]
async fn transfer(
    State(state): State<AppState>,
    inside: Inside,
    Json(to): Json<Transfer>,
) -> Result<Response, Refusal> {
    let mut tx = inside.database.auth().await?;
    let member = members::transfer(&mut tx, &inside.caller, to.user_id).await?;
    let token = sessions::rotate(&mut tx, person(&inside.who.identity)?).await?;
    tx.commit().await?;
    Ok(([(SET_COOKIE, cookie(&token, state.config.https()))], Json(member)).into_response())
}
