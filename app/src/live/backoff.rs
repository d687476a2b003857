//! How long to wait before connecting again: full jitter, so that a thousand browsers don't come back at once.

use std::time::Duration;

const FIRST: f64 = 500.0;
const LONGEST: f64 = 15_000.0;
/// Even the luckiest draw waits this long.
const LEAST: f64 = 50.0;

/// The wait before this attempt (0, 1, 2 …). `random` is from 0 to 1.
pub fn wait(attempt: u32, random: f64) -> Duration {
    let ceiling = (FIRST * 2.0_f64.powi(i32::try_from(attempt.min(10)).unwrap_or(10))).min(LONGEST);
    Duration::from_secs_f64((ceiling * random.clamp(0.0, 1.0)).max(LEAST) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_ceiling_and_are_spread_below_it() {
        let cases = [
            (0, 0.5, 250),
            (0, 0.0, 50),
            (1, 1.0, 1_000),
            (3, 0.5, 2_000),
            (30, 1.0, 15_000),
            (30, 0.1, 1_500),
        ];
        for (attempt, random, expected) in cases {
            assert_eq!(wait(attempt, random), Duration::from_millis(expected), "{attempt} {random}");
        }
    }
}
