//! A worker beside a test, and waiting for what it says. Every wait is bounded; none says how fast anything is.

use crate::kinds::{Fail, Hold, Linger, Listener, Panic, Poison, Said, Say, Tick};
use jobs::{Builder, Job, Worker};
use std::sync::Arc;
use std::time::Duration;
use tenancy::{Caller, Database};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for the slowest machine; a test that comes here has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Running {
    pub(crate) said: mpsc::UnboundedReceiver<Said>,
    pub(crate) gate: Arc<Semaphore>,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

impl Running {
    /// The next thing a job says.
    pub(crate) async fn hear(&mut self) -> Said {
        self.hear_within(PATIENCE).await
    }

    pub(crate) async fn hear_within(&mut self, patience: Duration) -> Said {
        let said = tokio::time::timeout(patience, self.said.recv()).await;
        said.expect("a job says something in time").expect("the worker runs")
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.ended)
            .await
            .expect("it stops in time")
            .expect("it does not panic");
    }

    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }
}

/// A builder that knows every job of these tests, and a listener to them.
pub(crate) fn builder(
    database: &Database,
) -> (Builder<Listener>, mpsc::UnboundedReceiver<Said>, Arc<Semaphore>) {
    let (said, heard) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let builder = Worker::builder(database.clone(), Listener { said, gate: Arc::clone(&gate) })
        .register::<Say>()
        .register::<Fail>()
        .register::<Panic>()
        .register::<Hold>()
        .register::<Linger>()
        .register::<Poison>();
    (builder, heard, gate)
}

pub(crate) fn start(database: &Database) -> Running {
    let (builder, said, gate) = builder(database);
    run(builder, said, gate)
}

/// One that does one job at a time.
pub(crate) fn start_alone(database: &Database) -> Running {
    let (builder, said, gate) = builder(database);
    run(builder.concurrency(1), said, gate)
}

pub(crate) fn start_with_ticks(database: &Database) -> Running {
    let (builder, said, gate) = builder(database);
    run(builder.upkeep::<Tick>("* * * * *"), said, gate)
}

#[expect(clippy::disallowed_methods, reason = "Running waits for it")]
fn run(builder: Builder<Listener>, said: mpsc::UnboundedReceiver<Said>, gate: Arc<Semaphore>) -> Running {
    let stop = CancellationToken::new();
    let worker = builder.build().expect("the jobs have different names");
    let ended = tokio::spawn(worker.run(stop.clone()));
    Running { said, gate, stop, ended }
}

pub(crate) async fn enqueue(database: &Database, caller: &Caller, job: &impl Job) {
    let mut tx = database.begin(caller).await.expect("the door opens");
    jobs::enqueue(&mut tx, job).await.expect("it is queued");
    tx.commit().await.expect("it is committed");
}

pub(crate) async fn counts(database: &Database) -> jobs::Counts {
    let mut tx = database.work().await.expect("the door opens");
    jobs::count(&mut tx).await.expect("the queue is readable")
}

/// Waits until as many jobs wait, run and have failed.
pub(crate) async fn until(database: &Database, waiting: i64, running: i64, failed: i64) {
    let wanted = jobs::Counts { waiting, running, failed };
    let reached = tokio::time::timeout(PATIENCE, async {
        while counts(database).await != wanted {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    if reached.await.is_err() {
        panic!("the queue has {:?} and not {wanted:?}", counts(database).await);
    }
}
