//! The time that a run has had.

use std::time::{Duration, Instant};

/// Running time, without the time that it stood still or waited for a person.
#[derive(Debug)]
pub(super) struct Clock {
    began: Instant,
    stopped: Option<Instant>,
    lost: Duration,
    paused: bool,
    waiting: bool,
}

impl Clock {
    pub(super) fn start(now: Instant) -> Self {
        Self { began: now, stopped: None, lost: Duration::ZERO, paused: false, waiting: false }
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        let until = self.stopped.unwrap_or(now);
        until.duration_since(self.began).saturating_sub(self.lost)
    }

    pub(super) fn pause(&mut self, now: Instant) {
        self.paused = true;
        self.set(now);
    }

    pub(super) fn resume(&mut self, now: Instant) {
        self.paused = false;
        self.set(now);
    }

    /// It waits for a person from now on.
    pub(super) fn wait(&mut self, now: Instant) {
        self.waiting = true;
        self.set(now);
    }

    pub(super) fn go_on(&mut self, now: Instant) {
        self.waiting = false;
        self.set(now);
    }

    fn set(&mut self, now: Instant) {
        if self.paused || self.waiting {
            self.stopped = self.stopped.or(Some(now));
        } else if let Some(since) = self.stopped.take() {
            self.lost += now.duration_since(since);
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting
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

    #[test]
    fn neither_does_the_time_that_a_person_takes() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut clock = Clock::start(start);
        clock.wait(at(10));
        clock.pause(at(20));
        clock.go_on(at(30));
        assert_eq!(clock.elapsed(at(90)), Duration::from_secs(10), "it stands still for the other reason");
        clock.resume(at(40));
        assert_eq!(clock.elapsed(at(45)), Duration::from_secs(15));
    }
}
