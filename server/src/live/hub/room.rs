//! One workspace while somebody listens to it: its ring, filled from the feed by a task of its own.
//!
//! Readers take from the ring at their own pace and are only woken from here, so that none can delay another.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use domain::{Epoch, Seq, WorkspaceId};
use tenancy::StoreError;
use tenancy::feed::{Batch, Feed, Subscription};
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::ring::{Behind, Entry, Ring, Runs};
use crate::live::bounds::Bounds;
use crate::shutdown::Shutdown;

/// A restore or a migration may begin a new epoch while somebody listens.
const EPOCH_EVERY: Duration = Duration::from_secs(30);

/// Where a room stands: which life of the feed, and its newest change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub life: u64,
    pub head: Seq,
}

/// A workspace's newest changes.
#[derive(Debug)]
pub struct Room {
    workspace: WorkspaceId,
    inside: Mutex<Inside>,
    place: watch::Sender<Place>,
    opened: OnceCell<DropGuard>,
    most: (usize, usize),
}

#[derive(Debug)]
struct Inside {
    ring: Ring,
    runs: Runs,
    epoch: Epoch,
}

impl Room {
    pub(super) fn new(workspace: WorkspaceId, bounds: &Bounds) -> Self {
        let inside = Inside { ring: Ring::new(0), runs: Runs::default(), epoch: Epoch::new() };
        Self {
            workspace,
            inside: Mutex::new(inside),
            place: watch::channel(Place::default()).0,
            opened: OnceCell::new(),
            most: (bounds.ring_changes, bounds.ring_bytes),
        }
    }

    /// Begins to listen; whoever comes meanwhile waits for the first.
    pub(super) async fn open(self: &Arc<Self>, feed: &Feed, shutdown: &Shutdown) -> Result<(), StoreError> {
        let opening = async {
            let subscription = feed.subscribe(self.workspace).await?;
            self.begin(&subscription);
            let stop = CancellationToken::new();
            let pump = Pump { room: Arc::downgrade(self), feed: feed.clone(), workspace: self.workspace };
            let (left, ending) = (stop.clone(), shutdown.token());
            shutdown.spawn(async move {
                tokio::select! {
                    () = left.cancelled() => {}
                    () = ending.cancelled() => {}
                    () = pump.run(subscription) => {}
                }
            });
            Ok(stop.drop_guard())
        };
        self.opened.get_or_try_init(|| opening).await.map(|_| ())
    }

    /// Follows what is new.
    pub fn follow(&self) -> watch::Receiver<Place> {
        self.place.subscribe()
    }

    pub fn epoch(&self) -> Epoch {
        self.lock().epoch.clone()
    }

    /// Which life of the feed this is, and what the ring holds: everything after the first place, up to the second.
    pub fn span(&self) -> (u64, Seq, Seq) {
        let life = self.place.borrow().life;
        let inside = self.lock();
        (life, inside.ring.base(), inside.ring.head())
    }

    /// Up to `most` entries after a place of this life of the feed.
    pub fn read(&self, life: u64, after: Seq, most: usize) -> Result<Vec<Arc<Entry>>, Behind> {
        if self.place.borrow().life != life {
            return Err(Behind);
        }
        self.lock().ring.read(after, most)
    }

    fn begin(&self, subscription: &Subscription) {
        let mut inside = self.lock();
        let other_life = inside.epoch != subscription.epoch();
        *inside = Inside {
            ring: Ring::new(subscription.head()),
            runs: Runs::default(),
            epoch: subscription.epoch().to_owned(),
        };
        drop(inside);
        self.place.send_modify(|place| {
            place.life += u64::from(other_life);
            place.head = subscription.head();
        });
    }

    fn take(&self, batch: &Batch) {
        let mut inside = self.lock();
        let known = inside.ring.head();
        let fresh = batch.partition_point(|fed| fed.change.seq <= known);
        let Some(first) = batch.get(fresh) else { return };
        if first.change.seq != known + 1 {
            // The feed has no gaps: what is missing here is in the history, and those who wait for it start over.
            tracing::warn!(workspace = %self.workspace, known, next = first.change.seq, "a gap in what the feed handed out");
            inside.ring = Ring::new(first.change.seq - 1);
        }
        let entries = inside.runs.gather(batch.get(fresh..).unwrap_or_default());
        for entry in entries {
            inside.ring.push(entry, self.most);
        }
        let head = inside.ring.head();
        drop(inside);
        self.place.send_modify(|place| place.head = head);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fills a room for as long as it is there.
struct Pump {
    room: Weak<Room>,
    feed: Feed,
    workspace: WorkspaceId,
}

impl Pump {
    async fn run(self, mut subscription: Subscription) {
        let mut look = tokio::time::interval_at(tokio::time::Instant::now() + EPOCH_EVERY, EPOCH_EVERY);
        loop {
            let lost = tokio::select! {
                batch = subscription.next() => match batch {
                    Ok(Some(batch)) => {
                        let Some(room) = self.room.upgrade() else { return };
                        room.take(&batch);
                        false
                    }
                    // The feed ends with the process.
                    Ok(None) => return,
                    Err(tenancy::feed::Behind) => true,
                },
                _ = look.tick() => self.is_another_life().await,
            };
            if lost {
                let Some(again) = self.subscribe().await else {
                    return;
                };
                subscription = again;
            }
        }
    }

    async fn is_another_life(&self) -> bool {
        let (Ok(now), Some(room)) = (self.feed.subscribe(self.workspace).await, self.room.upgrade()) else {
            return false;
        };
        now.epoch() != room.epoch()
    }

    /// Listens anew; what was missed is left to the history. Tries until it succeeds or the room is left.
    async fn subscribe(&self) -> Option<Subscription> {
        loop {
            let room = self.room.upgrade()?;
            match self.feed.subscribe(self.workspace).await {
                Ok(subscription) => {
                    room.begin(&subscription);
                    return Some(subscription);
                }
                Err(error) => {
                    tracing::warn!(%error, "the change feed can't be listened to; tried again in a second")
                }
            }
            drop(room);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
