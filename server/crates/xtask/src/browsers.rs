//! The journeys: a server of our own, a real browser, Playwright between them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::bundle::Bundle;
use crate::console::{say, step};
use crate::doctor::tools;
use crate::process;
use crate::server::{Scratch, Server};
use crate::suite::counts::Counts;
use crate::workspace::Workspace;

const AGENT: &str = "scripted-agent";

/// Runs Playwright against a server of its own. `arguments` choose among the journeys.
pub(crate) fn run(
    workspace: &Workspace,
    bundle: &Bundle,
    arguments: &[String],
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let playwright = playwright(workspace)?;
    let chromium = tools::chromium().context(tools::NO_CHROMIUM)?;
    let agent = step("compile the scripted agent", || scripted_agent(workspace))?;
    let scratch = Scratch::new()?.with_agent(agent);
    let server = step("start a server on a fresh folder", || Server::start(&bundle.binary(), &scratch))?;
    let report = workspace.path("end2end/test-results/report.json");
    let mut command = Command::new(playwright);
    command
        .arg("test")
        .args(arguments)
        .current_dir(workspace.path("end2end"))
        .env("BASE_URL", server.url())
        .env("CHROMIUM", chromium)
        .env("SWITCHBOARD_BIN", bundle.binary())
        .env("SWITCHBOARD_DATA", scratch.data())
        .env("SWITCHBOARD_REPOSITORY_ROOTS", scratch.repositories())
        .env("SWITCHBOARD_URL", server.url())
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env_remove("DATABASE_URL");
    drop(std::fs::remove_file(&report));
    let outcome = step("drive the browser", || process::run(&mut command));
    if let Ok(text) = std::fs::read_to_string(&report) {
        counts.add_playwright(&text)?;
    }
    if outcome.is_err() {
        keep_log(workspace, &scratch);
    }
    server.stop()?;
    outcome
}

/// The agent that journeys script: an example of the server's package, built as its tests are and never shipped.
fn scripted_agent(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    process::run(&mut workspace.cargo(&["build", "--package", "server", "--example", AGENT]))?;
    Ok(workspace.products(None, "dev").join("examples").join(AGENT))
}

/// The scratch folder goes; what the server has said is needed to understand a failure.
fn keep_log(workspace: &Workspace, scratch: &Scratch) {
    let kept = workspace.path("end2end/test-results/server.log");
    if std::fs::copy(scratch.log(), &kept).is_ok() {
        say(&format!("The server's log: {}", kept.display()));
    }
}

fn playwright(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let playwright = workspace.path("end2end/node_modules/.bin/playwright");
    if !playwright.exists() {
        bail!("Playwright is missing: `./dev e2e` installs it (npm ci in end2end)");
    }
    Ok(playwright)
}
