//! How many jobs that do nothing a worker gets through, and how soon it takes one when it is idle. `./dev bench jobs`.

#![expect(clippy::expect_used, reason = "a bench ends where the ground it stands on does not hold")]

use std::fmt::Display;
use std::io::Write as _;
use std::time::{Duration, Instant};

use jobs::{Job, JobCx, JobError, Retry, Worker};
use serde::{Deserialize, Serialize};
use testkit::{Signed, TestDatabase};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const BACKLOG: usize = 10_000;
const BATCH: usize = 1_000;
const PICKED_UP: usize = 100;
const BETWEEN: Duration = Duration::from_millis(30);
const CONNECTIONS: u32 = 20;

/// Says that it ran, and when.
#[derive(Debug, Serialize, Deserialize)]
struct Nothing;

impl Job for Nothing {
    type State = mpsc::UnboundedSender<Instant>;
    const NAME: &'static str = "bench.nothing";
    const RETRY: Retry = Retry::USUAL;

    async fn run(self, cx: JobCx<Self::State>) -> Result<(), JobError> {
        cx.state().send(Instant::now()).map_err(JobError::failed)
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let met = runtime.block_on(measure());
    if !met {
        std::process::exit(1);
    }
}

async fn measure() -> bool {
    let test = TestDatabase::with(tenancy::Clock::default(), CONNECTIONS).await;
    let ada = test.owner_of("ada").await;
    for _ in 0..BACKLOG / BATCH {
        enqueue(&test, &ada, BATCH).await;
    }
    let (ran, mut runs) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let worker = Worker::builder(test.database.clone(), ran).register::<Nothing>();
    let worker = worker.build().expect("one job, one name");
    let mut working = JoinSet::new();
    let (since, until) = (Instant::now(), stop.clone());
    working.spawn(async move { worker.run(until).await });
    for _ in 0..BACKLOG {
        runs.recv().await.expect("the worker runs");
    }
    let per_second = f64::from(u32::try_from(BACKLOG).expect("fits")) / since.elapsed().as_secs_f64();
    let mut pickups = Vec::new();
    for _ in 0..PICKED_UP {
        tokio::time::sleep(BETWEEN).await;
        let since = Instant::now();
        enqueue(&test, &ada, 1).await;
        let began = runs.recv().await.expect("the worker runs");
        pickups.push(began.saturating_duration_since(since).as_secs_f64() * 1_000.0);
    }
    stop.cancel();
    working.join_all().await;
    pickups.sort_by(f64::total_cmp);
    let percentile =
        |part: usize| pickups.get((PICKED_UP * part).div_ceil(100) - 1).copied().unwrap_or_default();
    let rate = tell(
        "jobs that do nothing",
        format_args!("{per_second:.0}/s"),
        "at least 2000/s",
        per_second >= 2_000.0,
    );
    tell("picked up when idle, p50", format_args!("{:.1} ms", percentile(50)), "", true);
    let last = percentile(99);
    tell("picked up when idle, p99", format_args!("{last:.1} ms"), "at most 100 ms", last <= 100.0) && rate
}

async fn enqueue(test: &TestDatabase, who: &Signed, count: usize) {
    let mut tx = test.database.begin(&who.caller).await.expect("the door opens");
    for _ in 0..count {
        jobs::enqueue(&mut tx, &Nothing).await.expect("it is queued");
    }
    tx.commit().await.expect("it is committed");
}

fn tell(what: &str, value: impl Display, target: &str, met: bool) -> bool {
    let verdict = match (target, met) {
        ("", _) => String::new(),
        (target, true) => format!("met ({target})"),
        (target, false) => format!("MISSED ({target})"),
    };
    let value = value.to_string();
    drop(writeln!(std::io::stdout().lock(), "    {what:<58} {value:>14}  {verdict}"));
    met
}
