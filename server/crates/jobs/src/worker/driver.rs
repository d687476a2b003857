//! When the worker looks into the queue. `graphile_worker` would listen for a notification of every `add_job`, which
//! costs each transaction that queues something, and it takes one job for each: a backlog would wait for the poll.
//! Here it looks when tenancy says that work was committed, and each time a job has ended.

use crate::pool::QueuePool;
use futures::StreamExt as _;
use graphile_worker::sqlx::SqlxDatabase;
use graphile_worker::{
    BoxFuture, DatabaseDriver, DbError, DbExecutor, DbParams, DbRow, DbTransaction, Notification,
    NotificationStream,
};
use std::any::Any;
use std::sync::Arc;
use tenancy::Database;
use tokio::sync::Notify;

#[derive(Debug)]
pub(super) struct Driver {
    inner: SqlxDatabase,
    database: Database,
    freed: Arc<Notify>,
}

impl Driver {
    pub(super) fn new(queue: QueuePool, database: Database, freed: Arc<Notify>) -> Self {
        Self { inner: SqlxDatabase::new(queue), database, freed }
    }
}

impl DbExecutor for Driver {
    fn execute<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<u64, DbError>> {
        self.inner.execute(sql, params)
    }

    fn fetch_all<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<Vec<DbRow>, DbError>> {
        self.inner.fetch_all(sql, params)
    }
}

impl DatabaseDriver for Driver {
    fn as_any(&self) -> &dyn Any {
        self.inner.as_any()
    }

    fn begin<'a>(&'a self) -> BoxFuture<'a, Result<DbTransaction, DbError>> {
        self.inner.begin()
    }

    fn listen<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Option<NotificationStream>, DbError>> {
        let (database, freed, channel) = (self.database.clone(), Arc::clone(&self.freed), channel.to_owned());
        let looks = futures::stream::unfold(Box::pin(database.work_arrives()), move |mut arrives| {
            let (database, freed) = (database.clone(), Arc::clone(&freed));
            async move {
                tokio::select! {
                    // The next wait begins before this one is told, so that nothing falls between.
                    () = arrives.as_mut() => arrives = Box::pin(database.work_arrives()),
                    () = freed.notified() => {}
                }
                Some(((), arrives))
            }
        });
        let told = looks.map(move |()| Ok(Notification { channel: channel.clone(), payload: String::new() }));
        Box::pin(std::future::ready(Ok(Some(Box::pin(told) as NotificationStream))))
    }
}
