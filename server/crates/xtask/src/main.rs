//! The tasks of whoever works on Switchboard: build the site, run it, test it, measure it.
//!
//! It owns the way from sources to a running server and to a green test run. It must never know what the
//! product does. Start reading in `site.rs` (how the site is built) and `suite.rs` (what a test run is).

#![expect(
    clippy::disallowed_methods,
    reason = "xtask is a program of its own: its settings are its environment"
)]

#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod bench;
mod browsers;
mod bundle;
mod console;
mod doctor;
mod process;
mod server;
mod site;
mod suite;
mod trials;
mod watch;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::{Build, Workspace};

#[derive(Debug, Parser)]
#[command(
    name = "dev",
    about = "Builds, runs, tests and measures Switchboard",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start Switchboard, rebuild and reload on every change.
    Run {
        /// Build as for production; no watching.
        #[arg(long)]
        release: bool,
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: std::net::SocketAddr,
    },
    /// Run everything: formatting, lints, every test, the browser.
    Test,
    /// Run what is quick: formatting, lints, tidy, tests that need nothing started.
    Check,
    /// Drive the browser through the journeys, or through those that match.
    E2e {
        /// What Playwright takes: a file, a part of its name, options.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Do to a running Switchboard what happens to servers, and see what is left.
    Faults {
        /// Which; all of them when left out.
        names: Vec<String>,
        /// The selection of every test run.
        #[arg(long)]
        short: bool,
    },
    /// Measure, or say what can be measured.
    Bench {
        /// Which figure; all of them when left out.
        name: Option<String>,
    },
    /// Build the server and its site into one folder.
    Build {
        /// As for production.
        #[arg(long)]
        release: bool,
    },
    /// Say what is installed, what is missing and how to get it.
    Doctor,
}

fn main() -> ExitCode {
    let outcome = process::watch_signals().and_then(|()| run(Arguments::parse().command));
    process::kill_all();
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            console::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// True when all is well; false when the failure has been told already.
fn run(command: Command) -> anyhow::Result<bool> {
    let workspace = Workspace::find()?;
    match command {
        Command::Run { release: true, addr } => watch::run_release(&workspace, addr).map(|()| true),
        Command::Run { release: false, addr } => watch::run(&workspace, addr).map(|()| true),
        Command::Test => suite::test(&workspace),
        Command::Check => suite::check(&workspace),
        Command::E2e { arguments } => suite::browsers(&workspace, &arguments),
        Command::Faults { names, short } => trials::faults(&workspace, &names, short),
        Command::Bench { name } => bench::run(&workspace, name.as_deref()),
        Command::Build { release } => {
            let build = if release { Build::Release } else { Build::Dev };
            let bundle = bundle::build(&workspace, build)?;
            console::say(&format!("Built into {}", bundle.folder().display()));
            Ok(true)
        }
        Command::Doctor => doctor::run(&workspace),
    }
}
