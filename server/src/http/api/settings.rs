//! How the workspace works.

use backend::settings;
use domain::Saved;
use domain::settings::{Settings, SettingsPatch};
use tenancy::TenantTx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::idempotency::save;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Json;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, update))
}

/// The workspace's settings.
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "The settings.", body = Settings)))]
async fn get(inside: InWorkspace) -> Result<Json<Settings>, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(Json(settings::get(&mut tx).await?))
}

/// Changes some of them. Needs the right `admin`.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = SettingsPatch,
    responses((status = 200, description = "The settings.", body = Saved<Settings>)))]
async fn update(
    inside: InWorkspace,
    Json(patch): Json<SettingsPatch>,
) -> Result<Json<Saved<Settings>>, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(settings::update(tx, patch).await?);
    save(&inside, work).await.map(Json)
}
