//! One attempt of one job, and what the queue learns of it.

use crate::context::Common;
use crate::pool::QueuePool;
use crate::{Job, JobCx, JobError, Upkeep, UpkeepCx};
use futures::FutureExt as _;
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tenancy::Database;
use tenancy::claimed::{self, Claim, JobId};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What an error may take up in the list of failed jobs.
const LONGEST_ERROR: usize = 2_000;

/// What every attempt is given.
#[derive(Clone)]
pub(super) struct Carried<State> {
    pub(super) database: Database,
    pub(super) state: State,
    pub(super) stop: CancellationToken,
    pub(super) freed: Arc<Notify>,
}

impl<State> std::fmt::Debug for Carried<State> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Carried").finish_non_exhaustive()
    }
}

/// A job as the queue has it. What else is in the row, tenancy reads.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct OneJob<J> {
    #[serde(default)]
    job: serde_json::Value,
    #[serde(skip)]
    kind: PhantomData<fn() -> J>,
}

impl<J: Job> TaskHandler for OneJob<J> {
    const IDENTIFIER: &'static str = J::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        attempt(&context, async |carried: Carried<J::State>, claim| {
            let job: J = serde_json::from_value(self.job)
                .map_err(|error| JobError::failed(format!("its arguments can't be read: {error}")))?;
            let mut tx = carried.database.work().await?;
            let claimed = claimed::verify(&mut tx, claim).await?.ok_or(JobError::TakenOver)?;
            tx.commit().await?;
            job.run(JobCx { common: common(carried, &context), claimed }).await
        })
        .await
    }
}

/// An upkeep as the queue has it: its time is all there is to it.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub(super) struct OneUpkeep<U> {
    #[serde(skip)]
    kind: PhantomData<fn() -> U>,
}

impl<U: Upkeep> TaskHandler for OneUpkeep<U> {
    const IDENTIFIER: &'static str = U::NAME;

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        attempt(&context, async |carried: Carried<U::State>, _| {
            U::run(UpkeepCx { common: common(carried, &context) }).await
        })
        .await
    }
}

fn common<State>(carried: Carried<State>, context: &WorkerContext) -> Common<State> {
    let attempt = u16::try_from(*context.job().attempts()).unwrap_or(1);
    Common { database: carried.database, state: carried.state, attempt, stop: carried.stop }
}

/// Why an attempt failed. The queue stores what `Debug` says.
struct Reason(String);

impl std::fmt::Debug for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Reason {
    /// Short, and without control characters: they come from anywhere, and go to a list and a log.
    fn new(text: &str) -> Self {
        let plain =
            text.chars().map(|letter| if letter.is_control() && letter != '\n' { ' ' } else { letter });
        Self(plain.take(LONGEST_ERROR).collect())
    }
}

/// Runs `work`, keeps its panic to itself, and takes the job out of the queue when it is done.
async fn attempt<State, Work>(context: &WorkerContext, work: Work) -> Result<(), Reason>
where
    State: Clone + Send + Sync + 'static,
    Work: AsyncFnOnce(Carried<State>, &Claim) -> Result<(), JobError>,
{
    let (Some(carried), Some(queue)) = (context.get_ext::<Carried<State>>().cloned(), context.try_pg_pool())
    else {
        return Err(Reason::new("the worker was built for another kind of state"));
    };
    // Also when this attempt is dropped: the place is free, and more may wait.
    let _free = Free(Arc::clone(&carried.freed));
    let job = context.job();
    let at = job.locked_at().unwrap_or_default();
    let claim = Claim { job: JobId(*job.id()), worker: context.worker_id().to_owned(), at };
    match AssertUnwindSafe(work(carried, &claim)).catch_unwind().await {
        Ok(Ok(())) => complete(queue, &claim).await,
        Ok(Err(error)) => Err(Reason::new(&error.to_string())),
        Err(panic) => Err(Reason::new(&format!("it panicked: {}", said(panic.as_ref())))),
    }
}

/// The queue itself would delete a finished job whoever holds it by now: one that was taken over from a frozen worker
/// would be gone under the other worker's feet. So it is deleted here, where it is still held.
async fn complete(queue: &QueuePool, claim: &Claim) -> Result<(), Reason> {
    let done = sqlx::query(
        "DELETE FROM graphile_worker._private_jobs WHERE id = $1 AND locked_by = $2 AND locked_at = $3",
    )
    .bind(claim.job.0)
    .bind(&claim.worker)
    .bind(claim.at)
    .execute(queue)
    .await
    .map_err(|error| Reason::new(&format!("it is done, but the queue could not be told: {error}")))?;
    if done.rows_affected() == 0 { Err(Reason::new(&JobError::TakenOver.to_string())) } else { Ok(()) }
}

struct Free(Arc<Notify>);

impl Drop for Free {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without a word")
}
