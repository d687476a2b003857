//! What has to be cleared away now and then.

use crate::tools::Tools;
use crate::{auth, idempotency};
use jobs::{JobError, Upkeep, UpkeepCx};

/// How long the change feed can be resumed from.
const FEED_DAYS: i64 = 7;
/// How long a job that failed for good stays listed.
const FAILED_DAYS: i64 = 30;

/// Forgets answers that were kept for an `Idempotency-Key`, a day after.
#[derive(Debug)]
pub struct SweepAnswers;

impl Upkeep for SweepAnswers {
    type State = Tools;
    const NAME: &'static str = "idempotency.sweep";

    async fn run(cx: UpkeepCx<Tools>) -> Result<(), JobError> {
        let mut tx = cx.work().await?;
        let swept = idempotency::sweep(&mut tx).await?;
        tx.commit().await?;
        tracing::debug!(swept, "kept answers were swept");
        Ok(())
    }
}

/// Forgets changes that nobody will resume from any more.
#[derive(Debug)]
pub struct TrimFeed;

impl Upkeep for TrimFeed {
    type State = Tools;
    const NAME: &'static str = "feed.trim";

    async fn run(cx: UpkeepCx<Tools>) -> Result<(), JobError> {
        let mut tx = cx.work().await?;
        let trimmed = tenancy::feed::trim(&mut tx, cx.now() - chrono::Duration::days(FEED_DAYS)).await?;
        tx.commit().await?;
        tracing::debug!(trimmed, "the change feed was trimmed");
        Ok(())
    }
}

/// Forgets sign-in links and sessions that can't be used any more, and jobs that failed long ago.
#[derive(Debug)]
pub struct SweepEnded;

impl Upkeep for SweepEnded {
    type State = Tools;
    const NAME: &'static str = "ended.sweep";

    async fn run(cx: UpkeepCx<Tools>) -> Result<(), JobError> {
        let mut tx = cx.database().auth().await?;
        auth::sweep(&mut tx).await?;
        tx.commit().await?;
        let mut tx = cx.work().await?;
        jobs::forget(&mut tx, cx.now() - chrono::Duration::days(FAILED_DAYS)).await?;
        tx.commit().await?;
        Ok(())
    }
}
