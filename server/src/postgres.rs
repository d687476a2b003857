//! Which PostgreSQL the process works on: the operator's by `DATABASE_URL`, else the managed local one.

use std::time::Duration;

use anyhow::Context as _;
use cluster::{Cluster, Health, Settings};

use crate::config::{Config, Secret};
use crate::shutdown::Shutdown;

/// Where to connect, and the managed cluster where there is one.
#[derive(Debug)]
pub struct Postgres {
    /// The application's login role.
    pub url: Secret,
    /// The owner, for migrations; none where the operator keeps it elsewhere.
    pub owner_url: Option<Secret>,
    cluster: Option<Cluster>,
}

impl Postgres {
    /// Starts or adopts the managed cluster, unless the operator has named a server.
    ///
    /// # Errors
    /// One sentence that says what to install or set.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = config.database.url.clone() {
            return Ok(Self { url, owner_url: config.database.owner_url.clone(), cluster: None });
        }
        let settings =
            Settings { bin_dir: config.database.bin_dir.clone(), ..Settings::new(config.data.clone()) };
        let cluster = tokio::task::spawn_blocking(move || Cluster::open(&settings))
            .await
            .context("starting PostgreSQL")?
            .context("the managed PostgreSQL")?;
        Ok(Self {
            url: Secret::new(cluster.app_url()),
            owner_url: Some(Secret::new(cluster.owner_url())),
            cluster: Some(cluster),
        })
    }

    /// Whether this program's installation owns the schema and may bring it up to date by itself.
    pub fn is_managed(&self) -> bool {
        self.cluster.is_some()
    }

    /// Keeps the managed cluster running until the end, then lets go of it. Await the guard after the pool is
    /// closed: the last program out stops the server.
    pub fn guard(self, shutdown: &Shutdown) -> Guard {
        let token = shutdown.token();
        let Some(mut cluster) = self.cluster else {
            return Guard(None);
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "`Guard::close` waits for it, after everything else has ended"
        )]
        let watch = tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(1));
            while token.run_until_cancelled(every.tick()).await.is_some() {
                let looked = tokio::task::spawn_blocking(move || {
                    let health = cluster.ensure();
                    (cluster, health)
                });
                let Ok((back, health)) = looked.await else {
                    return None;
                };
                cluster = back;
                match health {
                    Ok(Health::Running) => {}
                    Ok(Health::Restarted) => tracing::warn!("PostgreSQL had died and was started again"),
                    Err(error) => tracing::error!(%error, "PostgreSQL is down and can't be started"),
                }
            }
            Some(cluster)
        });
        Guard(Some(watch))
    }
}

/// Holds the managed cluster for the life of the process.
#[derive(Debug)]
pub struct Guard(Option<tokio::task::JoinHandle<Option<Cluster>>>);

impl Guard {
    /// Lets go of the cluster. Call it when shutdown has begun and no connection is open any more.
    pub async fn close(self) {
        let Some(watch) = self.0 else { return };
        let Ok(Some(cluster)) = watch.await else { return };
        match tokio::task::spawn_blocking(move || cluster.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the managed PostgreSQL could not be stopped"),
            Err(error) => tracing::error!(%error, "stopping the managed PostgreSQL"),
        }
    }
}
