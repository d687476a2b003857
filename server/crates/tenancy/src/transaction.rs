//! The transactions behind the doors. Each is under a role of its own, and dropping one rolls it back.
//!
//! They are not sqlx transactions: sqlx 0.9.0 can put a connection whose `begin` was cancelled back into the pool
//! inside an open transaction, with another workspace's settings. Here acquiring and beginning run in a task that
//! nobody can cancel, and a connection goes back only after its end is known (see `begin` and `Drop`).

use crate::{Caller, Clock, Ids, StoreError};
use domain::{DateTime, Seq};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a transaction needs from the database it came from.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) nudges: mpsc::UnboundedSender<Nudge>,
    pub(crate) work: Arc<tokio::sync::Notify>,
    pub(crate) provenance: Provenance,
}

/// Where a transaction comes from, for the audit trail: nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The client's, as far as it can be known.
    pub address: Option<IpAddr>,
    pub request_id: Option<Arc<str>>,
}

/// Told to the feed after a commit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Nudge {
    Changed(domain::WorkspaceId),
    Work,
}

/// An open transaction on a connection of the pool.
#[derive(Debug)]
struct Open {
    connection: Option<PoolConnection<Postgres>>,
    shared: Shared,
}

impl Open {
    /// One round trip: BEGIN, the role, and the settings that policies read.
    #[expect(clippy::disallowed_methods, reason = "acquire and begin must not be cancelled half-way")]
    async fn begin(pool: &sqlx::PgPool, shared: Shared, opening: String) -> Result<Self, StoreError> {
        let pool = pool.clone();
        let task = tokio::spawn(async move {
            let connection = pool.acquire().await?;
            let mut open = Self { connection: Some(connection), shared };
            sqlx::raw_sql(AssertSqlSafe(opening)).execute(open.conn()).await?;
            Ok::<_, StoreError>(open)
        });
        task.await.map_err(|_| StoreError::Unavailable("the server is stopping".to_owned()))?
    }

    #[expect(
        clippy::expect_used,
        reason = "the connection leaves only in commit and drop, which end the transaction"
    )]
    fn conn(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("the transaction is open")
    }

    /// Runs `ending`, which must hold COMMIT, to its end even if the caller goes away meanwhile: a commit that is
    /// under way can't be taken back, and its outcome decides what happens to the connection.
    #[expect(clippy::disallowed_methods, reason = "a commit under way must not be cancelled")]
    async fn end(mut self, ending: &'static str) -> Result<Option<Seq>, StoreError> {
        let task = tokio::spawn(async move {
            let rows = sqlx::raw_sql(ending).fetch_all(self.conn()).await?;
            drop(self.connection.take());
            let seq: Option<String> = match rows.last() {
                Some(row) => row.try_get(0)?,
                None => None,
            };
            Ok::<_, StoreError>(seq.and_then(|text| text.parse().ok()))
        });
        task.await.map_err(|_| StoreError::Unavailable("the server is stopping".to_owned()))?
    }
}

impl Drop for Open {
    /// Rolls back in the background. Without a runtime to do so the connection is closed, which rolls back as well.
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            connection.close_on_drop();
            return;
        };
        runtime.spawn(async move {
            let rolled_back = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            if rolled_back.is_err() {
                connection.close_on_drop();
            }
        });
    }
}

/// A transaction in one workspace, under `app_tenant`: row level security shows it that workspace alone.
#[derive(Debug)]
#[must_use = "a transaction that is dropped is rolled back"]
pub struct TenantTx {
    open: Open,
    caller: Caller,
    wakes_workers: bool,
    stamps_idempotency: bool,
}

impl TenantTx {
    pub(crate) async fn begin(
        pool: &sqlx::PgPool,
        shared: Shared,
        caller: &Caller,
    ) -> Result<Self, StoreError> {
        let user = caller.user().map(|user| user.to_string()).unwrap_or_default();
        // Both values are ids of ours, so nothing in them can end the literal.
        let opening = format!(
            "BEGIN; SET LOCAL ROLE app_tenant; SET LOCAL app.workspace_id = '{}'; SET LOCAL app.user_id = '{user}'",
            caller.workspace()
        );
        let open = Open::begin(pool, shared, opening).await?;
        Ok(Self { open, caller: caller.clone(), wakes_workers: false, stamps_idempotency: false })
    }

    pub fn conn(&mut self) -> &mut PgConnection {
        self.open.conn()
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn now(&self) -> DateTime {
        self.open.shared.clock.now()
    }

    pub fn ids(&self) -> &Ids {
        &self.open.shared.ids
    }

    pub fn provenance(&self) -> &Provenance {
        &self.open.shared.provenance
    }

    /// Wakes whoever waits for work, here and in other processes, once this is committed.
    pub fn wake_workers(&mut self) {
        self.wakes_workers = true;
    }

    /// The answer kept for an `Idempotency-Key` in this transaction gets the commit's place in the feed.
    pub fn stamp_idempotency(&mut self) {
        self.stamps_idempotency = true;
    }

    /// Commits in one round trip; returns the place of its last change in the workspace's feed, if it made any.
    pub async fn commit(self) -> Result<Option<Seq>, StoreError> {
        let Self { open, caller, wakes_workers, stamps_idempotency } = self;
        let shared = open.shared.clone();
        let ending = if stamps_idempotency { STAMP_AND_COMMIT } else { COMMIT };
        let seq = open.end(ending).await?;
        if seq.is_some() {
            shared.nudges.send(Nudge::Changed(caller.workspace())).ok();
        }
        if wakes_workers {
            shared.work.notify_waiters();
            shared.nudges.send(Nudge::Work).ok();
        }
        Ok(seq)
    }
}

/// In one message: as two, the workspace's place in the feed would stay locked while the client is asked.
const COMMIT: &str =
    "SET CONSTRAINTS ALL IMMEDIATE; SELECT nullif(current_setting('app.seq', true), ''); COMMIT";
const STAMP_AND_COMMIT: &str = "SET CONSTRAINTS ALL IMMEDIATE; SELECT stamp_idempotency(); \
     SELECT nullif(current_setting('app.seq', true), ''); COMMIT";

macro_rules! plain_transaction {
    ($(#[$doc:meta])* $name:ident, $role:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[must_use = "a transaction that is dropped is rolled back"]
        pub struct $name {
            open: Open,
        }

        impl $name {
            pub(crate) async fn begin(pool: &sqlx::PgPool, shared: Shared) -> Result<Self, StoreError> {
                let opening = concat!("BEGIN; SET LOCAL ROLE ", $role).to_owned();
                Ok(Self { open: Open::begin(pool, shared, opening).await? })
            }

            pub fn conn(&mut self) -> &mut PgConnection {
                self.open.conn()
            }

            pub fn now(&self) -> DateTime {
                self.open.shared.clock.now()
            }

            pub fn ids(&self) -> &Ids {
                &self.open.shared.ids
            }

            pub fn provenance(&self) -> &Provenance {
                &self.open.shared.provenance
            }

            pub async fn commit(self) -> Result<(), StoreError> {
                self.open.end("COMMIT").await.map(|_| ())
            }
        }
    };
}

plain_transaction! {
    /// A transaction over people, sign-in, memberships and keys, under `app_auth`. It sees no workspace's work.
    AuthTx, "app_auth"
}

plain_transaction! {
    /// A transaction over the queue and the feed of every workspace, under `app_worker`. It sees nothing else.
    WorkerTx, "app_worker"
}
