//! The load beside a fault: writers that repeat what was not answered, a reader that follows, a task that runs.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, bail};
use http::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::{Builder, Uuid};

use crate::client::Client;
use crate::follower::{Follower, Rows, tasks};
use crate::house::House;

const WRITERS: usize = 4;
/// A writer that could have thousands of answers a second leaves room for the fault.
const PACE: Duration = Duration::from_millis(5);
const AGAIN: Duration = Duration::from_millis(50);
const CATCH_UP_WITHIN: Duration = Duration::from_secs(60);
/// What the running task prints.
pub(crate) const LINES: usize = 300;

/// What one writer was told.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// By the id that the client made: the title.
    pub(crate) acknowledged: BTreeMap<String, String>,
    /// Asked for and never answered: may be there, once, or not.
    pub(crate) unknown: BTreeMap<String, String>,
    /// Answers that are no honest way to say "not now".
    pub(crate) wrong: Vec<String>,
    /// Times that a request was repeated.
    pub(crate) repeated: usize,
}

/// The load while it goes on.
#[derive(Debug)]
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    writers: JoinSet<anyhow::Result<()>>,
    written: Arc<Mutex<Written>>,
    last: watch::Sender<Option<i64>>,
    follower: JoinSet<anyhow::Result<Follower>>,
    /// The execution of the task that runs meanwhile.
    pub(crate) execution: String,
}

/// The load when it has ended.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) written: Written,
    pub(crate) follower: Follower,
    /// What the server has at the end.
    pub(crate) kept: Rows,
    pub(crate) execution: String,
}

impl Load {
    /// Begins, and waits until all of it is under way.
    pub(crate) async fn start(house: &House) -> anyhow::Result<Self> {
        let execution = run_task(house).await?;
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let written = Arc::new(Mutex::new(Written::default()));
        let mut writers = JoinSet::new();
        for number in 0..WRITERS {
            let writer = Writer {
                name: format!("writer {number}"),
                client: house.client()?,
                stop: Arc::clone(&stop),
                answered: Arc::clone(&answered),
                written: Arc::clone(&written),
            };
            writers.spawn(writer.write());
        }
        let (last, seen) = watch::channel(None);
        let mut follower = JoinSet::new();
        follower.spawn(Follower::new(house.address, &house.key).follow(seen));
        let load = Self { stop, answered, writers, written, last, follower, execution };
        load.until_more(50).await?;
        Ok(load)
    }

    /// Waits until so many more writes were acknowledged.
    pub(crate) async fn until_more(&self, writes: usize) -> anyhow::Result<()> {
        let (from, since) = (self.answered(), Instant::now());
        while self.answered() < from + writes {
            if since.elapsed() > CATCH_UP_WITHIN {
                bail!("{} writes in {} s", self.answered() - from, CATCH_UP_WITHIN.as_secs());
            }
            sleep(AGAIN).await;
        }
        Ok(())
    }

    /// Writes acknowledged so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Ends it, and waits until the reader has seen everything.
    pub(crate) async fn finish(mut self, address: SocketAddr, key: &str) -> anyhow::Result<Record> {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.writers.join_next().await {
            ended??;
        }
        let mut client = Client::new(address, key)?;
        let marker = json!({ "title": "the last of all" });
        let marked = client.send(Method::POST, "/tasks", &marker).await?.expect(201)?;
        let seq = marked.get("seq").and_then(Value::as_i64).context("a write without its place")?;
        self.last.send_replace(Some(seq));
        let followed = timeout(CATCH_UP_WITHIN, self.follower.join_next()).await;
        let follower = followed.context("the reader does not catch up")?.context("there was one")???;
        let kept = tasks(&mut client).await?;
        let written = std::mem::take(&mut *self.written.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Record { written, follower, kept, execution: self.execution })
    }
}

/// Starts a task that prints for a while.
async fn run_task(house: &House) -> anyhow::Result<String> {
    let mut client = house.client()?;
    let script = format!("for n in $(seq 1 {LINES}); do echo line $n; sleep 0.02; done");
    let new = json!({ "title": "counts", "script": script, "start": true });
    let task = client.send(Method::POST, "/tasks", &new).await?.expect(201)?;
    let id = task.get("id").and_then(Value::as_str).context("a task without an id")?;
    let runs = client.get(&format!("/tasks/{id}/executions")).await?.expect(200)?;
    let execution = runs.pointer("/items/0/id").and_then(Value::as_str);
    execution.map(str::to_owned).context("a started task has an execution")
}

struct Writer {
    name: String,
    client: Client,
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    written: Arc<Mutex<Written>>,
}

impl Writer {
    async fn write(mut self) -> anyhow::Result<()> {
        for number in 0_u32.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let (id, title) = (make_id()?.to_string(), format!("{} {number}", self.name));
            self.tell(|written| written.unknown.insert(id.clone(), title.clone()));
            if self.until_answered(&id, &title).await {
                self.answered.fetch_add(1, Ordering::Relaxed);
                self.tell(|written| {
                    written.unknown.remove(&id);
                    written.acknowledged.insert(id.clone(), title.clone())
                });
            }
            sleep(PACE).await;
        }
        Ok(())
    }

    /// Repeats the same request until it is acknowledged; false when told to stop before that.
    async fn until_answered(&mut self, id: &str, title: &str) -> bool {
        let body = json!({ "id": id, "title": title });
        loop {
            match self.client.once("/tasks", id, &body).await {
                Ok(answer) if answer.status.is_success() => return true,
                Ok(answer) => {
                    let status = answer.status.as_u16();
                    // A twin that is still being carried out is 409; 503 says to come again.
                    if !matches!(status, 409 | 503) {
                        let said = format!("{status}: {}", String::from_utf8_lossy(&answer.body));
                        self.tell(|written| written.wrong.push(said));
                    }
                }
                // Nobody answered: the same again.
                Err(_) => {}
            }
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            self.tell(|written| written.repeated += 1);
            sleep(AGAIN).await;
        }
    }

    fn tell<T>(&self, note: impl FnOnce(&mut Written) -> T) {
        drop(note(&mut self.written.lock().unwrap_or_else(PoisonError::into_inner)));
    }
}

/// An id as a client makes it: the time, and chance.
pub(crate) fn make_id() -> anyhow::Result<Uuid> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis();
    let mut chance = [0_u8; 10];
    getrandom::fill(&mut chance)?;
    Ok(Builder::from_unix_timestamp_millis(u64::try_from(now)?, &chance).into_uuid())
}
