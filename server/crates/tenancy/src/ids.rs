//! The one source of ids on the server: UUID version 7, which sort by the time they were made.

use crate::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes ids. Within a process they only ever grow, also when the clock steps back.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    clock: Clock,
    /// Milliseconds times 2^12, plus a counter within the millisecond.
    last: Arc<AtomicU64>,
}

impl Ids {
    pub fn new(clock: Clock) -> Self {
        Self { clock, last: Arc::default() }
    }

    /// A new id of any kind: `ids.make::<TaskId>()`.
    pub fn make<Id: From<uuid::Uuid>>(&self) -> Id {
        Id::from(self.uuid())
    }

    fn uuid(&self) -> uuid::Uuid {
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default();
        let floor = millis << 12;
        let tick = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(floor.max(last + 1)))
            .map_or(floor, |last| floor.max(last + 1));
        let mut random = [0_u8; 8];
        crate::secret::fill(&mut random);
        let high = (u128::from(tick >> 12) << 80) | (0x7_u128 << 76) | (u128::from(tick & 0xfff) << 64);
        let low = (u64::from_be_bytes(random) >> 2) | (0b10 << 62);
        uuid::Uuid::from_u128(high | u128::from(low))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_are_of_version_7_and_differ() {
        let ids = Ids::new(Clock::fixed(domain::DateTime::UNIX_EPOCH));
        let made: Vec<uuid::Uuid> = (0..5_000).map(|_| ids.make()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
        assert!(made.iter().all(|id| id.get_variant() == uuid::Variant::RFC4122));
    }
}
