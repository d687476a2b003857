//! What an execution reached, and what it was refused, for people to read. Bounded, whatever it tries.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Places that are named, and as many that were refused.
const MOST: usize = 50;

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(in crate::supervisor) struct Ledger(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    reached: BTreeMap<String, Arc<Traffic>>,
    others: Arc<Traffic>,
    refused: BTreeSet<String>,
    /// Said soon.
    notices: Vec<String>,
}

/// Bytes of a place's connections, as they flow.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    connections: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl Traffic {
    pub(super) fn sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    fn say(&self, place: &str) -> Option<String> {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let connections = get(&self.connections);
        let word = if connections == 1 { "connection" } else { "connections" };
        (connections > 0).then(|| {
            let (sent, received) = (get(&self.sent), get(&self.received));
            format!("Network: {place}: {connections} {word}, {sent} bytes sent, {received} bytes received.")
        })
    }
}

impl Ledger {
    /// A connection is made to this place, `host:port`.
    pub(super) fn reach(&self, place: &str) -> Arc<Traffic> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = book.reached.get(place).map(Arc::clone);
        let traffic = match known {
            Some(known) => known,
            None if book.reached.len() >= MOST => Arc::clone(&book.others),
            None => {
                book.notices.push(format!("Network: {place} reached."));
                Arc::clone(book.reached.entry(place.to_owned()).or_default())
            }
        };
        traffic.connections.fetch_add(1, Ordering::Relaxed);
        traffic
    }

    /// A place was not reached, and this is why. Each is said once.
    pub(super) fn refuse(&self, place: &str, why: &str) {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if book.refused.len() < MOST && book.refused.insert(place.to_owned()) {
            book.notices.push(format!("Network: {place} {why}"));
        }
    }

    /// What there is to say since it was last asked.
    pub(in crate::supervisor) fn take_notices(&self) -> Vec<String> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut book.notices)
    }

    /// What went to and came from each place: once at the end of a phase, which begins a new page.
    pub(in crate::supervisor) fn close(&self) -> Vec<String> {
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = std::mem::take(&mut book.notices);
        lines.extend(book.reached.iter().filter_map(|(place, traffic)| traffic.say(place)));
        lines.extend(book.others.say("other places"));
        *book = Book::default();
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_much_is_tried_the_lines_are_few() {
        let ledger = Ledger::default();
        for n in 0..10_000 {
            ledger.reach(&format!("host-{}:443", n % 200)).sent(10);
            ledger.refuse(&format!("10.0.{}.{}:22", n / 250, n % 250), "private");
        }
        assert_eq!(ledger.take_notices().len(), 2 * MOST);
        let lines = ledger.close();
        assert_eq!(lines.len(), MOST + 1);
        assert_eq!(lines[0], "Network: host-0:443: 50 connections, 500 bytes sent, 0 bytes received.");
        assert!(lines[MOST].starts_with("Network: other places: 7500 connections, 75000 bytes sent"));
        assert!(ledger.close().is_empty());
    }
}
