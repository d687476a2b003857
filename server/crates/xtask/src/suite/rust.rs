//! Formatting, lints and tests of the crates.

use std::process::Command;

use super::counts::Counts;
use crate::process;
use crate::workspace::Workspace;

/// Which tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Everything,
    /// Those that start no database, no sandbox and no browser.
    Quick,
}

/// Crates whose own tests need nothing started.
const QUICK: [&str; 3] = ["app", "domain", "xtask"];

pub(crate) fn format(workspace: &Workspace) -> anyhow::Result<()> {
    process::run(&mut workspace.cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn lint_host(workspace: &Workspace) -> anyhow::Result<()> {
    let mut command = workspace.cargo(&["clippy", "--all-targets"]);
    select(&mut command, &workspace.host_crates()?);
    process::run(command.args(["--", "-D", "warnings"]))
}

pub(crate) fn lint_wasm(workspace: &Workspace) -> anyhow::Result<()> {
    let arguments =
        ["clippy", "--package", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
    process::run(&mut workspace.cargo(&arguments))
}

pub(crate) fn tests(workspace: &Workspace, scope: Scope, counts: &mut Counts) -> anyhow::Result<()> {
    let all = workspace.host_crates()?;
    if scope == Scope::Everything {
        return run_tests(workspace, &all, &[], counts);
    }
    let quick = QUICK.map(ToOwned::to_owned);
    let own = run_tests(workspace, &quick, &[], counts);
    let tidy = run_tests(workspace, &["server".to_owned()], &["--test", "it", "tidy"], counts);
    own.and(tidy)
}

/// `cargo nextest` where it is installed: it runs tests side by side across crates.
fn run_tests(
    workspace: &Workspace,
    crates: &[String],
    chosen: &[&str],
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let with_nextest = process::output(&mut workspace.cargo(&["nextest", "--version"])).is_ok();
    let arguments: &[&str] = if with_nextest {
        &["nextest", "run", "--no-tests", "pass", "--no-fail-fast"]
    } else {
        &["test", "--no-fail-fast"]
    };
    let mut command = workspace.cargo(arguments);
    select(&mut command, crates);
    if !with_nextest {
        // Doc tests are a step of their own, with either runner.
        command.args(if chosen.is_empty() { &["--lib", "--bins", "--tests"][..] } else { &[] });
    }
    process::run_seeing(command.args(chosen), |line| counts.see_rust(line))
}

pub(crate) fn doc_tests(workspace: &Workspace, counts: &mut Counts) -> anyhow::Result<()> {
    let crates: Vec<String> = workspace.host_crates()?.into_iter().filter(|name| name != "xtask").collect();
    let mut command = workspace.cargo(&["test", "--doc", "--no-fail-fast"]);
    select(&mut command, &crates);
    process::run_seeing(&mut command, |line| counts.see_rust(line))
}

/// The crates in one command, so that features unify once: `app` as the server has it, and never `frontend`.
fn select(command: &mut Command, crates: &[String]) {
    for name in crates {
        command.args(["--package", name]);
    }
    if crates.iter().any(|name| name == "app") {
        command.args(["--features", "app/ssr"]);
    }
}
