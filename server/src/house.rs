//! What every role of the program stands on: PostgreSQL, migrated, and the doors to it.

use anyhow::Context as _;
use tenancy::{Clock, Database, Options};

use crate::config::Config;
use crate::postgres::{Guard, Postgres};
use crate::shutdown::Shutdown;

/// Connections of the request path. Listening for changes takes one of them for good.
const CONNECTIONS: u32 = 12;

/// An open database, and whatever has to be closed after it.
#[derive(Debug)]
pub struct House {
    pub database: Database,
    guard: Guard,
}

impl House {
    /// Starts or adopts PostgreSQL, brings the managed one up to date, and connects.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub async fn open(config: &Config, shutdown: &Shutdown) -> anyhow::Result<Self> {
        let postgres = Postgres::open(config).await?;
        if postgres.is_managed() {
            migrate(&postgres).await?;
        }
        let url = postgres.url.reveal().to_owned();
        let options = Options { url, max_connections: CONNECTIONS, clock: Clock::default() };
        let database = Database::connect(options).await.context("connecting to PostgreSQL")?;
        Ok(Self { database, guard: postgres.guard(shutdown) })
    }

    /// Closes the connections, then lets go of the managed cluster. Shutdown must have begun.
    pub async fn close(self) {
        self.database.close().await;
        self.guard.close().await;
    }
}

/// Brings the schema to this version, as the owner.
///
/// # Errors
/// Where there is no owner to do it as, and where a migration fails.
pub async fn migrate(postgres: &Postgres) -> anyhow::Result<()> {
    let owner = postgres.owner_url.as_ref().context(
        "migrations run as the owner of the database: set DATABASE_OWNER_URL to a role that may create roles and tables",
    )?;
    tenancy::migrator::migrate(owner.reveal(), postgres.url.reveal()).await.context("the migrations")?;
    jobs::migrate(owner.reveal()).await.context("the migrations of the job queue")
}
