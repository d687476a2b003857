//! Whether the process lives, and whether each thing it needs answers.
//!
//! The composition root registers one closure per dependency. A question never hangs: a check that takes longer than
//! a second counts as failed, and all who ask within a moment share one answer.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::http::read::Json;
use crate::shutdown::Shutdown;

const PATIENCE: Duration = Duration::from_secs(1);
const FRESH: Duration = Duration::from_millis(250);

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The checks of this process.
#[derive(Clone)]
pub struct Health {
    checks: Vec<(&'static str, Check)>,
    shutdown: Shutdown,
    last: Arc<Mutex<Option<(Instant, Readiness)>>>,
}

/// What `/health/ready` answers.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    status: &'static str,
    checks: BTreeMap<&'static str, Outcome>,
}

#[derive(Debug, Clone, Serialize)]
struct Outcome {
    ok: bool,
    ms: u128,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Health {
    /// Without checks: ready until shutdown begins.
    pub fn new(shutdown: Shutdown) -> Self {
        Self { checks: Vec::new(), shutdown, last: Arc::default() }
    }

    /// Adds a dependency. The text of a failure is shown to anyone: one plain sentence, no addresses.
    #[must_use]
    pub fn with<F, A>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.push((name, Arc::new(move || Box::pin(check()))));
        self
    }

    async fn readiness(&self) -> Readiness {
        let mut last = self.last.lock().await;
        if let Some((at, known)) = last.as_ref()
            && at.elapsed() < FRESH
        {
            return known.clone();
        }
        let found = join_all(self.checks.iter().map(|(name, check)| outcome(name, check))).await;
        let checks: BTreeMap<_, _> = found.into_iter().collect();
        let ready = checks.values().all(|outcome: &Outcome| outcome.ok);
        let readiness = Readiness { status: if ready { "ready" } else { "unready" }, checks };
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }
}

impl fmt::Debug for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.checks.iter().map(|(name, _)| name).collect();
        f.debug_struct("Health").field("checks", &names).finish_non_exhaustive()
    }
}

/// `/health`, `/health/live` and `/health/ready`.
pub fn routes(health: Health) -> Router {
    Router::new()
        .route("/health", get(about))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .with_state(health)
}

async fn about() -> Response {
    Json(serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

async fn live() -> Response {
    Json(serde_json::json!({ "status": "ok" })).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    if health.shutdown.has_begun() {
        let ending = Readiness { status: "shutting down", checks: BTreeMap::new() };
        return (StatusCode::SERVICE_UNAVAILABLE, Json(ending)).into_response();
    }
    let readiness = health.readiness().await;
    let status = if readiness.status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

async fn outcome(name: &'static str, check: &Check) -> (&'static str, Outcome) {
    let began = Instant::now();
    let result = tokio::time::timeout(PATIENCE, check()).await;
    let detail = match result {
        Ok(Ok(())) => None,
        Ok(Err(detail)) => Some(detail),
        Err(_) => Some("did not answer within a second".to_owned()),
    };
    (name, Outcome { ok: detail.is_none(), ms: began.elapsed().as_millis(), detail })
}
