//! The binary `switchboard`: one program, many roles.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use backend::audit::Noted;
use clap::{Parser, Subcommand};
use domain::session::{Role, Scope};
use mimalloc::MiMalloc;
use server::config::Config;
use server::roles::{self, AuditFor, KeyFor, LinkFor};
use server::serve::{Addresses, Working, serve, work};
use server::telemetry;

/// After a rush of sockets the system's own allocator keeps three times what was held before it; this one gives it back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Parser)]
#[command(name = "switchboard", version, about = "A self-hosted command centre for work that agents do")]
struct Arguments {
    #[command(subcommand)]
    role: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The web server, and the worker beside it.
    Serve {
        /// Where people reach it.
        #[arg(long, default_value = "127.0.0.1:3000")]
        addr: SocketAddr,
        /// Where the operator reaches figures and health.
        #[arg(long, default_value = "127.0.0.1:3001")]
        ops_addr: SocketAddr,
        /// Leave executions and jobs to `switchboard work`.
        #[arg(long)]
        no_work: bool,
    },
    /// The worker alone: for more machines on one PostgreSQL.
    Work,
    /// Brings the database to this version, as its owner.
    Migrate,
    /// Fills a demo workspace, where it is empty.
    Seed,
    /// Prints a sign-in URL that works once, for fifteen minutes.
    LoginLink {
        #[arg(long)]
        email: String,
        /// Slug or id; made where it does not exist.
        #[arg(long)]
        workspace: Option<String>,
        #[arg(long)]
        role: Option<Role>,
    },
    /// API keys.
    #[command(subcommand)]
    Key(KeyCommand),
    /// The audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The vault of secrets.
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Prints the effective configuration, without secrets.
    Config,
    /// Carries out one execution; started by the worker.
    #[command(hide = true)]
    Supervise {
        #[arg(long)]
        directory: PathBuf,
    },
    /// Locks itself in and becomes the shell; started by a supervisor.
    #[command(hide = true, disable_help_flag = true)]
    SandboxExec {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Prints a new key, once.
    Create {
        /// Slug or id; made where it does not exist.
        #[arg(long)]
        workspace: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "admin")]
        role: Role,
        /// Separated by commas; default: all of the role's.
        #[arg(long, value_delimiter = ',')]
        scopes: Option<Vec<Scope>>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Checks that no entry was changed, deleted, moved or cut off, and prints where each chain ends.
    Verify {
        /// Slug or id; default: every chain.
        #[arg(long)]
        workspace: Option<String>,
        /// NUMBER:HASH as printed before: also checks that nothing up to there was written anew.
        #[arg(long, requires = "workspace")]
        noted: Option<Noted>,
    },
}

#[derive(Subcommand)]
enum VaultCommand {
    /// Wraps every data key with the newest master key. The server may go on meanwhile.
    Rotate,
}

fn main() -> anyhow::Result<ExitCode> {
    match Arguments::parse().role {
        // Before any runtime: these two must hold nothing of the server's.
        Command::Supervise { directory } => Ok(roles::supervise(&directory)),
        Command::SandboxExec { arguments } => Ok(agents::sandbox::exec::run(arguments)),
        Command::Config => {
            std::io::stdout().write_all(Config::describe()?.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        command => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(run(command))
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let config = Config::load()?;
    telemetry::start(&config)?;
    let done = match command {
        // What these find is their exit code.
        Command::Audit(AuditCommand::Verify { workspace, noted }) => {
            return roles::verify_audit(&config, AuditFor { workspace, noted }).await;
        }
        Command::Vault(VaultCommand::Rotate) => return roles::rotate(&config).await,
        Command::Serve { addr, ops_addr, no_work } => {
            let working = if no_work { Working::Elsewhere } else { Working::Here };
            serve(config, Addresses { public: addr, ops: ops_addr }, working).await
        }
        Command::Work => work(config).await,
        Command::Migrate => roles::migrate(&config).await,
        Command::Seed => roles::seed(&config).await,
        Command::LoginLink { email, workspace, role } => {
            roles::login_link(&config, LinkFor { email, workspace, role }).await
        }
        Command::Key(KeyCommand::Create { workspace, name, role, scopes }) => {
            roles::create_key(&config, KeyFor { workspace, name, role, scopes }).await
        }
        Command::Config | Command::Supervise { .. } | Command::SandboxExec { .. } => Ok(()),
    };
    done.map(|()| ExitCode::SUCCESS)
}
