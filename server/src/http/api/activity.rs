//! Who did what with a task.

use backend::activity;
use backend::tasks::{self, TaskRef};
use domain::Page;
use domain::activity::Activity;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Window {
    /// 1 to 100.
    #[serde(default = "usual")]
    limit: u32,
    /// From the page before.
    #[serde(default)]
    cursor: String,
}

fn usual() -> u32 {
    50
}

/// What was done with a task and by whom, newest first.
#[utoipa::path(get, path = "/tasks/{id}/activity", tag = "activity",
    params(("id" = String, Path, description = "The task's id or number."), Window),
    responses((status = 200, description = "One page of it.", body = Page<Activity>)))]
async fn list(
    inside: InWorkspace,
    Path(task): Path<String>,
    Filter(window): Filter<Window>,
) -> Result<Json<Page<Activity>>, Refusal> {
    let mut tx = inside.begin().await?;
    let task = tasks::get(&mut tx, task.parse::<TaskRef>()?).await?;
    Ok(Json(activity::list(&mut tx, task.id, window.limit, &window.cursor).await?))
}
