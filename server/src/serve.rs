//! The role `serve`: from the first socket to the last connection.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::http::accept::{Bounds, Door};
use crate::http::health::Health;
use crate::http::{ops, tls};
use crate::postgres::Postgres;
use crate::router;
use crate::shutdown::{Drained, Shutdown};
use crate::site;
use crate::state::AppState;
use crate::telemetry;

/// Where to listen.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub public: SocketAddr,
    /// For the operator alone.
    pub ops: SocketAddr,
}

/// Serves until the process is told to end, and ends in order.
///
/// # Errors
/// When something that it needs can't be had: one sentence that says what.
pub async fn serve(config: Config, addresses: Addresses) -> anyhow::Result<()> {
    config.check_listen(addresses.public)?;
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    // Addresses first: a second `serve` by mistake must not touch anything.
    let public = listen(addresses.public).await?;
    let operator = listen(addresses.ops).await?;
    let shutdown = Shutdown::new();
    shutdown.listen_to_signals()?;
    let recorder = telemetry::metrics()?;
    telemetry::keep_tidy(recorder, &shutdown);
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let (address, ops_address) = (public.local_addr()?, operator.local_addr()?);

    let postgres = Postgres::open(&config).await?;
    let health = Health::new(shutdown.clone());
    let state = AppState::new(config, health.clone(), shutdown.clone());
    let guard = postgres.guard(&shutdown);

    let figures = ops::Figures::new(recorder);
    let ops = Door::new(operator, Bounds { connections: 64, ..Bounds::default() });
    shutdown.spawn(ops.serve(ops::router(figures, health), shutdown.clone()));
    let door = Door::new(public, Bounds::default());
    let door = tls.map_or(door.clone(), |tls| door.with_tls(tls));
    tracing::info!(ops = %ops_address, "ready on {scheme}://{address}");
    door.serve(router::router(&state, site::options()?), shutdown.clone()).await;

    if let Drained::CutShort(tasks) = shutdown.drain().await {
        tracing::warn!(tasks, "some connections did not end in time and are cut");
    }
    guard.close().await;
    Ok(())
}

async fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).await.with_context(|| format!("can't listen on {addr}"))
}
