//! From starting `serve` until it is ready, on a fresh folder and on one that is there.

use std::time::{Duration, Instant};

use super::{Figure, Verdict};
use crate::bundle::Bundle;
use crate::server::{Scratch, Server};
use crate::workspace::Workspace;

const FRESH_RUNS: usize = 3;
const EXISTING_RUNS: usize = 7;
const FRESH_TARGET: Duration = Duration::from_secs(8);
const EXISTING_TARGET: Duration = Duration::from_millis(1_500);

/// The medians of several runs.
pub(crate) fn measure(_workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<Vec<Figure>> {
    let mut fresh = Vec::new();
    let mut existing = Vec::new();
    for run in 0..FRESH_RUNS {
        let scratch = Scratch::new()?;
        fresh.push(once(bundle, &scratch)?);
        if run == 0 {
            for _ in 0..EXISTING_RUNS {
                existing.push(once(bundle, &scratch)?);
            }
        }
    }
    Ok(vec![
        figure("on existing data, until ready", existing, EXISTING_TARGET),
        figure("on a fresh folder, until ready", fresh, FRESH_TARGET),
    ])
}

fn once(bundle: &Bundle, scratch: &Scratch) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let server = Server::start(&bundle.binary(), scratch)?;
    let taken = start.elapsed();
    server.stop()?;
    Ok(taken)
}

fn figure(what: &str, mut runs: Vec<Duration>, target: Duration) -> Figure {
    runs.sort();
    let median = runs.get(runs.len() / 2).copied().unwrap_or_default();
    let shown = |time: Duration| format!("{} ms", time.as_millis());
    Figure {
        what: format!("{what} (median of {})", runs.len()),
        value: shown(median),
        verdict: Verdict::at_most(&median, &target, shown(target)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_judged() {
        let runs = [9, 1, 2].map(Duration::from_secs).to_vec();
        let figure = figure("x", runs, Duration::from_secs(2));
        assert_eq!(figure.value, "2000 ms");
        assert_eq!(figure.verdict, Verdict::Met { target: "at most 2000 ms".to_owned() });
    }
}
