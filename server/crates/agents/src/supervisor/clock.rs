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
    pub(super) fn start() -> Self {
        Self {
            began: Instant::now(),
            paused: None,
            lost: Duration::ZERO,
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        let until = self.paused.unwrap_or_else(Instant::now);
        until.duration_since(self.began).saturating_sub(self.lost)
    }

    pub(super) fn pause(&mut self) {
        self.paused = self.paused.or_else(|| Some(Instant::now()));
    }

    pub(super) fn resume(&mut self) {
        if let Some(since) = self.paused.take() {
            self.lost += since.elapsed();
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.is_some()
    }
}
