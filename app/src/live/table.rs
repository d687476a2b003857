//! The rows of one entity as this browser knows them. Pure: no signals, no clock, no network.
//!
//! What the server says is applied by id and by place in the feed, never by the order of arrival: a list read
//! before a change may come after it. What a person has just done is laid over it until the feed confirms it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Seq;

/// A row that the feed carries.
pub trait Row: Clone + PartialEq {
    type Id: Copy + Ord + std::fmt::Debug;
    fn id(&self) -> Self::Id;
    /// Grows with every change of the row: which of two images is newer, where one came without a place in the feed.
    fn freshness(&self) -> i64;
    /// Keeps what this image knows and a newer one leaves out: the feed cuts long texts.
    fn carry(&self, newer: Self) -> Self {
        newer
    }
    /// What a person wants, laid over what is known now: only what they changed, since others change the rest.
    fn rebase(_base: &Self, wanted: &Self, _now: &Self) -> Self {
        wanted.clone()
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Known<T> {
    /// `None` once it is deleted: a list that was read before must not bring it back.
    row: Option<Arc<T>>,
    /// Its last place in the feed. `None` where it has only been read in a list.
    seq: Option<Seq>,
    /// It may be gone without a word: only a list that is read anew says.
    doubted: bool,
}

/// Something a person has done that the feed has not confirmed yet.
#[derive(Debug, Clone, PartialEq)]
struct Pending<T: Row> {
    token: u64,
    id: T::Id,
    /// What the person saw. `None` once the server has answered: its answer is the whole row.
    base: Option<Arc<T>>,
    /// `None` where it was deleted.
    row: Option<Arc<T>>,
    /// Known once the server has answered.
    seq: Option<Seq>,
}

impl<T: Row> Pending<T> {
    /// Whether the feed, which stands here and has this row, has told of what was done.
    fn is_told(&self, seq: Seq, now: Option<&T>) -> bool {
        let Some(saved) = self.seq else { return false };
        saved <= seq
            || match (&self.row, now) {
                (Some(own), Some(now)) => now.freshness() >= own.freshness(),
                (_, None) => true,
                (None, Some(_)) => false,
            }
    }

    /// The row once this is laid over it. What was deleted meanwhile stays deleted.
    fn over(&self, now: Option<Arc<T>>) -> Option<Arc<T>> {
        let wanted = self.row.as_ref()?;
        match (&self.base, now) {
            (Some(base), Some(now)) if *base != now => Some(Arc::new(T::rebase(base, wanted, &now))),
            (Some(_), None) => None,
            _ => Some(Arc::clone(wanted)),
        }
    }
}

/// All rows, and what is laid over them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<T: Row> {
    known: BTreeMap<T::Id, Known<T>>,
    pending: Vec<Pending<T>>,
    tokens: u64,
}

impl<T: Row> Default for Table<T> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), pending: Vec::new(), tokens: 0 }
    }
}

impl<T: Row> Table<T> {
    /// The row as it is shown: what a person did last, else what is known.
    pub fn get(&self, id: T::Id) -> Option<Arc<T>> {
        let known = self.known.get(&id).and_then(|known| known.row.clone());
        self.pending.iter().filter(|pending| pending.id == id).fold(known, |now, pending| pending.over(now))
    }

    /// The row as the server has it.
    pub fn confirmed(&self, id: T::Id) -> Option<Arc<T>> {
        self.known.get(&id).and_then(|known| known.row.clone())
    }

    /// Whether the row is shown ahead of its confirmation.
    pub fn is_pending(&self, id: T::Id) -> bool {
        self.pending.iter().any(|pending| pending.id == id)
    }

    /// Every row as it is shown, in the order of ids.
    pub fn rows(&self) -> Vec<Arc<T>> {
        let mut shown: BTreeMap<T::Id, Arc<T>> =
            self.known.iter().filter_map(|(id, known)| Some((*id, known.row.clone()?))).collect();
        for pending in &self.pending {
            let now = shown.remove(&pending.id);
            if let Some(row) = pending.over(now) {
                shown.insert(pending.id, row);
            }
        }
        shown.into_values().collect()
    }

