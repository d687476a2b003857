//! The queue's tables. They belong to `app_worker`, so they are made by connections that start under that role.

use crate::pool;
use graphile_worker::{Database, Schema, WorkerUtils};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use tenancy::StoreError;

/// Several that migrate at once wait for each other; the number names that lock.
const LOCK: i64 = 0x5b_10b5;

/// Made here because graphile_worker would first create its schema, for which `app_worker` lacks the right even where
/// the schema is there.
const BOOKKEEPING: &str = "CREATE TABLE IF NOT EXISTS graphile_worker.migrations (
    id int PRIMARY KEY, ts timestamptz NOT NULL DEFAULT now(), breaking boolean NOT NULL DEFAULT false)";

/// Brings the queue in the database at `owner_url` to this version. After `tenancy::migrator::migrate`, which makes the
/// role and the schema.
pub async fn migrate(owner_url: &str) -> Result<(), StoreError> {
    let options: PgConnectOptions = owner_url.parse().map_err(StoreError::from)?;
    let mut guard = options.clone().connect().await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut guard).await?;
    let queue = pool::as_worker(options, 2);
    sqlx::query(BOOKKEEPING).execute(&queue).await?;
    let migrated = WorkerUtils::new(Database::from(&queue), Schema::default()).migrate().await;
    queue.close().await;
    // Ending the session gives the lock back.
    guard.close().await?;
    migrated.map_err(|error| StoreError::Unavailable(format!("the queue could not be migrated: {error}")))
}
