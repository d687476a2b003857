//! The change feed as this process sees it: one reader of what is new, and a channel per workspace that is listened to.
//!
//! A subscription is taken before the history is read, so that nothing falls between the two: everything up to
//! [`Subscription::head`] is history, everything after it comes through the subscription.
//! Start reading at [`Feed::subscribe`]; [`history`] is the past.

mod history;
mod reader;

pub use history::{History, history, trim};

use crate::StoreError;
use crate::transaction::{Nudge, Shared};
use domain::{Change, Seq, WorkspaceId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

/// Batches that a subscriber may fall behind before it has to start over.
const CHANNEL_CAPACITY: usize = 256;

/// One change, with room for its encoding so that a thousand sockets share one.
#[derive(Debug)]
pub struct Fed {
    pub change: Change,
    encoded: OnceLock<bytes::Bytes>,
}

impl Fed {
    pub(crate) fn new(change: Change) -> Self {
        Self { change, encoded: OnceLock::new() }
    }

    /// The encoding of this change, made by whoever asks first.
    pub fn encoded(&self, encode: impl FnOnce(&Change) -> bytes::Bytes) -> &bytes::Bytes {
        self.encoded.get_or_init(|| encode(&self.change))
    }
}

/// What became new at once, in order.
pub type Batch = Arc<Vec<Arc<Fed>>>;

/// The feed of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: sqlx::PgPool,
    shared: Shared,
    channels: Mutex<HashMap<WorkspaceId, Channel>>,
    stopped: CancellationToken,
}

#[derive(Debug)]
struct Channel {
    sender: broadcast::Sender<Batch>,
    head: Seq,
}

/// What is new in a workspace from now on.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Batch>,
    head: Seq,
    epoch: String,
}

/// A subscriber was too slow; what it missed can only be had by starting over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind;

impl Subscription {
    /// Changes up to and with this one are history; later ones come through [`next`](Self::next).
    pub fn head(&self) -> Seq {
        self.head
    }

    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The next batch. `Ok(None)` when the feed has stopped. Can be cancelled without losing a batch.
    pub async fn next(&mut self) -> Result<Option<Batch>, Behind> {
        match self.receiver.recv().await {
            Ok(batch) => Ok(Some(batch)),
            Err(broadcast::error::RecvError::Lagged(_)) => Err(Behind),
            Err(broadcast::error::RecvError::Closed) => Ok(None),
        }
    }
}

impl Feed {
    pub(crate) fn start(pool: sqlx::PgPool, shared: Shared, nudged: mpsc::UnboundedReceiver<Nudge>) -> Self {
        let inner = Inner { pool, shared, channels: Mutex::default(), stopped: CancellationToken::new() };
        let feed = Self(Arc::new(inner));
        reader::spawn(Arc::clone(&feed.0), nudged);
        feed
    }

    /// Listens to a workspace from now on.
    pub async fn subscribe(&self, workspace: WorkspaceId) -> Result<Subscription, StoreError> {
        // Read before the channel is looked up: a channel that exists is at or past this place, and one that does
        // not starts here, from where the reader reads on.
        let (epoch, head) = self.0.head_of(workspace).await?;
        let mut channels = self.0.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let channel = channels
            .entry(workspace)
            .or_insert_with(|| Channel { sender: broadcast::channel(CHANNEL_CAPACITY).0, head });
        let subscription = Subscription { receiver: channel.sender.subscribe(), head: channel.head, epoch };
        drop(channels);
        // Whatever was committed between the reading and the listening is fetched now.
        self.0.shared.nudges.send(Nudge::Changed(workspace)).ok();
        Ok(subscription)
    }

    pub(crate) fn stop(&self) {
        self.0.stopped.cancel();
        self.0.channels.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
