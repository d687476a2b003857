//! How fast one client may talk: every frame costs us an answer, and some a question to the database.

use tokio::time::Instant;

/// Frames at once, and frames a second.
const BURST: f64 = 200.0;
const PER_SECOND: f64 = 50.0;

/// A bucket of tokens, one for a frame.
#[derive(Debug)]
pub(super) struct Pace {
    tokens: f64,
    at: Option<Instant>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { tokens: BURST, at: None }
    }

    pub(super) fn allows(&mut self, now: Instant) -> bool {
        let passed = self.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.at = Some(now);
        self.tokens = (self.tokens + passed * PER_SECOND).min(BURST);
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_and_then_the_pace() {
        let (mut pace, start) = (Pace::new(), Instant::now());
        assert_eq!((0..300).filter(|_| pace.allows(start)).count(), 200);
        assert_eq!((0..300).filter(|_| pace.allows(start + Duration::from_secs(1))).count(), 50);
    }
}
