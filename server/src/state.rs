//! What the handlers share.

use std::sync::Arc;

use agents::{GitStore, Isolation};
use backend::executions::Watchers;
use tenancy::Database;

use crate::config::Config;
use crate::http::api::Streams;
use crate::http::denials::Denials;
use crate::http::health::Health;
use crate::http::limit::Limits;
use crate::live::{Bounds, Hub};
use crate::shutdown::Shutdown;

/// Made once by the composition root; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub limits: Limits,
    pub denials: Denials,
    pub health: Health,
    pub shutdown: Shutdown,
    pub database: Database,
    pub repositories: GitStore,
    /// What holds executions on this machine.
    pub isolation: Isolation,
    pub watchers: Watchers,
    pub streams: Streams,
    pub live: Hub,
}

/// What the capabilities work with.
#[derive(Debug, Clone)]
pub struct Services {
    pub database: Database,
    pub repositories: GitStore,
    pub isolation: Isolation,
    pub watchers: Watchers,
}

impl AppState {
    /// From the configuration and what was set up by it.
    pub fn new(config: Config, health: Health, shutdown: Shutdown, services: Services) -> Self {
        let Services { database, repositories, isolation, watchers } = services;
        let (limits, denials) = (Limits::new(config.rate), Denials::default());
        let streams = Streams::default();
        let bounds = Bounds { per_person: config.sockets_per_person(), ..Bounds::default() };
        let live = Hub::start(database.clone(), watchers.clone(), &shutdown, bounds);
        let config = Arc::new(config);
        Self {
            config,
            limits,
            denials,
            health,
            shutdown,
            database,
            repositories,
            isolation,
            watchers,
            streams,
            live,
        }
    }
}
