//! A bench that is a script in a real browser: `end2end/bench/*.mjs` against a server of its own.

use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;

use super::{Figure, Verdict};
use crate::bundle::Bundle;
use crate::doctor::tools;
use crate::process;
use crate::server::{Scratch, Server};
use crate::workspace::Workspace;

/// What the script has measured, and what the server held and held at most, in MiB.
pub(super) struct Seen {
    numbers: Value,
    pub(super) memory: Option<(f64, f64)>,
}

/// Runs the script to its end. Its last line is its figures, as JSON.
pub(super) fn run(workspace: &Workspace, bundle: &Bundle, script: &str) -> anyhow::Result<Seen> {
    let chromium = tools::chromium().context(tools::NO_CHROMIUM)?;
    let scratch = Scratch::new()?;
    let server = Server::start(&bundle.binary(), &scratch)?;
    let mut command = Command::new("node");
    command
        .arg(script)
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
    Seen::read(&said, memory)
}

impl Seen {
    pub(super) fn read(said: &str, memory: Option<(f64, f64)>) -> anyhow::Result<Self> {
        let numbers = serde_json::from_str(said.lines().last().unwrap_or_default())
            .with_context(|| format!("the browser has said: {said}"))?;
        Ok(Self { numbers, memory })
    }

    /// A figure of the script; none at all is as much as can be.
    pub(super) fn most(&self, name: &str) -> f64 {
        self.numbers.get(name).and_then(Value::as_f64).unwrap_or(f64::INFINITY)
    }

    /// A figure of the script, of which there should be much; none at all is nothing.
    pub(super) fn least(&self, name: &str) -> f64 {
        self.numbers.get(name).and_then(Value::as_f64).unwrap_or_default()
    }
}

/// A figure that may be so much at most.
pub(super) fn at_most(what: &str, value: f64, (most, unit): (f64, &str)) -> Figure {
    let verdict = Verdict::at_most(&value, &most, format!("{most:.0} {unit}"));
    Figure { what: what.to_owned(), value: format!("{value:.0} {unit}"), verdict }
}

/// A figure that must be so much at least.
pub(super) fn at_least(what: &str, value: f64, least: f64) -> Figure {
    let verdict = Verdict::at_least(&value, &least, format!("{least:.0}"));
    Figure { what: what.to_owned(), value: format!("{value:.0}"), verdict }
}

/// A figure without a target.
pub(super) fn told(what: &str, value: f64, unit: &str) -> Figure {
    let value = format!("{value:.0} {unit}").trim_end().to_owned();
    Figure { what: what.to_owned(), value, verdict: Verdict::NoTarget }
}
