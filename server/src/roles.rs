//! The roles that do one thing and end: the operator's command line.

mod seed;
mod trust;

pub use seed::seed;
pub use trust::{AuditFor, rotate, verify_audit};

use std::io::Write as _;

use anyhow::Context as _;
use backend::auth::{self, NewKey, NewLink};
use domain::session::{Role, Scope};

use crate::config::Config;
use crate::house::{self, House};
use crate::postgres::Postgres;
use crate::shutdown::Shutdown;

/// Runs something on the database and closes it again, also where it failed.
async fn on_house<T>(
    config: &Config,
    work: impl AsyncFnOnce(&House) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let shutdown = Shutdown::new();
    let house = House::open(config, &shutdown).await?;
    let done = work(&house).await;
    shutdown.begin();
    house.close().await;
    done
}

/// `migrate`: brings the schema to this version.
///
/// # Errors
/// One sentence that says what to do.
pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    let postgres = Postgres::open(config).await?;
    let done = house::migrate(&postgres).await;
    let shutdown = Shutdown::new();
    let guard = postgres.guard(&shutdown);
    shutdown.begin();
    guard.close().await;
    done
}

/// Whom a sign-in link is for.
#[derive(Debug, Clone)]
pub struct LinkFor {
    pub email: String,
    pub workspace: Option<String>,
    pub role: Option<Role>,
}

/// `login-link`: prints a sign-in URL, alone.
///
/// # Errors
/// One sentence that says what to do.
pub async fn login_link(config: &Config, wanted: LinkFor) -> anyhow::Result<()> {
    let url = on_house(config, async |house| create_link(config, house, wanted).await).await?;
    Ok(writeln!(std::io::stdout(), "{url}")?)
}

/// Makes a link and the URL that opens it.
pub(crate) async fn create_link(config: &Config, house: &House, wanted: LinkFor) -> anyhow::Result<String> {
    let LinkFor { email, workspace, role } = wanted;
    let mut tx = house.database.auth().await?;
    let secret = auth::create_link(&mut tx, &NewLink { email, workspace, role }).await?;
    tx.commit().await?;
    Ok(format!("{}/login/{}", config.origin(), secret.reveal()))
}

/// What `key create` makes.
#[derive(Debug, Clone)]
pub struct KeyFor {
    pub workspace: String,
    pub name: String,
    pub role: Role,
    pub scopes: Option<Vec<Scope>>,
}

/// `key create`: prints an API key once, alone.
///
/// # Errors
/// One sentence that says what to do.
pub async fn create_key(config: &Config, wanted: KeyFor) -> anyhow::Result<()> {
    let secret = on_house(config, async |house| {
        let mut tx = house.database.auth().await?;
        let (workspace, _) = auth::find_or_create_workspace(&mut tx, &wanted.workspace).await?;
        tx.commit().await?;
        let mut tx = house.database.begin(&house.database.operator(workspace.id)).await?;
        let KeyFor { name, role, scopes, .. } = wanted;
        let (_, secret) = auth::create_key(&mut tx, NewKey { name, role, scopes, expires_at: None }).await?;
        tx.commit().await?;
        Ok(secret)
    })
    .await?;
    Ok(writeln!(std::io::stdout(), "{}", secret.reveal())?)
}

/// `supervise`: the role of an execution's own process. It never touches the database.
pub fn supervise(directory: &std::path::Path) -> std::process::ExitCode {
    agents::supervisor::run(directory)
}

/// This program, for starting more of itself.
///
/// # Errors
/// Where the system doesn't say.
pub fn own_program() -> anyhow::Result<std::path::PathBuf> {
    std::env::current_exe().context("finding this program")
}
