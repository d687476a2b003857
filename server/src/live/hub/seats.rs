//! Everybody who listens: how many there are, whether they still may, and whether they take what they are sent.
//!
//! A writer that is stuck can't watch its own clock: a body that nobody polls runs no timer. So one task, which owns
//! a handle to every listener, ends those whose write has been stuck for too long.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use futures::future::AbortHandle;
use metrics::gauge;
use tenancy::{Actor, Caller, Database};
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::http::metrics::SOCKETS;
use crate::live::bounds::Bounds;
use crate::live::figures;

/// How often stuck writers are looked for.
const LOOK: Duration = Duration::from_millis(250);
/// So many are asked about in one statement.
const ASKED_AT_ONCE: usize = 1_000;

/// Why there is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// This person or key has as many as one may have.
    Person,
    /// This process has as many as it can serve.
    Process,
}

/// All seats of this process.
#[derive(Debug)]
pub struct Seats {
    taken: Mutex<Taken>,
    bounds: Bounds,
    began: Instant,
}

#[derive(Debug, Default)]
struct Taken {
    last: u64,
    seats: HashMap<u64, Arc<Listener>>,
    /// By user or API key.
    people: HashMap<Uuid, usize>,
}

/// What is known of one who listens.
#[derive(Debug)]
struct Listener {
    caller: Mutex<Arc<Caller>>,
    /// Milliseconds since the seats were set up, plus one; 0 while nothing is being written.
    writing_since: AtomicU64,
    revoked: AtomicBool,
    news: Notify,
    abort: OnceLock<AbortHandle>,
    kind: &'static str,
}

/// A place among those who listen, given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    number: u64,
    person: Uuid,
    listener: Arc<Listener>,
    seats: Arc<Seats>,
}

/// Held while something is written.
#[derive(Debug)]
pub struct Writing<'a>(&'a Listener);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.writing_since.store(0, Ordering::Relaxed);
    }
}

impl Seat {
    /// The caller as of the last look.
    pub fn caller(&self) -> Arc<Caller> {
        self.listener.caller()
    }

    /// Completes when this listener may not go on.
    pub async fn revoked(&self) {
        while !self.listener.revoked.load(Ordering::Acquire) {
            self.listener.news.notified().await;
        }
    }

    /// To be held while something is written.
    pub fn writing(&self) -> Writing<'_> {
        self.listener.writing_since.store(self.seats.now(), Ordering::Relaxed);
        Writing(&self.listener)
    }

    /// What ends this listener when its write is stuck.
    pub fn set_abort(&self, abort: AbortHandle) {
        // Set once, by whoever starts the listener.
        self.listener.abort.set(abort).ok();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.seats.remove(&self.number);
        if let Some(count) = taken.people.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                taken.people.remove(&self.person);
            }
        }
        drop(taken);
        gauge!(SOCKETS, "kind" => self.listener.kind).decrement(1.0);
    }
}

impl Listener {
    fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn(&self, now: Option<&Caller>) {
        match now {
            Some(caller) if *caller == *self.caller() => {}
            Some(caller) => {
                *self.caller.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(caller.clone())
            }
            None => {
                self.revoked.store(true, Ordering::Release);
                self.news.notify_one();
            }
        }
    }

    fn end(&self) {
        if let Some(abort) = self.abort.get() {
            abort.abort();
        }
    }
}

impl Seats {
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), bounds, began: Instant::now() })
    }

    /// A seat for somebody who was just let in.
    pub fn take(self: &Arc<Self>, caller: Caller, kind: &'static str) -> Result<Seat, Full> {
        let person = match caller.actor() {
            Actor::Person { user, .. } => user.0,
            _ => caller.owner(),
        };
        let mut taken = self.lock();
        if taken.seats.len() >= self.bounds.in_all {
            return Err(Full::Process);
        }
        let count = taken.people.entry(person).or_default();
        if *count >= self.bounds.per_person {
            return Err(Full::Person);
        }
        *count += 1;
        let listener = Arc::new(Listener {
            caller: Mutex::new(Arc::new(caller)),
            writing_since: AtomicU64::new(0),
            revoked: AtomicBool::new(false),
            news: Notify::new(),
            abort: OnceLock::new(),
            kind,
        });
        taken.last += 1;
        let number = taken.last;
        taken.seats.insert(number, Arc::clone(&listener));
        drop(taken);
        gauge!(SOCKETS, "kind" => kind).increment(1.0);
        Ok(Seat { number, person, listener, seats: Arc::clone(self) })
    }

    /// Ends listeners whose write is stuck, and at the end of the process those who take too long to leave.
    pub async fn free_the_stuck(self: Arc<Self>, ending: CancellationToken) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while ending.run_until_cancelled(look.tick()).await.is_some() {
            let now = self.now();
            let patience = u64::try_from(self.bounds.stuck.as_millis()).unwrap_or(u64::MAX);
            for listener in self.all() {
                let since = listener.writing_since.load(Ordering::Relaxed);
                if since != 0 && now.saturating_sub(since) > patience {
                    figures::lag_close();
                    tracing::debug!(kind = listener.kind, "a listener takes nothing and is given up");
                    listener.end();
                }
            }
        }
        let late = Instant::now() + self.bounds.ending;
        while Instant::now() < late && !self.lock().seats.is_empty() {
            look.tick().await;
        }
        self.all().iter().for_each(|listener| listener.end());
    }

    /// Asks again and again whether those who listen still may, as whom, and tells them.
    pub async fn recheck(self: Arc<Self>, database: Database, ending: CancellationToken) {
        let mut look = interval(self.bounds.recheck);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while ending.run_until_cancelled(look.tick()).await.is_some() {
            for listeners in self.all().chunks(ASKED_AT_ONCE) {
                let callers: Vec<Caller> =
                    listeners.iter().map(|listener| Caller::clone(&listener.caller())).collect();
                match database.recheck(&callers).await {
                    Ok(now) => {
                        let now = now.iter().map(Option::as_ref);
                        listeners.iter().zip(now).for_each(|(listener, now)| listener.learn(now));
                    }
                    // Without the database nothing new can be sent either.
                    Err(error) => {
                        tracing::warn!(%error, "who may listen can't be looked up; tried again in a moment")
                    }
                }
            }
        }
    }

    fn all(&self) -> Vec<Arc<Listener>> {
        self.lock().seats.values().cloned().collect()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
