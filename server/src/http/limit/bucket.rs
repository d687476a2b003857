//! Token buckets by key, forgotten when they are full again.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// At most so many keys are remembered; about 4 MiB.
const REMEMBERED: usize = 100_000;

/// One bucket per key. Keys are remembered as a hash that nobody outside can aim at.
#[derive(Debug)]
pub struct Buckets {
    limit: u32,
    burst: f64,
    per_second: f64,
    remembered: usize,
    hasher: RandomState,
    buckets: Mutex<HashMap<u64, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// What came of asking for one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub allowed: bool,
    /// Per minute.
    pub limit: u32,
    /// Whole tokens left.
    pub remaining: u32,
    /// Seconds until the bucket is full.
    pub reset: u64,
    /// Seconds until there is a token; 0 where there is one.
    pub retry_after: u64,
}

impl Buckets {
    /// So many a minute, and so many at once.
    pub fn new(per_minute: u32, burst: u32) -> Self {
        Self::with_capacity(per_minute, burst, REMEMBERED)
    }

    fn with_capacity(per_minute: u32, burst: u32, remembered: usize) -> Self {
        Self {
            limit: per_minute,
            burst: f64::from(burst),
            per_second: f64::from(per_minute) / 60.0,
            remembered,
            hasher: RandomState::new(),
            buckets: Mutex::new(HashMap::new()),
        }
    }

    /// Takes one token from the key's bucket.
    pub fn take(&self, key: &impl Hash, now: Instant) -> Verdict {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let key = self.hasher.hash_one(key);
        if buckets.len() >= self.remembered && !buckets.contains_key(&key) {
            self.forget(&mut buckets, now);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: self.burst, at: now });
        bucket.tokens = self.filled(*bucket, now);
        bucket.at = now;
        let allowed = bucket.tokens >= 1.0;
        if allowed {
            bucket.tokens -= 1.0;
        }
        let seconds = |tokens: f64| whole(tokens.max(0.0) / self.per_second);
        Verdict {
            allowed,
            limit: self.limit,
            remaining: u32::try_from(down(bucket.tokens)).unwrap_or(u32::MAX),
            reset: seconds(self.burst - bucket.tokens),
            retry_after: if allowed { 0 } else { seconds(1.0 - bucket.tokens).max(1) },
        }
    }

    /// Puts a token back that was taken for what needs none.
    pub fn give_back(&self, key: &impl Hash) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&self.hasher.hash_one(key)) {
            bucket.tokens = (bucket.tokens + 1.0).min(self.burst);
        }
    }

    fn filled(&self, bucket: Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.tokens + passed * self.per_second).min(self.burst)
    }

    /// Full buckets say nothing; if that is not enough, the half that rested longest goes.
    fn forget(&self, buckets: &mut HashMap<u64, Bucket>, now: Instant) {
        buckets.retain(|_, bucket| self.filled(*bucket, now) < self.burst);
        if buckets.len() < self.remembered {
            return;
        }
        let mut ages: Vec<Duration> =
            buckets.values().map(|bucket| now.saturating_duration_since(bucket.at)).collect();
        let middle = ages.len() / 2;
        let (_, median, _) = ages.select_nth_unstable(middle);
        let median = *median;
        let mut room = middle + 1;
        buckets.retain(|_, bucket| {
            let goes = room > 0 && now.saturating_duration_since(bucket.at) >= median;
            room -= usize::from(goes);
            !goes
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and a cast of a float saturates"
)]
fn whole(seconds: f64) -> u64 {
    seconds.ceil() as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and a cast of a float saturates"
)]
fn down(tokens: f64) -> u64 {
    tokens.floor() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_the_rate() {
        let buckets = Buckets::new(60, 3);
        let start = Instant::now();
        let allowed = |seconds: u64| buckets.take(&"key", start + Duration::from_secs(seconds));
        assert_eq!((allowed(0).remaining, allowed(0).remaining, allowed(0).remaining), (2, 1, 0));
        let refused = allowed(0);
        assert!(!refused.allowed);
        assert_eq!((refused.retry_after, refused.reset, refused.limit), (1, 3, 60));
        assert!(allowed(1).allowed);
        assert!(!allowed(1).allowed);
        assert!(buckets.take(&"other", start).allowed, "another key has its own");
    }

    #[test]
    fn memory_is_bounded_and_those_who_are_busy_are_remembered() {
        let buckets = Buckets::with_capacity(1, 2, 100);
        let start = Instant::now();
        for number in 0..1000_u64 {
            let now = start + Duration::from_millis(number);
            buckets.take(&number, now);
            buckets.take(&"busy", now);
            assert!(buckets.buckets.lock().unwrap().len() <= 100);
        }
        assert!(!buckets.take(&"busy", start + Duration::from_secs(1)).allowed);
    }
}
