//! The board on a phone: how it loads, by Lighthouse, and how soon it answers with many cards.

use std::process::Command;

use super::Figure;
use super::browser::{self, Seen, at_least, at_most, told};
use crate::bundle::Bundle;
use crate::console::say;
use crate::process;
use crate::workspace::Workspace;

/// Points of 100.
const PERFORMANCE: f64 = 95.0;
const ACCESSIBILITY: f64 = 100.0;
/// From a touch or a key to the next picture, in milliseconds.
const INTERACTION: f64 = 100.0;

pub(crate) fn measure(workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<Vec<Figure>> {
    install(workspace)?;
    Ok(figures(&browser::run(workspace, bundle, "bench/web.mjs")?))
}

/// Lighthouse is for this alone, and as large as everything else together: it is fetched when it is first asked for.
fn install(workspace: &Workspace) -> anyhow::Result<()> {
    let folder = workspace.path("end2end/bench");
    if folder.join("node_modules/lighthouse").exists() {
        return Ok(());
    }
    say("    installing Lighthouse");
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    process::run(command.env("PUPPETEER_SKIP_DOWNLOAD", "1"))
}

fn figures(seen: &Seen) -> Vec<Figure> {
    vec![
        at_least("Lighthouse, phone: performance", seen.least("performance"), PERFORMANCE),
        at_least("Lighthouse, phone: accessibility", seen.least("accessibility"), ACCESSIBILITY),
        told("until something is painted", seen.most("firstPaint"), "ms"),
        told("until the largest part is painted", seen.most("largestPaint"), "ms"),
        told("blocked until it answers", seen.most("blocked"), "ms"),
        told("bytes of the first load", seen.most("kilobytes"), "KiB"),
        told("from a touch or key to the next picture, 500 cards, p50", seen.most("p50"), "ms"),
        at_most("the same, p95", seen.most("p95"), (INTERACTION, "ms")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Verdict;

    #[test]
    fn what_the_browser_does_not_tell_is_a_miss() {
        let said = r#"{"performance": 95, "accessibility": 99, "p95": 100}"#;
        let met: Vec<bool> = figures(&Seen::read(said, None).unwrap())
            .iter()
            .filter(|figure| figure.verdict != Verdict::NoTarget)
            .map(|figure| matches!(figure.verdict, Verdict::Met { .. }))
            .collect();
        assert_eq!(met, [true, false, true]);
        let nothing = figures(&Seen::read("{}", None).unwrap());
        assert!(nothing.iter().all(|figure| !matches!(figure.verdict, Verdict::Met { .. })));
    }
}
