//! A log of a million lines, opened and scrolled through in a real browser.

use anyhow::Context as _;

use super::Figure;
use super::browser::{self, Seen, at_most, told};
use crate::bundle::Bundle;
use crate::workspace::Workspace;

/// Until the last lines stand on the page, in milliseconds.
const OPEN: f64 = 1_000.0;
/// The longest that the page may be busy at a stretch while it is scrolled. Shorter tasks are not told of at all.
const BUSY: f64 = 50.0;
/// What the server may hold after all of it, in MiB.
const MEMORY: f64 = 150.0;

pub(crate) fn measure(workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<Vec<Figure>> {
    figures(&browser::run(workspace, bundle, "bench/log.mjs")?)
}

fn figures(seen: &Seen) -> anyhow::Result<Vec<Figure>> {
    let (held, most) = seen.memory.context("the server's memory can't be read")?;
    Ok(vec![
        at_most("opened: until the last lines stand there", seen.most("rows"), (OPEN, "ms")),
        told("until the page answers to keys", seen.most("live"), "ms"),
        at_most("scrolled: the longest task (0: none of 50 ms or more)", seen.most("longest"), (BUSY, "ms")),
        told("a jump anywhere, until its lines are drawn (median)", seen.most("jump"), "ms"),
        told("the same, the slowest of 40", seen.most("slowest"), "ms"),
        told("rows in the document", seen.most("drawn"), ""),
        at_most("memory of the server afterwards", held, (MEMORY, "MiB")),
        told("its most, while a million lines were printed", most, "MiB"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Verdict;

    #[test]
    fn what_the_browser_does_not_tell_is_a_miss() {
        let seen = Seen::read("noise\n{\"rows\": 400.4, \"longest\": 0}", Some((90.0, 120.0))).unwrap();
        let figures = figures(&seen).unwrap();
        assert_eq!(figures[0].verdict, Verdict::Met { target: "at most 1000 ms".to_owned() });
        assert_eq!(figures[0].value, "400 ms");
        let nothing = super::figures(&Seen::read("{}", Some((90.0, 160.0))).unwrap()).unwrap();
        assert!(matches!(nothing[0].verdict, Verdict::Missed { .. }));
        assert!(Seen::read("no JSON", None).is_err());
    }
}
