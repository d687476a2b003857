//! What people say to an execution, on its way from the rows to the agent; and what nobody says in time.

use super::{Attendant, House, Leave, RETRY};
use crate::executions::{ExecutionError, asks};
use agents::launcher::ControlError;
use domain::DateTime;
use tenancy::StoreError;
use tokio::time::sleep;

impl Attendant<'_> {
    /// Gives the agent all that it was not told yet. False where it may not have heard it.
    pub(super) async fn deliver(&self) -> Result<bool, Leave> {
        let mut tx = match self.house.database.begin(&self.caller).await {
            Ok(tx) => tx,
            Err(error) => return not_now(error.into()).map(|()| false),
        };
        let waiting = match asks::deliveries(&mut tx, self.id()).await {
            Ok(waiting) => waiting,
            Err(error) => return not_now(error).map(|()| false),
        };
        drop(tx);
        for delivery in waiting {
            match self.house.launcher.deliver(self.id(), delivery).await {
                Ok(()) => {}
                // How it ended is in its records.
                Err(ControlError::Ended) => return Ok(true),
                Err(error) => {
                    tracing::warn!(%error, execution.id = %self.id(), "the agent could not be told yet");
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// When the next of what it asks expires.
    pub(super) async fn next_expiry(&self) -> Result<Option<DateTime>, Leave> {
        loop {
            match self.look().await {
                Ok(next) => return Ok(next),
                Err(error) => not_now(error)?,
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                () = sleep(RETRY) => {}
            }
        }
    }

    /// Closes what has expired, and says when the next does.
    pub(super) async fn expire(&self) -> Result<Option<DateTime>, Leave> {
        loop {
            match self.close_expired().await {
                Ok(()) => return self.next_expiry().await,
                Err(error) => not_now(error)?,
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                () = sleep(RETRY) => {}
            }
        }
    }

    async fn look(&self) -> Result<Option<DateTime>, ExecutionError> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        asks::next_expiry(&mut tx, self.id()).await
    }

    async fn close_expired(&self) -> Result<(), ExecutionError> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        asks::expire(&mut tx, self.id()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Returns at a time; never where there is none.
pub(super) async fn until(house: &House, time: Option<DateTime>) {
    let Some(time) = time else { return std::future::pending().await };
    let left = time - house.database.clock().now();
    sleep(left.to_std().unwrap_or_default()).await;
}

/// While the database is away it is tried again; nothing is lost, since what was said is a row.
fn not_now(error: ExecutionError) -> Result<(), Leave> {
    match error {
        ExecutionError::Store(StoreError::Unavailable(_) | StoreError::Contended) => Ok(()),
        other => Err(other.into()),
    }
}
