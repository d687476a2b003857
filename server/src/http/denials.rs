//! What somebody known was refused for want of a right goes into the audit trail: one who tries doors is worth
//! noticing. The refusal itself rolled its transaction back, so this is one of its own, after the answer is made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use backend::audit::{self, Event};
use domain::audit::Action;
use tenancy::{Caller, Database, StoreError};
use uuid::Uuid;

use crate::http::provenance::asked;
use crate::state::AppState;

/// The same refusal of the same somebody is noted once in this time.
const QUIET: Duration = Duration::from_secs(60);
/// So many are remembered at most; beyond it all are forgotten, and noted anew.
const REMEMBERED: usize = 10_000;

/// Who a request turned out to come from: filled in where it is let into a workspace.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<OnceLock<Caller>>);

impl Known {
    pub fn is(&self, caller: &Caller) {
        self.0.set(caller.clone()).ok();
    }
}

/// What was noted a moment ago.
#[derive(Debug, Clone, Default)]
pub struct Denials(Arc<Mutex<HashMap<(Uuid, String), Instant>>>);

impl Denials {
    /// Whether this is the first of its kind for a while.
    fn is_news(&self, who: Uuid, what: &str, now: Instant) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= REMEMBERED {
            noted.clear();
        }
        let key = (who, what.to_owned());
        let news = noted.get(&key).is_none_or(|at| now.saturating_duration_since(*at) >= QUIET);
        if news {
            noted.insert(key, now);
        }
        news
    }
}

/// The layer around the API.
pub async fn layer(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let known = Known::default();
    request.extensions_mut().insert(known.clone());
    // The route and not the path: what somebody outside made up does not get into the trail.
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let what = format!("{} {}", request.method(), route.unwrap_or_default());
    let database = asked(&state.database, request.extensions());
    let response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Some(caller) = known.0.get()
    {
        note(&state.denials, &database, caller, &what).await;
    }
    response
}

/// Notes that somebody was refused something, where it was not noted a moment ago.
pub(crate) async fn note(denials: &Denials, database: &Database, caller: &Caller, what: &str) {
    if denials.is_news(caller.owner(), what, Instant::now())
        && let Err(error) = write(database, caller, what).await
    {
        tracing::warn!(%error, "a refusal could not be noted in the audit trail");
    }
}

async fn write(database: &Database, caller: &Caller, what: &str) -> Result<(), StoreError> {
    let mut tx = database.begin(caller).await?;
    audit::record(&mut tx, Event::new(Action::AccessDenied).saying(what).refused()).await?;
    tx.commit().await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_refusal_is_noted_once_a_minute_and_memory_is_bounded() {
        let (denials, start) = (Denials::default(), Instant::now());
        let who = Uuid::from_u128(1);
        assert!(denials.is_news(who, "POST /tasks", start));
        assert!(!denials.is_news(who, "POST /tasks", start + Duration::from_secs(59)));
        assert!(denials.is_news(who, "GET /api-keys", start));
        assert!(denials.is_news(Uuid::from_u128(2), "POST /tasks", start));
        assert!(denials.is_news(who, "POST /tasks", start + QUIET));
        for number in 0..2 * REMEMBERED as u128 {
            denials.is_news(Uuid::from_u128(number), "x", start);
            assert!(denials.0.lock().unwrap().len() <= REMEMBERED);
        }
    }
}
