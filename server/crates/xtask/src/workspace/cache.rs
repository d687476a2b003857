//! One build cache for all clones of the repository, without one's products passing for another's.
//!
//! Cargo names the products of workspace members by their place inside the workspace, so two clones write the
//! same files; and it takes a product for fresh when it is newer than the sources. A clone that comes back after
//! another has built would run the other's code. So whoever builds claims the cache first; when it was another's,
//! the records of our own crates go, and they are built again. The crates of others stay: they are the bulk.
//! A lock keeps the claim for as long as the command of cargo lives; clones take turns, one's own go side by side.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::console::say;

/// Holds the path of the checkout that has built last.
const CLAIM: &str = "checkout";
const LOCK: &str = "checkout.lock";
const RECORDS: &str = ".fingerprint";

/// A command of cargo, with the build cache kept for it.
#[derive(Debug)]
pub(crate) struct Cargo {
    command: Command,
    _kept: Option<File>,
}

impl Cargo {
    pub(super) fn new(command: Command, kept: Option<File>) -> Self {
        Self { command, _kept: kept }
    }
}

impl Deref for Cargo {
    type Target = Command;

    fn deref(&self) -> &Command {
        &self.command
    }
}

impl DerefMut for Cargo {
    fn deref_mut(&mut self) -> &mut Command {
        &mut self.command
    }
}

/// Makes the cache this checkout's, for as long as the file lives.
pub(super) fn claim(target: &Path, root: &Path, members: &[String]) -> anyhow::Result<File> {
    fs::create_dir_all(target)?;
    let lock =
        File::options().create(true).truncate(false).write(true).open(target.join(LOCK)).context(LOCK)?;
    let claim = target.join(CLAIM);
    let mine = root.as_os_str().as_encoded_bytes();
    loop {
        wait(lock.try_lock_shared(), || lock.lock_shared())?;
        if fs::read(&claim).is_ok_and(|owner| owner == mine) {
            return Ok(lock);
        }
        lock.unlock()?;
        wait(lock.try_lock(), || lock.lock())?;
        forget(target, members)?;
        fs::write(&claim, mine).context(CLAIM)?;
        // Between the two locks another checkout may come first: hence the loop.
        lock.unlock()?;
    }
}

fn wait(tried: Result<(), TryLockError>, wait: impl Fn() -> std::io::Result<()>) -> anyhow::Result<()> {
    match tried {
        Ok(()) => return Ok(()),
        Err(TryLockError::WouldBlock) => {
            say("    waiting for another checkout that builds in the same cache")
        }
        Err(TryLockError::Error(error)) => return Err(error).context(LOCK),
    }
    wait().context(LOCK)
}

/// Removes what cargo knows of our own crates.
fn forget(target: &Path, members: &[String]) -> anyhow::Result<()> {
    for records in records(target)? {
        for entry in fs::read_dir(&records)? {
            let entry = entry?;
            if is_of(&entry.file_name().to_string_lossy(), members) {
                fs::remove_dir_all(entry.path()).with_context(|| entry.path().display().to_string())?;
            }
        }
    }
    Ok(())
}

/// `<profile>/.fingerprint` and `<triple>/<profile>/.fingerprint`.
fn records(target: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders(target)? {
        found.push(folder.join(RECORDS));
        found.extend(folders(&folder)?.into_iter().map(|inner| inner.join(RECORDS)));
    }
    found.retain(|records| records.is_dir());
    Ok(found)
}

fn folders(parent: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.is_dir()).collect())
}

/// `server-0123456789abcdef` is the record of `server`, and not of `server-fn`.
fn is_of(record: &str, members: &[String]) -> bool {
    record.rsplit_once('-').is_some_and(|(name, _)| members.iter().any(|member| member == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_checkout_builds_our_crates_anew_and_keeps_the_rest() {
        let target = tempfile::tempdir().unwrap();
        let record = |path: &str| {
            let path = target.path().join(path);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let members = ["server".to_owned(), "app".to_owned()];
        let (one, other) = (Path::new("/one"), Path::new("/other"));
        claim(target.path(), one, &members).unwrap();
        let ours = [record("debug/.fingerprint/server-0a"), record("wasm32/dev/.fingerprint/app-0b")];
        let theirs = [record("debug/.fingerprint/server-fn-0c"), record("debug/.fingerprint/serde-0d")];

        let mine = claim(target.path(), one, &members).unwrap();
        let also_mine = claim(target.path(), one, &members).unwrap();
        assert!(ours.iter().all(|path| path.exists()), "the same checkout keeps everything");

        let lock = File::open(target.path().join(LOCK)).unwrap();
        assert!(
            matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            "nobody else may claim while we build"
        );
        drop((mine, also_mine));

        let _kept = claim(target.path(), other, &members).unwrap();
        assert!(!ours.iter().any(|path| path.exists()));
        assert!(theirs.iter().all(|path| path.exists()));
    }
}