    /// Applies rows that were read in a list, which says nothing of rows that it doesn't hold.
    pub fn read(&mut self, rows: impl IntoIterator<Item = T>) {
        for row in rows {
            let id = row.id();
            let newer = match self.known.get(&id) {
                None => true,
                Some(Known { row: None, .. }) => false,
                Some(Known { row: Some(known), .. }) => row.freshness() >= known.freshness(),
            };
            if newer {
                let before = self.known.get(&id);
                let seq = before.and_then(|known| known.seq);
                let row = match before.and_then(|known| known.row.as_ref()) {
                    Some(before) => before.carry(row),
                    None => row,
                };
                self.known.insert(id, Known { row: Some(Arc::new(row)), seq, doubted: false });
            } else if let Some(known) = self.known.get_mut(&id) {
                known.doubted = false;
            }
        }
    }

    /// More has changed than the feed tells of: every row stays as it is shown until a list is read anew.
    pub fn doubt(&mut self) {
        for known in self.known.values_mut() {
            known.doubted = true;
        }
    }

    /// Applies rows that were read in all the lists that a page shows: a row in doubt that is not among them is gone.
    pub fn read_anew(&mut self, rows: impl IntoIterator<Item = T>) {
        self.read(rows);
        self.known.retain(|_, known| !known.doubted || known.row.is_none());
    }

    /// Applies a change of the feed. A place that was passed already changes nothing.
    pub fn change(&mut self, seq: Seq, id: T::Id, row: Option<T>) {
        let known = self.known.get(&id);
        if known.and_then(|known| known.seq).is_none_or(|before| before < seq) {
            let before = known.and_then(|known| known.row.clone());
            let row = row.map(|row| match before {
                Some(before) => before.carry(row),
                None => row,
            });
            // A list may have been read after this change was made: then it is the older of the two.
            let stale = known.and_then(|known| known.row.as_ref()).zip(row.as_ref());
            let row = match stale {
                Some((before, row)) if before.freshness() > row.freshness() => Some(before.clone()),
                _ => row.map(Arc::new),
            };
            self.known.insert(id, Known { row, seq: Some(seq), doubted: false });
        }
        let now = self.known.get(&id).and_then(|known| known.row.clone());
        self.pending.retain(|pending| pending.id != id || !pending.is_told(seq, now.as_deref()));
    }

    /// Lays what a person does over the known row. The token names it when the answer comes.
    pub fn expect(&mut self, id: T::Id, row: Option<T>) -> u64 {
        self.tokens += 1;
        let base = self.get(id);
        self.pending.push(Pending { token: self.tokens, id, base, row: row.map(Arc::new), seq: None });
        self.tokens
    }

    /// The server has done it, at this place in the feed. The change may have come before this answer:
    /// then nothing is left to wait for.
    pub fn saved(&mut self, token: u64, row: Option<T>, seq: Option<Seq>) {
        let Some(at) = self.pending.iter().position(|pending| pending.token == token) else {
            return;
        };
        let id = self.pending.get(at).map(|pending| pending.id);
        let known = id.and_then(|id| self.known.get(&id));
        let passed = known.and_then(|known| known.seq);
        // A commit over many rows is answered with the place of its last change: a row's own may be before it.
        let told = known.is_some_and(|known| match (&known.row, &row) {
            (Some(now), Some(row)) => passed.is_some() && now.freshness() >= row.freshness(),
            (None, None) => true,
            _ => false,
        });
        match seq {
            Some(seq) if !told && passed.is_none_or(|passed| passed < seq) => {
                if let Some(pending) = self.pending.get_mut(at) {
                    pending.seq = Some(seq);
                    pending.base = None;
                    pending.row = row.map(Arc::new).or(pending.row.take());
                }
            }
            // Confirmed already, or nothing was changed that the feed would tell of.
            _ => {
                self.pending.remove(at);
                self.read(row);
            }
        }
    }

    /// The server has refused it: the row is again what it was.
    pub fn refused(&mut self, token: u64) {
        self.pending.retain(|pending| pending.token != token);
    }

    /// Forgets what is known, because the feed began anew or lost its thread. What waits for an answer stays.
    pub fn clear(&mut self) {
        self.known.clear();
        self.pending.retain(|pending| pending.seq.is_none());
    }
}

#[cfg(test)]
mod tests;
