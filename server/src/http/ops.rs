//! The operator's listener: figures and health, on an address of its own that the public never reaches.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::http::health::{self, Health};
use crate::http::problem;

/// Figures that are looked up when they are asked for (a pool's size, say). Called before each scrape; it sets
/// gauges and must not wait.
type Sample = Arc<dyn Fn() + Send + Sync>;

/// What `/metrics` shows.
#[derive(Clone)]
pub struct Figures {
    recorder: &'static PrometheusHandle,
    samples: Vec<Sample>,
}

impl Figures {
    /// Of this recorder.
    pub fn new(recorder: &'static PrometheusHandle) -> Self {
        Self { recorder, samples: Vec::new() }
    }

    /// Adds figures that are looked up at each scrape.
    #[must_use]
    pub fn with(mut self, sample: impl Fn() + Send + Sync + 'static) -> Self {
        self.samples.push(Arc::new(sample));
        self
    }
}

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Figures").field("samples", &self.samples.len()).finish_non_exhaustive()
    }
}

/// Everything on the operator's address.
pub fn router(figures: Figures, health: Health) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(figures)
        .merge(health::routes(health))
        .fallback(problem::not_found)
        .layer(axum::middleware::from_fn(crate::http::request_id::layer))
}

async fn metrics(State(figures): State<Figures>) -> Response {
    for sample in &figures.samples {
        sample();
    }
    let kind = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, figures.recorder.render()).into_response()
}
