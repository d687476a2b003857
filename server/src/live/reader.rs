//! One reader of a workspace's feed: where it stands, what it may see, and the frames that bring it further.
//!
//! A reader is only a place in the feed. Behind the ring it reads the history, page by page at its own pace; in the
//! ring it is live. Once live, a reader that the ring has left behind starts over.

use std::sync::Arc;

use domain::{Epoch, Seq};
use tenancy::feed::history;
use tenancy::{Caller, StoreError};
use tokio::sync::watch;

use super::figures;
use super::frames::Frame;
use super::hub::Hub;
use super::hub::ring::{Behind, Entry, Runs};
use super::hub::room::{Place, Room};

/// Frames that are taken at once. Between two takings everything else has its turn.
const SLICE: usize = 64;
/// Changes of the past that are read at once.
const PAGE: i64 = 200;
/// Beyond the last change there can ever be: a question about the head alone.
const NOWHERE: Seq = Seq::MAX - 1;
/// Times that a reader may be left behind, without ever being up to date in between, before it is given up.
const LAGS: u8 = 3;

/// What a client asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    pub epoch: Option<Epoch>,
    pub after: Option<Seq>,
    pub entities: Option<Vec<String>>,
}

/// A reader, silent until it [`resume`](Self::resume)s.
#[derive(Debug)]
pub struct Reader {
    hub: Hub,
    following: Option<Box<Following>>,
}

#[derive(Debug)]
struct Following {
    room: Arc<Room>,
    place: watch::Receiver<Place>,
    life: u64,
    after: Seq,
    entities: Option<Vec<String>>,
    /// What was gathered of the past, while it is read.
    past: Option<Runs>,
    lags: u8,
}

/// Why a reader can't go on.
#[derive(Debug)]
pub enum Ended {
    /// It was left behind again and again.
    TooSlow,
    Store(StoreError),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Reader {
    pub fn new(hub: Hub) -> Self {
        Self { hub, following: None }
    }

    /// Takes its place in the feed; the answer is `hello`, after a `reset` where the wish can't be met.
    pub async fn resume(&mut self, caller: &Caller, wish: Wish) -> Result<Vec<Frame>, StoreError> {
        // The room is entered before the past is looked at, so that nothing falls in between.
        let room = self.hub.room(caller.workspace()).await?;
        let place = room.follow();
        let (life, base, head) = room.span();
        let epoch = room.epoch();
        let same_life = wish.epoch.as_ref().is_none_or(|wished| *wished == epoch);
        let from = match wish.after {
            Some(after) if same_life && (base..=head).contains(&after) => Ok((after, head)),
            _ if !same_life => Err("other_epoch"),
            after => self.look(caller, after).await?,
        };
        let (after, seq, reset) = match from {
            Ok((after, head)) => (after, head, None),
            Err(reason) => {
                let head = self.head(caller).await?;
                (head, head, Some(reason))
            }
        };
        let past = (after < base).then(Runs::default);
        let entities = wish.entities;
        self.following = Some(Box::new(Following { room, place, life, after, entities, past, lags: 0 }));
        let hello = Frame::hello(&epoch, seq, after, caller);
        Ok(reset.map(reset_frame).into_iter().chain([hello]).collect())
    }

    /// Completes when there is something to read. For ever where nobody resumed. Can be cancelled.
    pub async fn wait(&mut self) {
        let Some(following) = &mut self.following else {
            return std::future::pending().await;
        };
        if following.past.is_some() {
            return;
        }
        let (life, after) = (following.life, following.after);
        let gone = following.place.wait_for(|place| place.life != life || place.head > after).await.is_err();
        if gone {
            // The room is held here, and its sender with it: this can't be.
            std::future::pending().await
        }
    }

    /// The next frames, at most a slice. To be driven to its end.
    pub async fn read(&mut self, caller: &Caller) -> Result<Vec<Frame>, Ended> {
        let Some(following) = &mut self.following else {
            return Ok(Vec::new());
        };
        let entries = if following.past.is_some() {
            following.read_past(&self.hub, caller).await?
        } else {
            following.room.read(following.life, following.after, SLICE)
        };
        match entries {
            Ok(entries) => Ok(following.frames(caller, &entries)),
            Err(Behind) => self.start_over(caller).await,
        }
    }

    async fn start_over(&mut self, caller: &Caller) -> Result<Vec<Frame>, Ended> {
        let Some(before) = self.following.take() else {
            return Ok(Vec::new());
        };
        let lags = before.lags + 1;
        if lags >= LAGS {
            return Err(Ended::TooSlow);
        }
        let other_life = before.room.epoch();
        let reason = if before.room.span().0 == before.life { "behind" } else { "other_epoch" };
        tracing::debug!(epoch = other_life, reason, "a reader starts over");
        let wish = Wish { entities: before.entities, ..Wish::default() };
        let hello = self.resume(caller, wish).await?;
        if let Some(following) = &mut self.following {
            following.lags = lags;
        }
        Ok([reset_frame(reason)].into_iter().chain(hello).collect())
    }

    /// Whether a place can be gone on from, by the log itself; without one, the head.
    async fn look(
        &self,
        caller: &Caller,
        after: Option<Seq>,
    ) -> Result<Result<(Seq, Seq), &'static str>, StoreError> {
        let mut tx = self.hub.database().begin(caller).await?;
        let found = history(&mut tx, after.unwrap_or(NOWHERE), 1).await?;
        Ok(match after {
            None => Ok((found.head, found.head)),
            Some(after) if after > found.head => Err("past_head"),
            Some(after) if after < 0 || !found.reaches(after) => Err("too_old"),
            Some(after) => Ok((after, found.head)),
        })
    }

    async fn head(&self, caller: &Caller) -> Result<Seq, StoreError> {
        let mut tx = self.hub.database().begin(caller).await?;
        Ok(history(&mut tx, NOWHERE, 1).await?.head)
    }
}

impl Following {
    async fn read_past(
        &mut self,
        hub: &Hub,
        caller: &Caller,
    ) -> Result<Result<Vec<Arc<Entry>>, Behind>, StoreError> {
        let mut tx = hub.database().begin(caller).await?;
        let page = history(&mut tx, self.after, PAGE).await?;
        drop(tx);
        if page.epoch != self.room.epoch() || !page.reaches(self.after) {
            return Ok(Err(Behind));
        }
        let entries = self.past.get_or_insert_default().gather(&page.items);
        let through = entries.last().map_or(self.after, |entry| entry.last);
        let (_, base, _) = self.room.span();
        if entries.is_empty() || through >= base {
            self.past = None;
        }
        Ok(Ok(entries))
    }

    /// Moves on by these entries. What the reader may not see becomes a `skip` of all that stands together.
    fn frames(&mut self, caller: &Caller, entries: &[Arc<Entry>]) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(entries.len());
        let mut hidden = None;
        for entry in entries {
            if entry.is_for(caller, self.entities.as_deref()) {
                frames.extend(hidden.take().map(Frame::skip));
                frames.push(entry.frame(self.after));
            } else {
                hidden = Some(entry.last);
            }
            self.after = entry.last;
        }
        frames.extend(hidden.map(Frame::skip));
        if self.past.is_none() && self.after >= self.place.borrow().head {
            self.lags = 0;
        }
        frames
    }
}

fn reset_frame(reason: &'static str) -> Frame {
    figures::reset(reason);
    Frame::reset(reason)
}
