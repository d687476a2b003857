//! What the handlers share.

use std::sync::Arc;

use crate::config::Config;
use crate::http::health::Health;
use crate::http::limit::Limits;
use crate::shutdown::Shutdown;

/// Made once by the composition root; cloning it is cheap.
#[derive(Debug, Clone)]
pub struct AppState {
    pub config: Arc<Config>,
    pub limits: Limits,
    pub health: Health,
    pub shutdown: Shutdown,
}

impl AppState {
    /// From the configuration and what was set up by it.
    pub fn new(config: Config, health: Health, shutdown: Shutdown) -> Self {
        Self {
            limits: Limits::new(config.rate),
            config: Arc::new(config),
            health,
            shutdown,
        }
    }
}
