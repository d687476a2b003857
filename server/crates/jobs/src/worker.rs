//! The worker: claims jobs from the queue, runs them, and takes over what dead workers left.
//!
//! [`builder`] says what it runs, [`attempt`] runs one job, [`driver`] tells it when to look.

mod attempt;
mod builder;
mod driver;

pub use builder::{BuildError, Builder};

use crate::pool;
use builder::Registration;
use driver::Driver;
use graphile_worker::{Crontab, WorkerRecoveryConfig};
use graphile_worker::{FailureReason, JobRecovery, JobRecoveryContext, JobRecoveryResult, WorkerOptions};
use std::sync::Arc;
use std::time::Duration;
use tenancy::Database;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A worker is alive while its heart beats. One that is silent for the threshold is dead: its jobs are anyone's.
/// A dead worker's job runs again within threshold, sweep and poll: eleven seconds.
const HEARTBEAT: Duration = Duration::from_secs(2);
const SWEEP: Duration = Duration::from_secs(2);
const DEAD_AFTER: Duration = Duration::from_secs(8);
/// It is woken for work; this is for what nobody wakes it for, such as a retry that is due.
const POLL: Duration = Duration::from_secs(1);
/// How long a running job may go on after the stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long all of the stopping may take, also where the database does not answer.
const DRAIN: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Runs jobs and upkeep of one process.
pub struct Worker<State> {
    database: Database,
    state: State,
    concurrency: u16,
    registrations: Vec<Registration>,
    crontabs: Vec<Crontab>,
}

impl<State> std::fmt::Debug for Worker<State> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.registrations.iter().map(|registration| registration.name).collect();
        formatter.debug_struct("Worker").field("jobs", &names).finish_non_exhaustive()
    }
}

impl<State: Clone + Send + Sync + 'static> Worker<State> {
    /// What is to run is said first; `state` is given to every job.
    pub fn builder(database: Database, state: State) -> Builder<State> {
        Builder::new(database, state)
    }

    /// Runs until `stop`, then waits for running jobs, and gives back what has not ended ten seconds later. A database
    /// that goes away is waited for.
    pub async fn run(self, stop: CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            let started = tokio::time::Instant::now();
            let Err(reason) = self.run_once(&stop).await else {
                return;
            };
            if started.elapsed() > LONGEST_PAUSE {
                pause = FIRST_PAUSE;
            }
            tracing::warn!(%reason, pause_ms = pause.as_millis(), "the worker of background jobs stopped; it starts again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One life of the queue's worker, which ends at `stop` or when the database fails it.
    async fn run_once(&self, stop: &CancellationToken) -> Result<(), String> {
        // Beside the running jobs: the heartbeat, the sweep, and the schedule.
        let queue = pool::as_worker(self.database.connect_options(), u32::from(self.concurrency) + 3);
        let freed = Arc::new(Notify::new());
        let driver = Driver::new(queue.clone(), self.database.clone(), Arc::clone(&freed));
        let carried = attempt::Carried {
            database: self.database.clone(),
            state: self.state.clone(),
            stop: stop.clone(),
            freed,
        };
        let options =
            self.options(stop).database(graphile_worker::Database::new(driver)).add_extension(carried);
        let ended = async {
            let worker = options.init().await.map_err(|error| error.to_string())?;
            worker.run().await.map_err(|error| error.to_string())
        };
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        let ended = tokio::select! {
            ended = ended => ended,
            () = late => Err("the database did not answer while the worker was stopping".to_owned()),
        };
        if tokio::time::timeout(FIRST_PAUSE, queue.close()).await.is_err() {
            tracing::debug!("connections of the queue did not close in time");
        }
        ended
    }

    fn options(&self, stop: &CancellationToken) -> WorkerOptions {
        let recovery = WorkerRecoveryConfig::default()
            .heartbeat_interval(HEARTBEAT)
            .sweep_interval(SWEEP)
            .sweep_threshold(DEAD_AFTER)
            .recovery_delay(Duration::ZERO);
        WorkerOptions::default()
            .concurrency(usize::from(self.concurrency))
            .poll_interval(POLL)
            .worker_recovery(recovery)
            .on(JobRecovery, |interrupted| std::future::ready(recovered(&interrupted)))
            .listen_os_shutdown_signals(false)
            .shutdown_signal(stop.clone().cancelled_owned())
            .shutdown_grace_period(GRACE)
            .shutdown_interrupted_job_retry_delay(Duration::ZERO)
            .define_jobs(self.registrations.iter().map(Registration::definition))
            .with_crons(self.crontabs.iter().cloned())
    }
}

/// A job whose worker died has used up that attempt: else one that kills its worker would kill workers for ever.
/// A job that was interrupted by an orderly stop has not.
fn recovered(interrupted: &JobRecoveryContext) -> JobRecoveryResult {
    match interrupted.reason {
        FailureReason::WorkerCrashed => JobRecoveryResult::Reschedule {
            run_at: *interrupted.job.run_at(),
            attempts: Some(*interrupted.job.attempts()),
        },
        _ => JobRecoveryResult::Default,
    }
}
