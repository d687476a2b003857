//! Log lines and figures of the process: set up once, before anything else.

mod lines;

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};
use crate::shutdown::Shutdown;

pub use lines::OneLine;

/// Sends what is traced to standard error, one line per event, and panics with it.
///
/// # Errors
/// When it was set up before.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.log).context("LOG")?)
        .with_ansi(false)
        .with_writer(|| OneLine::new(std::io::stderr()));
    let started = match config.log_format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).try_init(),
        LogFormat::Pretty => builder.with_target(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging was set up before: {error}"))?;
    // The one place where a panic is logged; what is answered says only its trace id.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        tracing::error!(at, message, "a panic was caught");
    }));
    Ok(())
}

/// The recorder of this process's figures. The same one however often it is asked for.
///
/// # Errors
/// When another recorder was installed first.
pub fn metrics() -> anyhow::Result<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let installed = HANDLE.get_or_init(|| install().map_err(|error| error.to_string()));
    installed.as_ref().map_err(|error| anyhow::anyhow!("the metrics recorder: {error}"))
}

/// Keeps the recorder's memory bounded while nobody scrapes it.
pub fn keep_tidy(handle: &'static PrometheusHandle, shutdown: &Shutdown) {
    let token = shutdown.token();
    shutdown.spawn(async move {
        let mut every = tokio::time::interval(Duration::from_secs(5));
        loop {
            tokio::select! {
                () = token.cancelled() => return,
                _ = every.tick() => handle.run_upkeep(),
            }
        }
    });
}

fn install() -> anyhow::Result<PrometheusHandle> {
    const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .install_recorder()?;
    crate::http::metrics::describe();
    Ok(handle)
}
