//! The change feed over REST: what changed after a place, or, where nothing has, as soon as something does.

use std::time::Duration;

use axum::extract::State;
use domain::{Change, Code, Seq};
use serde::{Deserialize, Serialize};
use tenancy::feed::{self, History, Subscription};
use tokio::time::{Instant, timeout_at};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Json;
use crate::live::scope;
use crate::state::AppState;

const DEFAULT_LIMIT: i64 = 200;
const LIMIT: i64 = 1_000;
const LONGEST_WAIT: u64 = 30;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which changes.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ChangeFilter {
    /// Only later ones than this. Default: all that are kept.
    #[serde(default)]
    after: Option<i64>,
    /// 1 to 1,000, default 200.
    #[serde(default)]
    limit: Option<i64>,
    /// Seconds to wait for a change where there is none yet: 0 to 30, default 0.
    #[serde(default)]
    wait: Option<u64>,
}

/// A part of the feed. `next_after` may be past the last item: what lies between is not for this reader.
#[derive(Debug, Serialize, ToSchema)]
struct Changes {
    /// Another one than before: start over.
    epoch: String,
    items: Vec<Change>,
    next_after: i64,
    /// There was nothing more at the time.
    caught_up: bool,
}

/// Changes after a place in the feed, in order.
///
/// A place that the feed does not reach from (past its end, or further back than it is kept) is 409 with a `detail`
/// that begins `reset`: load the lists again and go on without `after`.
#[utoipa::path(get, path = "/changes", tag = "changes", params(ChangeFilter),
    responses((status = 200, description = "A part of the feed.", body = Changes)))]
async fn list(
    State(state): State<AppState>,
    mut inside: InWorkspace,
    Filter(filter): Filter<ChangeFilter>,
) -> Result<Json<Changes>, Refusal> {
    let (limit, wait) = check(&filter)?;
    let deadline = Instant::now() + Duration::from_secs(wait);
    // Taken before the reading, so that nothing falls between the two.
    let mut subscription = match wait {
        0 => None,
        _ => Some(inside.database.feed().subscribe(inside.caller.workspace()).await?),
    };
    let mut after = filter.after;
    loop {
        let changes = read(&inside, after, limit).await?;
        let Some(subscription) = subscription.as_mut().filter(|_| changes.items.is_empty()) else {
            return Ok(Json(changes));
        };
        let ending = state.shutdown.token();
        let woken = timeout_at(deadline, ending.run_until_cancelled(arrival(subscription)));
        if !matches!(woken.await, Ok(Some(()))) {
            return Ok(Json(changes));
        }
        after = Some(changes.next_after);
        // Whoever waited for half a minute may have been shown the door meanwhile.
        inside.caller = inside.visit.enter(&inside.database).await?;
    }
}

fn check(filter: &ChangeFilter) -> Result<(i64, u64), Refusal> {
    if filter.after.is_some_and(|after| after < 0) {
        return Err(Refusal::invalid("after", "after must be 0 or more."));
    }
    let limit = filter.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=LIMIT).contains(&limit) {
        return Err(Refusal::invalid("limit", "limit must be 1 to 1000."));
    }
    let wait = filter.wait.unwrap_or_default();
    if wait > LONGEST_WAIT {
        return Err(Refusal::invalid("wait", "wait must be 0 to 30 seconds."));
    }
    Ok((limit, wait))
}

async fn read(inside: &InWorkspace, after: Option<Seq>, limit: i64) -> Result<Changes, Refusal> {
    let mut tx = inside.begin().await?;
    let History { epoch, head, oldest, items } = match after {
        Some(after) => {
            let history = feed::history(&mut tx, after, limit).await?;
            if !history.reaches(after) {
                return Err(reset());
            }
            history
        }
        None => feed::history(&mut tx, 0, limit).await?,
    };
    // Without a place it begins where the log does.
    let start = after.unwrap_or_else(|| (oldest - 1).min(head));
    let next_after = items.last().map_or(start, |change| change.seq);
    let items =
        items.into_iter().filter(|change| scope::shows(&inside.caller, &change.entity, None)).collect();
    Ok(Changes { epoch, items, next_after, caught_up: next_after >= head })
}

/// Waits for a change. A reader that fell behind, and one whose feed has stopped, look by themselves.
async fn arrival(subscription: &mut Subscription) {
    subscription.next().await.ok();
}

fn reset() -> Refusal {
    let detail = "reset: the feed can't go on from there. Load the lists again, then go on without after.";
    Refusal::new(Code::Conflict, detail)
}
