//! The audit trail: read by administrators, and exported as it stands.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use backend::audit::{self, PAGE};
use domain::audit::AuditEntry;
use domain::{DateTime, Page};
use futures::stream;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::filter::Filter;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Json;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

/// Which entries.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Such as `key.created`.
    #[serde(default)]
    action: Option<String>,
    /// The id of a person or a key.
    #[serde(default)]
    actor: Option<Uuid>,
    /// The id of what it was done to.
    #[serde(default)]
    target: Option<Uuid>,
    /// `ok` or `refused`.
    #[serde(default)]
    result: Option<String>,
    /// Not before.
    #[serde(default)]
    from: Option<DateTime>,
    /// Before.
    #[serde(default)]
    to: Option<DateTime>,
}

#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listed {
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    actor: Option<Uuid>,
    #[serde(default)]
    target: Option<Uuid>,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    from: Option<DateTime>,
    #[serde(default)]
    to: Option<DateTime>,
    /// 1 to 200, default 50.
    #[serde(default)]
    limit: Option<usize>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl From<Wanted> for audit::Filter {
    fn from(wanted: Wanted) -> Self {
        let Wanted { action, actor, target, result, from, to } = wanted;
        Self { action, actor, target, result, from, to, before: None }
    }
}

/// The newest entries first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Listed),
    responses((status = 200, description = "One page of entries.", body = Page<AuditEntry>)))]
async fn list(
    inside: InWorkspace,
    Filter(listed): Filter<Listed>,
) -> Result<Json<Page<AuditEntry>>, Refusal> {
    let Listed { action, actor, target, result, from, to, limit, cursor } = listed;
    let limit = limit.unwrap_or(50);
    if !(1..=PAGE).contains(&limit) {
        return Err(Refusal::invalid("limit", "limit must be 1 to 200."));
    }
    let before = match cursor.filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(cursor) => {
            let unreadable =
                || Refusal::invalid("cursor", "cursor must be the next_cursor of the page before.");
            Some(cursor.parse().map_err(|_| unreadable())?)
        }
    };
    let filter = audit::Filter { before, ..Wanted { action, actor, target, result, from, to }.into() };
    let mut tx = inside.begin().await?;
    let items = audit::list(&mut tx, &filter, limit).await?;
    let full = items.len() == limit;
    let next_cursor = items.last().filter(|last| full && last.number > 1).map(|last| last.number.to_string());
    Ok(Json(Page { items, next_cursor }))
}

/// Every entry that matches, one JSON object per line, the newest first. That it was exported is an entry too.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(Wanted),
    responses((status = 200, description = "JSON lines of entries.", body = String, content_type = "application/x-ndjson")))]
async fn export(inside: InWorkspace, Filter(wanted): Filter<Wanted>) -> Result<Response, Refusal> {
    let mut tx = inside.begin().await?;
    audit::begin_export(&mut tx).await?;
    tx.commit().await?;
    let filter = audit::Filter::from(wanted);
    let body = Body::from_stream(stream::try_unfold(Some((inside, filter)), next_page));
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""),
    ];
    Ok((headers, body).into_response())
}

/// What is left to export.
type Rest = Option<(InWorkspace, audit::Filter)>;

/// A page per transaction: whoever reads slowly holds nothing open. An answer that breaks off is cut short, so that
/// nobody takes it for whole.
async fn next_page(rest: Rest) -> Result<Option<(Bytes, Rest)>, std::io::Error> {
    let Some((inside, mut filter)) = rest else {
        return Ok(None);
    };
    let failed = |_| std::io::Error::other("the export broke off");
    let mut tx = inside.begin().await.map_err(failed)?;
    let entries = audit::list(&mut tx, &filter, PAGE)
        .await
        .map_err(|_| std::io::Error::other("the export broke off"))?;
    drop(tx);
    let mut lines = Vec::new();
    for entry in &entries {
        serde_json::to_writer(&mut lines, entry)?;
        lines.push(b'\n');
    }
    filter.before = entries.last().map(|last| last.number);
    let rest = (entries.len() == PAGE).then_some((inside, filter));
    Ok(Some((Bytes::from(lines), rest)))
}
