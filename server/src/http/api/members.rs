//! Who is in the workspace, and what they are there.

use axum::http::StatusCode;
use backend::auth;
use backend::workspaces::members;
use domain::session::{Member, Role};
use domain::{Page, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(change_role, remove))
}

/// Everybody in the workspace, by name.
#[utoipa::path(get, path = "/members", tag = "members", params(Paging),
    responses((status = 200, description = "One page of members.", body = Page<Member>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<Member>>, Refusal> {
    let mut tx = inside.begin().await?;
    let members = auth::members(&mut tx).await?;
    paging.of(members, |member| member.user_id.to_string()).map(Json)
}

/// What a member shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberPatch {
    /// Not above one's own.
    role: Role,
}

/// Gives a member another role. It counts from their next request.
#[utoipa::path(patch, path = "/members/{user_id}", tag = "members", params(("user_id" = UserId, Path)),
    request_body = MemberPatch,
    responses((status = 200, description = "The member.", body = Member)))]
async fn change_role(
    inside: InWorkspace,
    Path(user): Path<UserId>,
    Json(patch): Json<MemberPatch>,
) -> Result<Json<Member>, Refusal> {
    let mut tx = inside.database.auth().await?;
    let member = members::change_role(&mut tx, &inside.caller, user, patch.role).await?;
    tx.commit().await?;
    Ok(Json(member))
}

/// Removes a member, with the keys that they made; or oneself, which is leaving.
#[utoipa::path(delete, path = "/members/{user_id}", tag = "members", params(("user_id" = UserId, Path)),
    responses((status = 204, description = "They are no member any more.")))]
async fn remove(inside: InWorkspace, Path(user): Path<UserId>) -> Result<StatusCode, Refusal> {
    let mut tx = inside.database.auth().await?;
    members::remove(&mut tx, &inside.caller, user).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
