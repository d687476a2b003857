//! Who is in the workspace.

use backend::auth;
use domain::Page;
use domain::session::Member;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::paging::Paging;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Json;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Everybody in the workspace, by name.
#[utoipa::path(get, path = "/members", tag = "members", params(Paging),
    responses((status = 200, description = "One page of members.", body = Page<Member>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<Member>>, Refusal> {
    let mut tx = inside.begin().await?;
    let members = auth::members(&mut tx).await?;
    paging.of(members, |member| member.user_id.to_string()).map(Json)
}
