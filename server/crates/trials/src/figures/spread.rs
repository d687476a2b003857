//! How times are spread.

use std::time::Duration;

/// Times, in order.
#[derive(Debug)]
pub(super) struct Spread(Vec<Duration>);

impl Spread {
    pub(super) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds that so many of a hundred take at most.
    pub(super) fn percentile(&self, hundredths: usize) -> f64 {
        let at = (self.0.len() * hundredths).div_ceil(100).saturating_sub(1);
        self.0.get(at).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let spread = Spread::new((1..=200).rev().map(Duration::from_millis).collect());
        let found = [50, 99, 100].map(|part| spread.percentile(part).round());
        assert_eq!((spread.len(), found), (200, [100.0, 198.0, 200.0]));
        assert!(Spread::new(Vec::new()).percentile(50).abs() < f64::EPSILON);
    }
}
