//! Trials of the built program: faults that it must survive, and figures under load.
//!
//! It owns what happens to a running Switchboard from outside: kills, a database that is gone, frozen or full, storms
//! of sockets, and the load beside them. It knows the product by its program, its HTTP and its sockets alone, as a
//! stranger would, and must never depend on a crate of it. Start reading in `faults.rs` (what is done to it) and
//! `invariants.rs` (what must be true afterwards). `./dev faults` and `./dev bench` build the program and call this.

#[cfg(target_family = "wasm")]
compile_error!("server-only");

mod client;
mod console;
mod faults;
mod figures;
mod follower;
mod house;
mod invariants;
mod load;
mod postgres;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "trials", about = "Faults and figures of a built Switchboard")]
struct Arguments {
    /// The program, with its site beside it.
    #[arg(long)]
    binary: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do to it what happens to servers, and see what is left.
    Faults {
        /// Which; all of them when left out.
        names: Vec<String>,
        /// A selection, each shorter: for every test run.
        #[arg(long)]
        short: bool,
    },
    /// Measure it under load.
    Bench {
        /// Which figure.
        name: String,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            console::failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// True when all is well; false when the failure has been told already.
fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    house::raise_file_limit()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match &arguments.command {
            Command::Faults { names, short } => faults::run(&arguments.binary, names, *short).await,
            Command::Bench { name } => figures::run(&arguments.binary, name).await,
        }
    });
    runtime.shutdown_background();
    outcome
}
