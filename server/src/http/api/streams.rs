//! How many streams one caller may hold open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::http::problem::Refusal;

/// As many as the sockets of one person.
const PER_OWNER: usize = 50;

/// The open streams of this process, by whose they are. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<Uuid, usize>>>);

/// One open stream; it gives its place back when it is dropped.
#[derive(Debug)]
pub struct Place {
    streams: Streams,
    owner: Uuid,
}

impl Streams {
    /// A place for one more stream of this owner.
    ///
    /// # Errors
    /// 429 where they have too many.
    pub fn take(&self, owner: Uuid) -> Result<Place, Refusal> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(owner).or_default();
        if *count >= PER_OWNER {
            let detail = format!("rate: {PER_OWNER} streams are open already. Close one first.");
            return Err(Refusal::limited(detail, 10));
        }
        *count += 1;
        drop(open);
        Ok(Place { streams: self.clone(), owner })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let (streams, one, other) = (Streams::default(), Uuid::from_u128(1), Uuid::from_u128(2));
        let mut held: Vec<Place> = (0..PER_OWNER).map(|_| streams.take(one).unwrap()).collect();
        assert!(streams.take(one).is_err());
        assert!(streams.take(other).is_ok());
        held.pop();
        assert!(streams.take(one).is_ok());
        drop(held);
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
