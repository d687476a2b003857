//! The newest changes of a workspace, each encoded once, in bounded memory.

use std::collections::VecDeque;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use domain::{Change, DateTime, Seq, UserId};
use tenancy::feed::Fed;

use crate::live::frames::{self, Frame};
use crate::live::scope;
use tenancy::Caller;

/// More changes of one entity in one commit than this go out as `bulk`.
pub const BULK: usize = 500;

/// A change, or a whole run of them.
#[derive(Debug)]
pub struct Entry {
    pub first: Seq,
    pub last: Seq,
    entity: String,
    /// The one person it is for, where it is not for everybody.
    audience: Option<UserId>,
    text: Utf8Bytes,
    bulk: bool,
}

impl Entry {
    fn of(change: &Change, encoded: Bytes) -> Self {
        Self {
            first: change.seq,
            last: change.seq,
            entity: change.entity.clone(),
            audience: audience(change),
            text: Utf8Bytes::try_from(encoded).unwrap_or_default(),
            bulk: false,
        }
    }

    fn bulk(entity: &str, from: Seq, through: Seq) -> Self {
        Self {
            first: from,
            last: through,
            entity: entity.to_owned(),
            audience: None,
            text: Frame::bulk(entity, from, through).text,
            bulk: true,
        }
    }

    /// Whether a reader may see it, and asked for it.
    pub fn is_for(&self, caller: &Caller, entities: Option<&[String]>) -> bool {
        entities.is_none_or(|entities| entities.contains(&self.entity))
            && scope::shows(caller, &self.entity, self.audience)
    }

    /// The frame for a reader who has everything up to `after`.
    pub fn frame(&self, after: Seq) -> Frame {
        if self.bulk && self.first <= after {
            return Frame::bulk(&self.entity, after + 1, self.last);
        }
        let name = if self.bulk { "bulk".into() } else { frames::name_of(&self.entity).into() };
        Frame { name, text: self.text.clone(), place: Some(self.last) }
    }

    pub fn bytes(&self) -> usize {
        self.text.len() + size_of::<Self>()
    }
}

fn audience(change: &Change) -> Option<UserId> {
    change.row.get("audience")?.as_str()?.parse().ok()
}

/// Gathers runs. The changes of one commit stand together in the feed, and share its time (that of its transaction's
/// beginning, to the microsecond) and whoever made it; a run is those of one entity that follow one another. Two
/// commits that look like one would be told as one `bulk`, which asks a reader to read again: never a wrong row.
#[derive(Debug, Default)]
pub struct Runs {
    last: Option<(String, DateTime, Option<UserId>)>,
    length: usize,
}

impl Runs {
    /// Changes in order to entries. A run that goes on in the next call is remembered: its first part may then have
    /// been sent one by one, and the rest goes out as `bulk`.
    pub fn gather<T: Fresh>(&mut self, changes: &[T]) -> Vec<Arc<Entry>> {
        let mut entries = Vec::new();
        for run in changes.chunk_by(|one, next| key(one.change()) == key(next.change())) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            let (first, last) = (first.change(), last.change());
            let key = key(first);
            let goes_on =
                self.last.as_ref().is_some_and(|(entity, at, by)| (entity.as_str(), *at, *by) == key);
            self.length = run.len() + if goes_on { self.length } else { 0 };
            self.last = Some((first.entity.clone(), first.at, first.by));
            if self.length > BULK {
                entries.push(Arc::new(Entry::bulk(&first.entity, first.seq, last.seq)));
            } else {
                entries.extend(run.iter().map(|one| Arc::new(Entry::of(one.change(), one.encoded()))));
            }
        }
        entries
    }
}

fn key(change: &Change) -> (&str, DateTime, Option<UserId>) {
    (&change.entity, change.at, change.by)
}

/// A change, and its encoding where somebody has made it already.
pub trait Fresh {
    fn change(&self) -> &Change;
    fn encoded(&self) -> Bytes;
}

impl Fresh for Arc<Fed> {
    fn change(&self) -> &Change {
        &self.change
    }

    fn encoded(&self) -> Bytes {
        Fed::encoded(self, frames::change).clone()
    }
}

impl Fresh for Change {
    fn change(&self) -> &Change {
        self
    }

    fn encoded(&self) -> Bytes {
        frames::change(self)
    }
}

/// The newest entries. Everything up to `base` is history.
#[derive(Debug)]
pub struct Ring {
    base: Seq,
    head: Seq,
    bytes: usize,
    entries: VecDeque<Arc<Entry>>,
}

