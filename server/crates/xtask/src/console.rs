//! What a person reads: one line per step, with its name and its time.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// One line to the person in front of it.
pub(crate) fn say(line: &str) {
    // Nobody is there to be told that nobody listens.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// One line about what went wrong.
pub(crate) fn failure(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "error: {line}"));
}

/// Runs one step, says its name before and its time after, and names it in its failure.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    say(&format!("==> {name}"));
    let start = Instant::now();
    let outcome = work();
    let mark = if outcome.is_ok() { "done" } else { "FAILED" };
    say(&format!("    {mark}: {name} ({})", seconds(start.elapsed())));
    outcome.with_context(|| format!("the step \"{name}\" failed"))
}

/// A time as people read it.
pub(crate) fn seconds(time: Duration) -> String {
    let total = time.as_secs();
    if total < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {} s", total / 60, total % 60)
    }
}

/// A number of bytes as people read it.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, (bytes % 1000) / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_its_step() {
        let error = step::<()>("sweep", || anyhow::bail!("no broom")).unwrap_err();
        assert_eq!(format!("{error:#}"), "the step \"sweep\" failed: no broom");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(kilobytes(350_000), "350.0 KB");
        assert_eq!(seconds(Duration::from_millis(1_540)), "1.5 s");
        assert_eq!(seconds(Duration::from_secs(61)), "1 min 1 s");
    }
}
