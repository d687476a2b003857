//! API keys. A secret is shown once, and not even a replay by `Idempotency-Key` shows it again: that answer is stored,
//! and no secret is.

use axum::http::StatusCode;
use axum::response::Response;
use backend::auth;
use domain::session::{ApiKey, Role, Scope};
use domain::{ApiKeyId, DateTime, Page, Saved};
use serde::{Deserialize, Serialize};
use tenancy::TenantTx;
use utoipa::ToSchema;
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
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    name: String,
    /// Not above one's own.
    role: Role,
    /// Default: all of the role's.
    #[serde(default)]
    scopes: Option<Vec<Scope>>,
    /// Default: never.
    #[serde(default)]
    expires_at: Option<DateTime>,
}

/// A key that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeApiKey {
    #[serde(flatten)]
    api_key: ApiKey,
    /// The secret: here and now, and never again. `null` in a replayed answer.
    key: Option<String>,
}

/// The keys that are not revoked, newest first.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys", params(Paging),
    responses((status = 200, description = "One page of keys, without their secrets.", body = Page<ApiKey>)))]
async fn list(inside: InWorkspace, Filter(paging): Filter<Paging>) -> Result<Json<Page<ApiKey>>, Refusal> {
    let mut tx = inside.begin().await?;
    let keys = auth::keys(&mut tx).await?;
    paging.of(keys, |key| key.id.to_string()).map(Json)
}

/// Makes a key. Its secret is in this answer alone.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys", request_body = NewApiKey,
    responses((status = 201, description = "The key with its secret.", body = Saved<MadeApiKey>)))]
async fn create(inside: InWorkspace, attempt: Attempt) -> Result<Response, Refusal> {
    let NewApiKey { name, role, scopes, expires_at } = attempt.read()?;
    let work = async |tx: &mut TenantTx| {
        let (api_key, secret) = auth::create_key(tx, auth::NewKey { name, role, scopes, expires_at }).await?;
        let kept = serde_json::to_value(MadeApiKey { api_key: api_key.clone(), key: None });
        let made = MadeApiKey { api_key, key: Some(secret.reveal().to_owned()) };
        Ok(Answer::new(StatusCode::CREATED, made).keeping(kept.map_err(|_| Refusal::internal())?))
    };
    once(&inside, &attempt, work).await
}

/// Revokes a key at once.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "api-keys", params(("id" = ApiKeyId, Path)),
    responses((status = 204, description = "It opens nothing any more.")))]
async fn revoke(inside: InWorkspace, Path(id): Path<ApiKeyId>) -> Result<Response, Refusal> {
    let work = async |tx: &mut TenantTx| Ok(auth::revoke_key(tx, id).await?);
    Ok(removed(save(&inside, work).await?.seq))
}
