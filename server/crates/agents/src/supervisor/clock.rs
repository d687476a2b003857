//! The time that a run has had.

use std::time::{Duration, Instant};

/// Running time, without the time that it was paused.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    paused: Option<Instant>,
    lost: Duration,
}

impl Clock {
    pub(super) fn start(now: Instant) -> Self {
        Self { began: now, paused: None, lost: Duration::ZERO }
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        let until = self.paused.unwrap_or(now);
        until.duration_since(self.began).saturating_sub(self.lost)
    }

    pub(super) fn pause(&mut self, now: Instant) {
        self.paused = self.paused.or(Some(now));
    }

    pub(super) fn resume(&mut self, now: Instant) {
        if let Some(since) = self.paused.take() {
            self.lost += now.duration_since(since);
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paused_time_does_not_count() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut clock = Clock::start(start);
        clock.pause(at(10));
        clock.pause(at(20));
        assert_eq!(clock.elapsed(at(100)), Duration::from_secs(10));
        clock.resume(at(100));
        clock.resume(at(200));
        assert_eq!(clock.elapsed(at(105)), Duration::from_secs(15));
        assert!(!clock.is_paused());
    }
}
