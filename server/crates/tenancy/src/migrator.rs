//! The migrations, and the login role's membership in the roles behind the doors.

use crate::StoreError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../../migrations");

/// Brings the database at `owner_url` to this version, and lets the role that `app_url` logs in as through the doors.
/// Idempotent; several at once wait for each other.
pub async fn migrate(owner_url: &str, app_url: &str) -> Result<(), StoreError> {
    let app: PgConnectOptions = app_url.parse().map_err(StoreError::from)?;
    let login_role = app.get_username();
    let options: PgConnectOptions = owner_url.parse().map_err(StoreError::from)?;
    let mut connection = options.connect().await?;
    MIGRATIONS
        .run(&mut connection)
        .await
        .map_err(|error| StoreError::Database(sqlx::Error::Migrate(Box::new(error))))?;
    let quoted = format!("\"{}\"", login_role.replace('"', "\"\""));
    // NOINHERIT on the login role: it may become these roles, and is none of them by itself.
    let grant = format!("GRANT app_tenant, app_auth, app_worker TO {quoted}");
    sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Whether the database has every migration of this version. Asked by `/health/ready`.
pub async fn is_current(owner_url: &str) -> Result<bool, StoreError> {
    let options: PgConnectOptions = owner_url.parse().map_err(StoreError::from)?;
    let mut connection = options.connect().await?;
    let row =
        sqlx::query("SELECT count(*) FROM _sqlx_migrations WHERE success").fetch_one(&mut connection).await?;
    let applied: i64 = row.try_get(0)?;
    connection.close().await?;
    Ok(usize::try_from(applied).is_ok_and(|applied| applied >= MIGRATIONS.iter().count()))
}

/// A name for this set of migrations, for template databases of tests.
pub fn fingerprint() -> String {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    for migration in MIGRATIONS.iter() {
        hash.update(&migration.checksum);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