/// What a reader wants is not in the ring any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Behind;

impl Ring {
    pub fn new(base: Seq) -> Self {
        Self { base, head: base, bytes: 0, entries: VecDeque::new() }
    }

    pub fn base(&self) -> Seq {
        self.base
    }

    pub fn head(&self) -> Seq {
        self.head
    }

    pub fn push(&mut self, entry: Arc<Entry>, most: (usize, usize)) {
        self.head = entry.last;
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > most.0 || self.bytes > most.1 {
            let Some(oldest) = self.entries.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes();
            self.base = oldest.last;
        }
    }

    /// Up to `most` entries after a place.
    pub fn read(&self, after: Seq, most: usize) -> Result<Vec<Arc<Entry>>, Behind> {
        if after < self.base {
            return Err(Behind);
        }
        let from = self.entries.partition_point(|entry| entry.last <= after);
        Ok(self.entries.iter().skip(from).take(most).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(seq: Seq, entity: &str, commit: i64) -> Change {
        Change {
            seq,
            entity: entity.to_owned(),
            id: uuid::Uuid::nil().into(),
            op: domain::Operation::Insert,
            row: serde_json::json!({}),
            by: None,
            at: DateTime::from_timestamp(commit, 0).unwrap(),
        }
    }

    fn spans(entries: &[Arc<Entry>]) -> Vec<(Seq, Seq, bool)> {
        entries.iter().map(|entry| (entry.first, entry.last, entry.bulk)).collect()
    }

    #[test]
    fn a_run_over_the_limit_is_one_bulk_and_one_at_the_limit_is_not() {
        let at_limit: Vec<Change> = (1..=500).map(|seq| change(seq, "task", 1)).collect();
        assert_eq!(Runs::default().gather(&at_limit).len(), 500);
        let over: Vec<Change> = (1..=501).map(|seq| change(seq, "task", 1)).collect();
        assert_eq!(spans(&Runs::default().gather(&over)), [(1, 501, true)]);
    }

    #[test]
    fn another_commit_or_entity_is_another_run_and_every_seq_is_told_once() {
        let mut all: Vec<Change> = (1..=400).map(|seq| change(seq, "task", 1)).collect();
        all.extend((401..=800).map(|seq| change(seq, "task", 2)));
        all.extend((801..=1500).map(|seq| change(seq, "execution", 2)));
        all.push(change(1501, "task", 2));
        let entries = Runs::default().gather(&all);
        assert_eq!(entries.len(), 802);
        assert_eq!(spans(&entries[800..]), [(801, 1500, true), (1501, 1501, false)]);
        assert!(entries.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
    }

    #[test]
    fn a_run_over_several_pages_goes_on_as_bulk() {
        let mut runs = Runs::default();
        let page =
            |from: Seq, through: Seq| (from..=through).map(|seq| change(seq, "task", 1)).collect::<Vec<_>>();
        assert_eq!(runs.gather(&page(1, 300)).len(), 300);
        assert_eq!(spans(&runs.gather(&page(301, 600))), [(301, 600, true)]);
        assert_eq!(spans(&runs.gather(&page(601, 601))), [(601, 601, true)]);
        let entry = Arc::clone(&runs.gather(&page(602, 700))[0]);
        let frame: serde_json::Value = serde_json::from_str(entry.frame(650).text.as_str()).unwrap();
        assert_eq!(
            (frame["from"].as_i64(), frame["through"].as_i64()),
            (Some(651), Some(700)),
            "only what is missing"
        );
    }

    #[test]
    fn the_ring_forgets_the_oldest_and_says_so() {
        let mut ring = Ring::new(10);
        let entries =
            Runs::default().gather(&(11..=20).map(|seq| change(seq, "task", seq)).collect::<Vec<_>>());
        for entry in entries {
            ring.push(entry, (4, usize::MAX));
        }
        assert_eq!((ring.base(), ring.head()), (16, 20));
        assert_eq!(ring.read(15, 9).unwrap_err(), Behind);
        assert_eq!(spans(&ring.read(17, 2).unwrap()), [(18, 18, false), (19, 19, false)]);
        assert!(ring.read(20, 9).unwrap().is_empty());
        ring.push(Runs::default().gather(&[change(21, "task", 21)]).remove(0), (9, 1));
        assert_eq!(ring.read(20, 9).unwrap_err(), Behind, "larger than all of the room");
    }
}
