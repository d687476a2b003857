//! Pools of the queue's own: every connection starts as `app_worker`, which sees queue and feed and no tenant's row.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

#[expect(clippy::disallowed_types, reason = "the queue is no tenant's; its pool can reach no workspace")]
pub(crate) type QueuePool = sqlx::PgPool;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A pool that connects when it is first used.
pub(crate) fn as_worker(options: PgConnectOptions, max_connections: u32) -> QueuePool {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options.options([("role", "app_worker")]))
}
