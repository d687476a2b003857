//! What a test run is: its steps in order, all of them run, the failed ones named at the end.

pub(crate) mod counts;
mod guards;
mod rust;

use crate::bench::size;
use crate::console::{failure, say, step};
use crate::workspace::{Build, Workspace};
use crate::{browsers as journeys, bundle, process, trials};
use counts::Counts;

/// Everything.
pub(crate) fn test(workspace: &Workspace) -> anyhow::Result<bool> {
    let mut suite = Suite::default();
    suite.lints(workspace);
    suite.step("tests", |counts| rust::tests(workspace, rust::Scope::Everything, counts));
    suite.step("doc tests", |counts| rust::doc_tests(workspace, counts));
    let built = suite.step("build what the browser drives", |_| bundle::build(workspace, Build::Test));
    if let Some(bundle) = built {
        suite.step("byte budget", |_| size::within_budget(workspace, &bundle));
        suite.step("journeys", |counts| journeys::run(workspace, &bundle, &[], counts));
        suite.step("faults", |_| trials::run_faults(workspace, &bundle, &[], true));
    }
    Ok(suite.finish())
}

/// What is quick.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<bool> {
    let mut suite = Suite::default();
    suite.lints(workspace);
    suite.step("quick tests", |counts| rust::tests(workspace, rust::Scope::Quick, counts));
    Ok(suite.finish())
}

/// The journeys alone.
pub(crate) fn browsers(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<bool> {
    let mut suite = Suite::default();
    let bundle = bundle::build(workspace, Build::Test)?;
    suite.step("journeys", |counts| journeys::run(workspace, &bundle, arguments, counts));
    Ok(suite.finish())
}

#[derive(Default)]
struct Suite {
    counts: Counts,
    failed: Vec<String>,
    tests_ran: bool,
}

impl Suite {
    fn lints(&mut self, workspace: &Workspace) {
        self.step("formatting", |_| rust::format(workspace));
        self.step("nothing of the server in the browser", |_| guards::frontend_tree(workspace));
        self.step("lints of the server's side", |_| rust::lint_host(workspace));
        self.step("lints of the browser's side", |_| rust::lint_wasm(workspace));
    }

    /// Runs one step and goes on after a failure: one run shows everything that is wrong.
    fn step<T>(&mut self, name: &str, work: impl FnOnce(&mut Counts) -> anyhow::Result<T>) -> Option<T> {
        if process::interrupted() {
            return None;
        }
        let mut counts = Counts::default();
        let outcome = step(name, || work(&mut counts));
        self.tests_ran |= counts.total() > 0;
        if let Err(error) = &outcome {
            failure(&format!("{error:#}"));
            self.failed.push(name.to_owned());
            // A step that fails without a failed test (a lint, a build) still counts: 0 failed means green.
            counts.failed = counts.failed.max(1);
        }
        self.counts.add(&counts);
        outcome.ok()
    }

    fn finish(mut self) -> bool {
        if process::interrupted() {
            failure("interrupted");
            return false;
        }
        // A test that fails without failing its step must not pass for green.
        if self.counts.failed > 0 && self.failed.is_empty() {
            self.failed.push("a test".to_owned());
        }
        if !self.failed.is_empty() {
            say(&format!("Failed: {}", self.failed.join(", ")));
        }
        if self.tests_ran {
            say(&self.counts.summary());
        }
        self.failed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_and_the_next_one_runs() {
        let mut suite = Suite::default();
        suite.step("lints", |_| anyhow::bail!("untidy") as anyhow::Result<()>);
        suite.step("tests", |counts| {
            counts.see_rust("test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
            Ok(())
        });
        assert_eq!(suite.counts.summary(), "4 passed, 1 failed");
        assert!(!suite.finish());
    }

    #[test]
    fn nothing_failed_is_green() {
        let mut suite = Suite::default();
        suite.step("tests", |_| Ok(()));
        assert!(!suite.tests_ran);
        assert!(suite.finish());
    }
}
