//! The master keys of the vault: from the environment, a file, a program, or a file of our own.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use backend::secrets;
use tenancy::Database;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use vault::MasterKeys;

use crate::config::{Config, MasterKeySource};

/// Below the data folder.
const OWN_FILE: &str = "master.keys";
const LARGEST: u64 = 64 * 1024;
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// Reads the master keys.
///
/// # Errors
/// One sentence that names the setting and never the key.
pub async fn load(config: &Config) -> anyhow::Result<MasterKeys> {
    match &config.master_keys {
        MasterKeySource::Text(text) => MasterKeys::parse(text.reveal())
            .map_err(|error| anyhow::anyhow!("SWITCHBOARD_MASTER_KEYS {error}")),
        MasterKeySource::File(path) => read(path),
        MasterKeySource::Command(command) => run(command).await,
        MasterKeySource::Own => own(&config.data),
    }
}

/// Says so where data keys need a master key that was not given: what they seal can't be used until it is.
///
/// # Errors
/// Where the database does not answer.
pub async fn warn_of_unknown(database: &Database, keys: &MasterKeys) -> anyhow::Result<()> {
    let unknown = secrets::under_unknown_keys(database, keys).await?;
    if unknown > 0 {
        tracing::warn!(
            workspaces = unknown,
            "the secrets of some workspaces need a master key that was not given; add it behind the newest one"
        );
    }
    Ok(())
}

/// A file that others can read holds no secret any more.
fn read(path: &Path) -> anyhow::Result<MasterKeys> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).with_context(|| format!("the master key file {shown}"))?;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("the master key file {shown} can be read by others: run `chmod 600 {shown}`");
    }
    if metadata.len() > LARGEST {
        bail!("the master key file {shown} is larger than 64 KiB");
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("the master key file {shown}"))?;
    MasterKeys::parse(&text).map_err(|error| anyhow::anyhow!("the master key file {shown} {error}"))
}

/// Makes the file where there is none. Two processes that start at once agree on one.
fn own(data: &Path) -> anyhow::Result<MasterKeys> {
    let path = data.join(OWN_FILE);
    std::fs::create_dir_all(data).with_context(|| format!("the folder {}", data.display()))?;
    if !path.exists() {
        let shown = path.display();
        // Written beside and then linked, so that nobody ever reads half a key.
        let beside = data.join(format!("{OWN_FILE}.{}", std::process::id()));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let mut file = file.with_context(|| format!("making {shown}"))?;
        let text = format!(
            "# The newest key first. Without it, stored secrets can't be opened: keep a copy elsewhere.\n{}\n",
            *MasterKeys::make_text()
        );
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .with_context(|| format!("writing {shown}"))?;
        let linked = std::fs::hard_link(&beside, &path);
        std::fs::remove_file(&beside).ok();
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).with_context(|| format!("making {shown}"));
            }
            _ => {}
        }
    }
    read(&path)
}

/// The program's words are separated by white space; no shell reads them.
async fn run(command: &str) -> anyhow::Result<MasterKeys> {
    const NAME: &str = "SWITCHBOARD_MASTER_KEYS_COMMAND";
    let mut words = command.split_whitespace();
    let program = words.next().with_context(|| format!("{NAME} names no program"))?;
    let mut started = Command::new(program);
    started.args(words).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = started.spawn().with_context(|| format!("{NAME}: starting {program}"))?;
    let mut text = String::new();
    let output = child.stdout.take().with_context(|| format!("{NAME}: the output of {program}"))?;
    let ended = timeout(COMMAND_TIME, async {
        output.take(LARGEST).read_to_string(&mut text).await?;
        child.wait().await
    });
    let Ok(ended) = ended.await else {
        bail!("{NAME}: {program} did not end within 30 seconds");
    };
    if !ended.with_context(|| format!("{NAME}: {program}"))?.success() {
        bail!("{NAME}: {program} failed");
    }
    MasterKeys::parse(&text).map_err(|error| anyhow::anyhow!("{NAME}: the output of {program} {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(data: &Path, pairs: &[(&str, &str)]) -> Config {
        let data = data.display().to_string();
        let find = |name: &str| {
            let given = pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            given.or_else(|| (name == "SWITCHBOARD_DATA").then(|| data.clone()))
        };
        Config::from(&find, None).unwrap()
    }

    async fn refused(config: &Config) -> String {
        format!("{:#}", load(config).await.unwrap_err())
    }

    #[tokio::test]
    async fn a_key_of_our_own_is_made_once_and_for_us_alone() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder.path().join("data"), &[]);
        let first = load(&config).await.unwrap();
        let path = config.data.join(OWN_FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load(&config).await.unwrap().newest(), first.newest());
        assert_eq!(std::fs::read_dir(&config.data).unwrap().count(), 1, "nothing is left beside it");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(refused(&config).await.contains("chmod 600"));
    }

    #[tokio::test]
    async fn keys_come_from_wherever_the_operator_keeps_them() {
        let folder = tempfile::tempdir().unwrap();
        let text = MasterKeys::make_text();
        let expected = MasterKeys::parse(&text).unwrap().newest().clone();
        let file = folder.path().join("keys");
        std::fs::write(&file, text.as_bytes()).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let file = file.display().to_string();
        let command = format!("cat {file}");
        for pair in [
            ("SWITCHBOARD_MASTER_KEYS", text.as_str()),
            ("SWITCHBOARD_MASTER_KEYS_FILE", &file),
            ("SWITCHBOARD_MASTER_KEYS_COMMAND", &command),
        ] {
            let config = config(folder.path(), &[pair]);
            assert_eq!(*load(&config).await.unwrap().newest(), expected, "{}", pair.0);
            assert!(!format!("{config:?}").contains(text.as_str()));
        }
        for (name, value) in [
            ("SWITCHBOARD_MASTER_KEYS", "hunter2"),
            ("SWITCHBOARD_MASTER_KEYS_FILE", "/nowhere/keys"),
            ("SWITCHBOARD_MASTER_KEYS_COMMAND", "false"),
            ("SWITCHBOARD_MASTER_KEYS_COMMAND", "echo hunter2"),
        ] {
            let said = refused(&config(folder.path(), &[(name, value)])).await;
            assert!(!said.contains("hunter2") && said.len() > 10, "{said}");
        }
    }
}
