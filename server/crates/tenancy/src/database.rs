//! The database, and its doors.

use crate::authenticate::{Admission, Credential, Identity, WorkspaceRef};
use crate::feed::Feed;
use crate::transaction::{AuthTx, Nudge, Provenance, Shared, TenantTx, WorkerTx};
use crate::{Actor, Caller, Clock, Ids, Person, StoreError, authenticate};
use domain::WorkspaceId;
use domain::session::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How to connect.
#[derive(Clone)]
pub struct Options {
    /// The login role's URL: NOINHERIT, owner of nothing, member of the `app_…` roles.
    pub url: String,
    pub max_connections: u32,
    pub clock: Clock,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// A pool of connections with no way to one but through a door. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: sqlx::PgPool,
    url: Arc<PgConnectOptions>,
    shared: Shared,
    feed: Feed,
}

/// Longer than any statement of ours takes; a frozen database must not hold a request for ever.
const STATEMENT_TIMEOUT: &str = "15s";
const LOCK_TIMEOUT: &str = "10s";
const IDLE_IN_TRANSACTION: &str = "30s";
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

impl Database {
    /// Connects, and starts to listen for changes.
    pub async fn connect(options: Options) -> Result<Self, StoreError> {
        let url: PgConnectOptions = options.url.parse().map_err(StoreError::from)?;
        let url = url.options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("lock_timeout", LOCK_TIMEOUT),
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
            ("timezone", "UTC"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(url.clone())
            .await?;
        let (nudges, nudged) = mpsc::unbounded_channel::<Nudge>();
        let ids = Ids::new(options.clock.clone());
        let work = Arc::new(tokio::sync::Notify::new());
        let shared = Shared { clock: options.clock, ids, nudges, work, provenance: Provenance::default() };
        let feed = Feed::start(pool.clone(), shared.clone(), nudged);
        Ok(Self { pool, url: Arc::new(url), shared, feed })
    }

    /// The same database, whose transactions say in the audit trail that they come from this request.
    #[must_use]
    pub fn asked_from(&self, provenance: Provenance) -> Self {
        let mut asked = self.clone();
        asked.shared.provenance = provenance;
        asked
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub fn ids(&self) -> &Ids {
        &self.shared.ids
    }

    /// Who holds this credential. `None` where it is unknown, expired or revoked.
    pub async fn authenticate(&self, credential: &Credential) -> Result<Option<Identity>, StoreError> {
        let mut tx = self.auth().await?;
        let identity = authenticate::identify(&mut tx, credential).await?;
        tx.commit().await?;
        Ok(identity)
    }

    /// The two at once, in one transaction: who holds this credential, and their way into the workspace they name.
    pub async fn admit(
        &self,
        credential: &Credential,
        workspace: &WorkspaceRef,
    ) -> Result<Admission, StoreError> {
        let mut tx = self.auth().await?;
        let admission = match authenticate::identify(&mut tx, credential).await? {
            None => Admission::Unknown,
            Some(Identity::Caller(caller)) => Admission::Admitted(caller),
            Some(Identity::Person(person)) => {
                let entered = authenticate::enter(&mut tx, &person, workspace).await?;
                entered.map_or(Admission::Stranger, Admission::Admitted)
            }
        };
        tx.commit().await?;
        Ok(admission)
    }

    /// Lets a person into a workspace they are a member of. `None` where there is no such workspace for them.
    pub async fn enter(
        &self,
        person: &Person,
        workspace: &WorkspaceRef,
    ) -> Result<Option<Caller>, StoreError> {
        let mut tx = self.auth().await?;
        authenticate::enter(&mut tx, person, workspace).await
    }

    /// The operator's own caller. For the command line alone: whoever can run it could read the database itself.
    pub fn operator(&self, workspace: WorkspaceId) -> Caller {
        Caller::in_role(workspace, Actor::Operator, Role::System)
    }

    /// Opens a transaction in the caller's workspace.
    pub async fn begin(&self, caller: &Caller) -> Result<TenantTx, StoreError> {
        TenantTx::begin(&self.pool, self.shared.clone(), caller).await
    }

    /// Opens a transaction over people, sign-in and memberships.
    pub async fn auth(&self) -> Result<AuthTx, StoreError> {
        AuthTx::begin(&self.pool, self.shared.clone()).await
    }

    /// Opens a transaction over queue and feed.
    pub async fn work(&self) -> Result<WorkerTx, StoreError> {
        WorkerTx::begin(&self.pool, self.shared.clone()).await
    }

    /// The change feed of this process.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Completes when somebody, here or in another process, has committed work to do. May wake for nothing.
    pub fn work_arrives(&self) -> tokio::sync::futures::OwnedNotified {
        Arc::clone(&self.shared.work).notified_owned()
    }

    /// Connection settings of the login role, for pools that `jobs` makes under a role of its own.
    pub fn connect_options(&self) -> PgConnectOptions {
        (*self.url).clone()
    }

    /// Connections open and idle, for metrics.
    pub fn pool_size(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// A round trip, to see whether PostgreSQL answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes every connection; doors fail from now on.
    pub async fn close(&self) {
        self.feed.stop();
        self.pool.close().await;
    }
}
