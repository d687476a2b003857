//! The worker of this process: it carries out executions, and jobs in the background.

use agents::{GitStore, Isolation, Launcher, Limits};
use anyhow::Context as _;
use backend::executions::{Runner, Settings, Watchers, WorkerId};
use backend::tools::Tools;
use tenancy::Database;

use crate::config::Config;
use crate::modules;
use crate::roles::own_program;
use crate::shutdown::Shutdown;

/// What the request path and the worker of one process share about executions.
#[derive(Debug, Clone)]
pub struct Workshop {
    pub repositories: GitStore,
    pub isolation: Isolation,
    pub watchers: Watchers,
}

impl Workshop {
    /// Looks what this machine can do. Takes a moment: it tries a sandbox.
    ///
    /// # Errors
    /// When the look itself fails.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let isolation = tokio::task::spawn_blocking(agents::isolation::detect)
            .await
            .context("looking at this machine")?;
        if let Some(advice) = isolation.advice() {
            tracing::warn!("{advice}");
        }
        tracing::info!(layers = %isolation.layers().join(", "), "isolation of executions");
        let repositories = GitStore::new(config.data.clone(), config.repository_roots.clone());
        Ok(Self { repositories, isolation, watchers: Watchers::default() })
    }

    /// Starts the worker; it ends with the process and leaves what runs to its supervisors.
    ///
    /// # Errors
    /// When another worker has every place on this data folder.
    pub fn start(&self, config: &Config, database: &Database, shutdown: &Shutdown) -> anyhow::Result<()> {
        let ids = database.ids().clone();
        let worker = WorkerId::take(&config.data, || ids.make()).context("becoming a worker")?;
        let settings = Settings {
            database: database.clone(),
            launcher: Launcher::new(own_program()?, config.data.clone(), self.isolation.clone()),
            repositories: self.repositories.clone(),
            watchers: self.watchers.clone(),
            worker,
            slots: usize::try_from(config.slots.get()).unwrap_or(1),
            memory_reserve: u64::from(config.memory_reserve.get()) * 1024 * 1024,
            limits: Limits::default(),
            readable: Vec::new(),
            custom_agent: config.custom_agent.clone(),
            reachable: config.allow_networks.clone(),
        };
        shutdown.spawn(Runner::new(settings).run(shutdown.token()));
        let jobs = modules::worker(database.clone(), Tools { repositories: self.repositories.clone() })?;
        shutdown.spawn(jobs.run(shutdown.token()));
        Ok(())
    }
}
