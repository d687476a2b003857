//! A log of a million lines, opened and scrolled through in a real browser.

use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::{Figure, Verdict};
use crate::bundle::Bundle;
use crate::doctor::tools;
use crate::process;
use crate::server::{Scratch, Server};
use crate::workspace::Workspace;

/// Until the last lines stand on the page, in milliseconds.
const OPEN: f64 = 1_000.0;
/// The longest that the page may be busy at a stretch while it is scrolled. Shorter tasks are not told of at all.
const BUSY: f64 = 50.0;
/// What the server may hold after all of it, in MiB.
const MEMORY: f64 = 150.0;

pub(crate) fn measure(workspace: &Workspace, bundle: &Bundle) -> anyhow::Result<Vec<Figure>> {
    let chromium = tools::chromium().context(tools::NO_CHROMIUM)?;
    let scratch = Scratch::new()?;
    let server = Server::start(&bundle.binary(), &scratch)?;
    let mut command = Command::new("node");
    command
        .arg("bench/log.mjs")
        .current_dir(workspace.path("end2end"))
        .env("BASE_URL", server.url())
        .env("CHROMIUM", chromium)
        .env("SWITCHBOARD_BIN", bundle.binary())
        .env("SWITCHBOARD_DATA", scratch.data())
        .env("SWITCHBOARD_URL", server.url())
        .env_remove("DATABASE_URL");
    let said = process::output(&mut command)?;
    let memory = server.memory();
    server.stop()?;
    figures(&said, memory)
}

fn figures(said: &str, memory: Option<(f64, f64)>) -> anyhow::Result<Vec<Figure>> {
    let seen: Value = serde_json::from_str(said.lines().last().unwrap_or_default())
        .with_context(|| format!("the browser has said: {said}"))?;
    let number = |name: &str| seen.get(name).and_then(Value::as_f64).unwrap_or(f64::INFINITY);
    let (held, most) = memory.context("the server's memory can't be read")?;
    Ok(vec![
        judged("opened: until the last lines stand there", number("rows"), (OPEN, "ms")),
        told("until the page answers to keys", number("live"), "ms"),
        judged("scrolled: the longest task (0: none of 50 ms or more)", number("longest"), (BUSY, "ms")),
        told("a jump anywhere, until its lines are drawn (median)", number("jump"), "ms"),
        told("the same, the slowest of 40", number("slowest"), "ms"),
        told("rows in the document", number("drawn"), ""),
        judged("memory of the server afterwards", held, (MEMORY, "MiB")),
        told("its most, while a million lines were printed", most, "MiB"),
    ])
}

fn judged(what: &str, value: f64, (most, unit): (f64, &str)) -> Figure {
    let verdict = Verdict::at_most(&value, &most, format!("{most:.0} {unit}"));
    Figure { what: what.to_owned(), value: format!("{value:.0} {unit}"), verdict }
}

fn told(what: &str, value: f64, unit: &str) -> Figure {
    let value = format!("{value:.0} {unit}").trim_end().to_owned();
    Figure { what: what.to_owned(), value, verdict: Verdict::NoTarget }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_does_not_tell_is_a_miss() {
        let figures = figures("noise\n{\"rows\": 400.4, \"longest\": 0}", Some((90.0, 120.0))).unwrap();
        assert_eq!(figures[0].verdict, Verdict::Met { target: "1000 ms".to_owned() });
        assert_eq!(figures[0].value, "400 ms");
        let nothing = super::figures("{}", Some((90.0, 160.0))).unwrap();
        assert!(matches!(nothing[0].verdict, Verdict::Missed { .. }));
        assert!(super::figures("no JSON", None).is_err());
    }
}
