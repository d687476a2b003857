//! An execution's log by lines: pages, commands and search. All of it as a file is [`super::log`]'s.

use backend::executions::log;
use domain::ExecutionId;
use domain::log::{LINES_LIMIT, LogCommand, LogHits, LogPage};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{Json, Path};
use crate::state::AppState;

const DEFAULT_LIMIT: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(page)).routes(routes!(commands)).routes(routes!(search))
}

/// Which lines.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LineFilter {
    /// The number of the first line. Default 0: the last lines of the log.
    #[serde(default)]
    line: Option<i64>,
    /// 1 to 1,000, default 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// What to find, and where.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Sought {
    /// A literal text, found whatever its case; 1 to 200 characters.
    #[serde(default)]
    q: Option<String>,
    /// Only lines after this one. Default 0: from the first.
    #[serde(default)]
    after: Option<i64>,
    /// 1 to 1,000, default 200.
    #[serde(default)]
    limit: Option<u32>,
}

/// Lines of an execution's log, numbered from 1, with the colours that programs wrote.
#[utoipa::path(get, path = "/executions/{id}/log", tag = "executions", params(("id" = ExecutionId, Path), LineFilter),
    responses((status = 200, description = "The lines.", body = LogPage)))]
async fn page(
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    Filter(filter): Filter<LineFilter>,
) -> Result<Json<LogPage>, Refusal> {
    let line = whole("line", filter.line)?;
    let limit = limited(filter.limit)?;
    let mut tx = inside.begin().await?;
    let page = log::log(&mut tx, id, line, limit).await?;
    tx.commit().await?;
    Ok(Json(page))
}

/// The commands of an execution's log with the lines they stand in, at most 4,000.
#[utoipa::path(get, path = "/executions/{id}/log/commands", tag = "executions", params(("id" = ExecutionId, Path)),
    responses((status = 200, description = "The commands.", body = Vec<LogCommand>)))]
async fn commands(
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
) -> Result<Json<Vec<LogCommand>>, Refusal> {
    let mut tx = inside.begin().await?;
    let commands = log::commands(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(commands))
}

/// Lines of an execution's log that contain a text.
///
/// One answer reads a bounded part of the log: ask on with `after` until `finished`.
#[utoipa::path(get, path = "/executions/{id}/log/search", tag = "executions", params(("id" = ExecutionId, Path), Sought),
    responses((status = 200, description = "What was found.", body = LogHits)))]
async fn search(
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    Filter(sought): Filter<Sought>,
) -> Result<Json<LogHits>, Refusal> {
    let after = whole("after", sought.after)?;
    let limit = limited(sought.limit)?;
    let mut tx = inside.begin().await?;
    let hits = log::search(&mut tx, id, &sought.q.unwrap_or_default(), after, limit).await?;
    tx.commit().await?;
    Ok(Json(hits))
}

fn whole(field: &'static str, value: Option<i64>) -> Result<i64, Refusal> {
    let value = value.unwrap_or_default();
    if value < 0 {
        return Err(Refusal::invalid(field, format!("{field} must be 0 or more.")));
    }
    Ok(value)
}

fn limited(limit: Option<u32>) -> Result<u32, Refusal> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    if (1..=LINES_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::invalid("limit", "limit must be 1 to 1000."))
}
