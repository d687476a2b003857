//! What a repository is, and its bare mirror here.

use super::location::Location;
use super::{GitStore, RepositoryError, sentence};
use crate::git::{Bounds, GitError};
use domain::RepositoryId;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

const LOOK: Bounds = Bounds { time: Duration::from_secs(30), output: 32 * 1024 * 1024 };
const FETCH: Bounds = Bounds { time: Duration::from_secs(600), output: 1024 * 1024 };
const QUICK: Bounds = Bounds { time: Duration::from_secs(30), output: 1024 * 1024 };

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    pub default_branch: String,
    /// The commit of the default branch; `None`: the repository is empty.
    pub head: Option<String>,
}

impl GitStore {
    /// Looks at a repository without fetching it.
    pub async fn inspect(&self, url: &str) -> Result<Inspected, RepositoryError> {
        self.git.prepare()?;
        let location = Location::parse(url, &self.roots)?;
        let words: (&[&str], &[&str]) = (&["ls-remote", "--symref", "--"], &["HEAD", "refs/heads/*"]);
        let listed = self.remote(&self.data.join("git"), words, &location, LOOK).await?;
        let text = String::from_utf8_lossy(&listed).into_owned();
        let inspected = Inspected::of(&text);
        if inspected.head.is_none()
            && let Location::Path(path) = &location
        {
            let unborn = self.git.command(path, &["symbolic-ref", "--short", "HEAD"]);
            let branch = self.git.succeed(unborn, QUICK).await.unwrap_or_default();
            let branch = String::from_utf8_lossy(&branch).trim().to_owned();
            return Ok(Inspected {
                default_branch: if branch.is_empty() { "main".to_owned() } else { branch },
                head: None,
            });
        }
        Ok(inspected)
    }

    /// Brings the mirror up to date, making it where there is none.
    pub async fn fetch_mirror(&self, repository: RepositoryId, url: &str) -> Result<(), RepositoryError> {
        self.git.prepare()?;
        let location = Location::parse(url, &self.roots)?;
        let _alone = self.lock(repository).await;
        let mirror = self.mirror(repository);
        if !mirror.join("HEAD").exists() {
            self.make_mirror(&mirror).await?;
        }
        let arguments = [
            "--git-dir=.",
            "fetch",
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--",
        ];
        let refs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        self.remote(&mirror, (&arguments, &refs), &location, FETCH).await.map(drop)
    }

    /// An empty one. Whoever works in a worktree reads its objects, as another user than ours and whatever our umask.
    pub(super) async fn make_mirror(&self, mirror: &Path) -> Result<(), RepositoryError> {
        fs::create_dir_all(mirror)?;
        let arguments = ["init", "--quiet", "--bare", "--shared=0644", "--template=", "."];
        self.git.succeed(self.git.command(mirror, &arguments), QUICK).await?;
        Ok(())
    }

    /// Removes a repository's mirror. Its executions' worktrees lose their history with it.
    pub async fn remove_mirror(&self, repository: RepositoryId) -> Result<(), RepositoryError> {
        let _alone = self.lock(repository).await;
        match tokio::fs::remove_dir_all(self.mirror(repository)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn mirror(&self, repository: RepositoryId) -> PathBuf {
        self.data.join("mirrors").join(format!("{repository}.git"))
    }

    /// One at a time per mirror.
    pub(super) async fn lock(&self, repository: RepositoryId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(repository).or_insert_with(|| Arc::new(Mutex::new(()))))
        };
        lock.lock_owned().await
    }

    /// Talks to the repository itself: what fails is its being unreachable.
    pub(super) async fn remote(
        &self,
        directory: &Path,
        words: (&[&str], &[&str]),
        location: &Location,
        bounds: Bounds,
    ) -> Result<Vec<u8>, RepositoryError> {
        location.refuse_own_machine().await?;
        let mut arguments: Vec<&OsStr> = words.0.iter().map(OsStr::new).collect();
        arguments.push(location.argument());
        arguments.extend(words.1.iter().map(OsStr::new));
        let command = self.git.command(directory, &arguments);
        self.git.succeed(command, bounds).await.map_err(|error| unreachable(error, location))
    }
}

impl Inspected {
    /// From what `ls-remote --symref` prints.
    fn of(listed: &str) -> Self {
        let mut named = None;
        let mut head = None;
        let mut branches = Vec::new();
        for line in listed.lines() {
            let Some((value, name)) = line.split_once('\t') else {
                continue;
            };
            if let Some(branch) = value.strip_prefix("ref: refs/heads/") {
                named = Some(branch);
            } else if name == "HEAD" {
                head = Some(value);
            } else if let Some(branch) = name.strip_prefix("refs/heads/") {
                branches.push((branch, value));
            }
        }
        // A detached HEAD names no branch: then the usual names, then any.
        let default = named
            .and_then(|name| branches.iter().find(|(branch, _)| *branch == name))
            .or_else(|| {
                branches
                    .iter()
                    .find(|(branch, value)| named.is_none() && head == Some(*value) && *branch == "main")
            })
            .or_else(|| branches.iter().find(|(branch, _)| matches!(*branch, "main" | "master")))
            .or_else(|| branches.first());
        match default {
            Some((branch, value)) => {
                Self { default_branch: (*branch).to_owned(), head: Some((*value).to_owned()) }
            }
            None => Self { default_branch: named.unwrap_or("main").to_owned(), head: None },
        }
    }
}

fn unreachable(error: GitError, location: &Location) -> RepositoryError {
    match (error, location) {
        (GitError::Failed(complaint), Location::Path(_))
            if complaint.contains("not appear to be a git repository") =>
        {
            RepositoryError::NotRepository
        }
        (GitError::Failed(complaint), _) => RepositoryError::Unreachable(sentence(&complaint)),
        (error, _) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_branch_is_the_one_that_head_names() {
        let of = |text: &str| {
            let found = Inspected::of(text);
            (found.default_branch, found.head)
        };
        let both = "ref: refs/heads/trunk\tHEAD\nbb\tHEAD\naa\trefs/heads/main\nbb\trefs/heads/trunk\n";
        assert_eq!(of(both), ("trunk".to_owned(), Some("bb".to_owned())));
        assert_eq!(of("cc\tHEAD\naa\trefs/heads/main\n"), ("main".to_owned(), Some("aa".to_owned())));
        assert_eq!(of("aa\trefs/heads/only\n"), ("only".to_owned(), Some("aa".to_owned())));
        assert_eq!(of(""), ("main".to_owned(), None));
    }
}
