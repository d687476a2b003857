//! The roles `serve` and `work`: from the first socket to the last connection.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::house::House;
use crate::http::accept::{Bounds, Door};
use crate::http::health::Health;
use crate::http::{ops, tls};
use crate::master_keys;
use crate::roles::{LinkFor, create_link};
use crate::router;
use crate::shutdown::{Drained, Shutdown};
use crate::site;
use crate::state::{AppState, Services};
use crate::telemetry;
use crate::worker::Workshop;

/// Where to listen.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub public: SocketAddr,
    /// For the operator alone.
    pub ops: SocketAddr,
}

/// Whether this process carries executions out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Working {
    Here,
    Elsewhere,
}

/// Serves until the process is told to end, and ends in order.
///
/// # Errors
/// When something that it needs can't be had: one sentence that says what.
pub async fn serve(config: Config, addresses: Addresses, working: Working) -> anyhow::Result<()> {
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
    config.serves_at(public.local_addr()?);

    let (house, workshop) = tokio::try_join!(House::open(&config, &shutdown), Workshop::open(&config))?;
    // Refused here and not when the first secret is needed: a key that can't be read is a mistake to know of now.
    master_keys::warn_of_unknown(&house.database, &master_keys::load(&config).await?).await?;
    if working == Working::Here {
        workshop.start(&config, &house.database, &shutdown)?;
    }
    let health = health(&house, &shutdown);
    first_link(&config, &house).await?;
    let state = AppState::new(config, health.clone(), shutdown.clone(), services(&house, &workshop));

    let figures = ops::Figures::new(recorder);
    let ops_address = operator.local_addr()?;
    let ops = Door::new(operator, Bounds { connections: 64, ..Bounds::default() });
    shutdown.spawn(ops.serve(ops::router(figures, health), shutdown.clone()));
    let address = public.local_addr()?;
    let door = Door::new(public, Bounds::default());
    let door = tls.map_or(door.clone(), |tls| door.with_tls(tls));
    tracing::info!(ops = %ops_address, "ready on {scheme}://{address}");
    door.serve(router::router(&state, site::options()?), shutdown.clone()).await;
    end(house, &shutdown).await;
    Ok(())
}

/// Works until the process is told to end.
///
/// # Errors
/// As [`serve`].
pub async fn work(config: Config) -> anyhow::Result<()> {
    let shutdown = Shutdown::new();
    shutdown.listen_to_signals()?;
    let (house, workshop) = tokio::try_join!(House::open(&config, &shutdown), Workshop::open(&config))?;
    workshop.start(&config, &house.database, &shutdown)?;
    tracing::info!("working");
    shutdown.token().cancelled().await;
    end(house, &shutdown).await;
    Ok(())
}

fn services(house: &House, workshop: &Workshop) -> Services {
    Services {
        database: house.database.clone(),
        repositories: workshop.repositories.clone(),
        isolation: workshop.isolation.clone(),
        watchers: workshop.watchers.clone(),
    }
}

async fn end(house: House, shutdown: &Shutdown) {
    if let Drained::CutShort(tasks) = shutdown.drain().await {
        tracing::warn!(tasks, "some tasks did not end in time and are cut");
    }
    house.close().await;
}

fn health(house: &House, shutdown: &Shutdown) -> Health {
    let database = house.database.clone();
    Health::new(shutdown.clone()).with("database", move || {
        let database = database.clone();
        async move { database.ping().await.map_err(|_| "PostgreSQL does not answer".to_owned()) }
    })
}

/// Until somebody can sign in, every start prints a way to.
async fn first_link(config: &Config, house: &House) -> anyhow::Result<()> {
    let mut tx = house.database.auth().await?;
    let inhabited = backend::auth::has_signed_in(&mut tx).await?;
    drop(tx);
    if !inhabited {
        let first =
            LinkFor { email: "owner@localhost".to_owned(), workspace: Some("home".to_owned()), role: None };
        let url = create_link(config, house, first).await?;
        // On its own and not through the log: it lets somebody in.
        use std::io::Write as _;
        writeln!(
            std::io::stdout(),
            "\n  Nobody has signed in yet. Open this once, within 15 minutes:\n\n  {url}\n"
        )?;
    }
    Ok(())
}

async fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr).await.with_context(|| format!("can't listen on {addr}"))
}
