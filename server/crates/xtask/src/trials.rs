//! Faults and loads of the built program: the crate `trials` does them, from outside.

use std::process::Command;

use crate::bundle::{self, Bundle};
use crate::console::step;
use crate::process;
use crate::workspace::{Build, Workspace};

/// Does the named faults, or all, to a test build.
pub(crate) fn faults(workspace: &Workspace, names: &[String], short: bool) -> anyhow::Result<bool> {
    let bundle = bundle::build(workspace, Build::Test)?;
    run_faults(workspace, &bundle, names, short).map(|()| true)
}

/// The same with a build that is there.
pub(crate) fn run_faults(
    workspace: &Workspace,
    bundle: &Bundle,
    names: &[String],
    short: bool,
) -> anyhow::Result<()> {
    let mut command = program(workspace, bundle, Build::Test)?;
    command.arg("faults").args(names);
    if short {
        command.arg("--short");
    }
    process::run(&mut command)
}

/// Measures a figure under load; it prints its own rows. False when a target was missed.
pub(crate) fn bench(workspace: &Workspace, bundle: &Bundle, name: &str) -> anyhow::Result<bool> {
    let mut command = program(workspace, bundle, Build::Release)?;
    // What went wrong it has said itself.
    Ok(process::run(command.args(["bench", name])).is_ok())
}

fn program(workspace: &Workspace, bundle: &Bundle, build: Build) -> anyhow::Result<Command> {
    let profile = build.server_profile();
    step("compile the trials", || {
        process::run(&mut workspace.cargo(&["build", "--package", "trials", "--profile", profile]))
    })?;
    let mut command = Command::new(workspace.products(None, profile).join("trials"));
    command.arg("--binary").arg(bundle.binary());
    Ok(command)
}
