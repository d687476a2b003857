//! Invitations into a workspace. A secret is shown once, as that of an API key.

use axum::extract::State;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use backend::auth::sessions;
use backend::workspaces::invitations::{self, Session};
use domain::workspaces::{Invitation, Joined, NewInvitation};
use domain::{Code, InvitationId, Page, Saved};
use serde::Serialize;
use tenancy::{Secret, TenantTx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use super::session::person;
use crate::http::address::ClientAddress;
use crate::http::idempotency::{Answer, Attempt, once, removed, save};
use crate::http::identity::{InWorkspace, Who};
use crate::http::problem::Refusal;
use crate::http::provenance::Asked;
use crate::http::read::{Json, Path};
use crate::http::sign_in::cookie;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(accept))
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    /// What opens it, to be handed to the one who is invited: here and now, and never again. `null` in a replayed
    /// answer.
    token: Option<String>,
    /// The page that uses it, for the one who is invited. `null` in a replayed answer.
    url: Option<String>,
}

/// The invitations that can still be used, newest first.
#[utoipa::path(get, path = "/invitations", tag = "invitations", params(Paging),
    responses((status = 200, description = "One page of invitations.", body = Page<Invitation>)))]
async fn list(
    inside: InWorkspace,
    Filter(paging): Filter<Paging>,
) -> Result<Json<Page<Invitation>>, Refusal> {
    let mut tx = inside.begin().await?;
    let open = invitations::list(&mut tx).await?;
    paging.of(open, |invitation| invitation.id.to_string()).map(Json)
}

/// Invites somebody. It can be used once, within a week, by who has this address.
#[utoipa::path(post, path = "/invitations", tag = "invitations", request_body = NewInvitation,
    responses((status = 201, description = "The invitation with its token.", body = Saved<MadeInvitation>)))]
async fn create(
    State(state): State<AppState>,
    inside: InWorkspace,
    attempt: Attempt,
) -> Result<Response, Refusal> {
    let new: NewInvitation = attempt.read()?;
    let work = async |tx: &mut TenantTx| {
        let (invitation, secret) = invitations::create(tx, &new).await?;
        let kept = MadeInvitation { invitation: invitation.clone(), token: None, url: None };
        let kept = serde_json::to_value(kept);
        let url = Some(format!("{}/login/{}", state.config.origin(), secret.reveal()));
        let made = MadeInvitation { invitation, token: Some(secret.reveal().to_owned()), url };
        Ok(Answer::new(StatusCode::CREATED, made).keeping(kept.map_err(|_| Refusal::internal())?))
    };
    once(&inside, &attempt, work).await
}

/// Takes an invitation back.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "invitations", params(("id" = InvitationId, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
async fn revoke(inside: InWorkspace, Path(id): Path<InvitationId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(invitations::revoke(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}

/// Uses an invitation, once. Whoever has no account yet is signed in by it.
#[utoipa::path(post, path = "/invitations/{token}/accept", tag = "session",
    params(("token" = String, Path, description = "As it was handed out.")),
    responses((status = 200, description = "What one has joined.", body = Joined)))]
async fn accept(
    State(state): State<AppState>,
    Asked(database): Asked,
    address: ClientAddress,
    (headers, who): (HeaderMap, Result<Who, Refusal>),
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    state.limits.check_sign_in(address)?;
    let who = match who {
        Ok(who) => Some(who),
        Err(refusal) if refusal.problem().code == Code::Unauthenticated => None,
        Err(refusal) => return Err(refusal),
    };
    let visitor = who.as_ref().map(|who| person(&who.identity)).transpose()?;
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let mut tx = database.auth().await?;
    let accepted = invitations::accept(&mut tx, &Secret::received(&token), visitor, agent).await?;
    let token = match (accepted.session, visitor) {
        (Session::Opened(signed), _) => Some(signed.token),
        // What the person may do has changed.
        (Session::Kept, Some(visitor)) => Some(sessions::rotate(&mut tx, visitor).await?),
        (Session::Kept, None) => None,
    };
    tx.commit().await?;
    state.limits.signed_in(address);
    let mut response = Json(accepted.joined).into_response();
    if let Some(token) = token {
        response.headers_mut().append(SET_COOKIE, cookie(&token, state.config.https()));
    }
    Ok(response)
}
