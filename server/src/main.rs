//! The binary `switchboard`: one program, many roles.

use std::io::Write as _;
use std::net::SocketAddr;

use clap::{Parser, Subcommand};
use server::config::Config;
use server::serve::{Addresses, serve};
use server::telemetry;

#[derive(Parser)]
#[command(name = "switchboard", version, about = "A task and agent switchboard for teams")]
struct Arguments {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// The web server.
    Serve {
        /// Where people reach it.
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: SocketAddr,
        /// Where the operator reaches figures and health.
        #[arg(long, default_value = "127.0.0.1:3001")]
        ops_addr: SocketAddr,
    },
    /// Prints the effective configuration.
    Config,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().role {
        Role::Serve { addr, ops_addr } => {
            let config = Config::load()?;
            telemetry::start(&config)?;
            serve(config, Addresses { public: addr, ops: ops_addr }).await
        }
        Role::Config => Ok(std::io::stdout().write_all(Config::describe()?.as_bytes())?),
    }
}
