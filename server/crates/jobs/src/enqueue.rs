//! Adding a job to the queue, in the transaction that causes it.

use crate::Job;
use domain::DateTime;
use tenancy::{StoreError, TenantTx};

/// Arguments are ids. What is larger belongs into a table.
const MAX_ARGUMENT_BYTES: usize = 16 * 1024;

/// Queues a job, to run as soon as `tx` is committed. Rolled back, it never was.
pub async fn enqueue<J: Job>(tx: &mut TenantTx, job: &J) -> Result<(), StoreError> {
    Order::new(job).enqueue(tx).await
}

/// A job with more to say about it than its arguments.
#[derive(Debug)]
#[must_use = "an order that is not enqueued does nothing"]
pub struct Order<'a, J> {
    job: &'a J,
    due: Option<DateTime>,
    key: Option<&'a str>,
}

impl<'a, J: Job> Order<'a, J> {
    pub fn new(job: &'a J) -> Self {
        Self { job, due: None, key: None }
    }

    /// Not before this time.
    pub fn at(self, due: DateTime) -> Self {
        Self { due: Some(due), ..self }
    }

    /// Takes the place of a job of this kind and workspace that waits under the same key, so that one is enough for
    /// many changes. One that runs already is not touched: it may have missed this change.
    pub fn keyed(self, key: &'a str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// Queues it, to run once `tx` is committed.
    pub async fn enqueue(self, tx: &mut TenantTx) -> Result<(), StoreError> {
        let arguments = serde_json::to_string(self.job)
            .map_err(|error| StoreError::Corrupt(format!("the arguments of {}: {error}", J::NAME)))?;
        if arguments.len() > MAX_ARGUMENT_BYTES {
            return Err(StoreError::Corrupt(format!(
                "the arguments of {} have {} bytes",
                J::NAME,
                arguments.len()
            )));
        }
        sqlx::query("SELECT enqueue_job($1, $2::jsonb, $3, $4, $5)")
            .bind(J::NAME)
            .bind(arguments)
            .bind(self.due)
            .bind(i32::from(J::RETRY.max_attempts()))
            .bind(self.key)
            .execute(tx.conn())
            .await?;
        tx.wake_workers();
        Ok(())
    }
}
