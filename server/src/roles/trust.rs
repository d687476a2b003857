//! `audit verify` and `vault rotate`: what an operator trusts, and renews.

use std::io::Write as _;
use std::process::ExitCode;

use backend::audit::{self, Chain, HOUSE, Noted};
use backend::{auth, secrets};
use domain::WorkspaceId;
use domain::session::Workspace;

use super::on_house;
use crate::config::Config;
use crate::house::House;
use crate::master_keys;

/// What `audit verify` checks.
#[derive(Debug, Clone)]
pub struct AuditFor {
    pub workspace: Option<String>,
    pub noted: Option<Noted>,
}

/// Something was found that should not be.
const FOUND: u8 = 1;
/// What was asked for is not there.
const UNKNOWN: u8 = 2;

/// `audit verify`: one line per chain. Exit code 1 where one is broken, 2 where there is no such workspace.
///
/// # Errors
/// One sentence that says what to do.
pub async fn verify_audit(config: &Config, wanted: AuditFor) -> anyhow::Result<ExitCode> {
    on_house(config, async |house| {
        let chain = match &wanted.workspace {
            None => Chain::All,
            Some(named) => match (find(house, named).await?, wanted.noted.clone()) {
                (None, _) => {
                    writeln!(std::io::stderr(), "there is no workspace {named}")?;
                    return Ok(ExitCode::from(UNKNOWN));
                }
                (Some(found), None) => Chain::Of(found.id),
                (Some(found), Some(noted)) => Chain::Since(found.id, noted),
            },
        };
        let mut code = ExitCode::SUCCESS;
        for verdict in audit::verify(&house.database, &chain).await? {
            let name = name(house, verdict.workspace).await?;
            let end = format!("{}:{}", verdict.through.number, verdict.through.hash);
            match verdict.broken {
                None => writeln!(std::io::stdout(), "{name}: good through {end}")?,
                Some(broken) => {
                    code = ExitCode::from(FOUND);
                    writeln!(std::io::stdout(), "{name}: BROKEN: {broken}; good through {end}")?;
                }
            }
        }
        Ok(code)
    })
    .await
}

/// `vault rotate`: says what it did. Exit code 1 where some data keys need a master key that was not given.
///
/// # Errors
/// One sentence that says what to do.
pub async fn rotate(config: &Config) -> anyhow::Result<ExitCode> {
    let keys = master_keys::load(config).await?;
    on_house(config, async |house| {
        let done = secrets::rotate(&house.database, &keys).await?;
        let newest = keys.newest().as_str();
        writeln!(std::io::stdout(), "{} data keys were wrapped with the master key {newest}", done.rewrapped)?;
        if done.unopened == 0 {
            writeln!(std::io::stdout(), "older master keys are not needed any more")?;
            return Ok(ExitCode::SUCCESS);
        }
        writeln!(
            std::io::stderr(),
            "{} data keys open with none of the given master keys, and stay as they were: give the key that they \
             were wrapped with too, and run this again",
            done.unopened
        )?;
        Ok(ExitCode::from(FOUND))
    })
    .await
}

async fn find(house: &House, named: &str) -> anyhow::Result<Option<Workspace>> {
    let mut tx = house.database.auth().await?;
    Ok(auth::workspace(&mut tx, named).await?)
}

/// The slug, where the workspace is still there.
async fn name(house: &House, workspace: WorkspaceId) -> anyhow::Result<String> {
    if workspace == HOUSE {
        return Ok("(no workspace)".to_owned());
    }
    let found = find(house, &workspace.to_string()).await?;
    Ok(found.map_or_else(|| format!("{workspace} (deleted)"), |workspace| workspace.slug))
}
