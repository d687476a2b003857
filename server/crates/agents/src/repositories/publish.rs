//! Publishing a result: a commit of it on a branch, pushed, or merged, always by the host's own git.
//!
//! Everything is worked out in the mirror first. What changes elsewhere is one new branch, or one branch moved forward:
//! nothing is ever overwritten, and a refusal leaves everything as it was. The same order twice makes the same commit.

use super::location::Location;
use super::merge::Place;
use super::results::{QUICK, reference};
use super::{GitStore, RepositoryError};
use crate::git::{Bounds, GitError};
use crate::spec::Author;
use domain::{DateTime, ExecutionId, RepositoryId};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

const PUSH: Bounds = Bounds { time: Duration::from_secs(300), output: 1024 * 1024 };
const PATCH: Bounds = Bounds { time: Duration::from_secs(120), output: 64 * 1024 * 1024 };
/// How many files a refusal names.
const NAMED: usize = 5;

/// What is to be published, and as what.
#[derive(Debug, Clone)]
pub struct Publishing {
    pub repository: RepositoryId,
    pub url: String,
    pub execution: ExecutionId,
    /// The commit that the execution began from, and the one of what it left.
    pub base: String,
    pub head: String,
    pub author: Author,
    pub message: String,
    /// The commit's time.
    pub at: DateTime,
}

/// Why a result was not published. Nothing was changed.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error("What this execution changed is not kept on this machine any more; run the task again.")]
    NotKept,
    #[error("This repository is not on this machine: push the branch, and merge it where the repository is.")]
    NotLocal,
    #[error(
        "This repository is a folder without a remote called origin to push to; make a branch or merge instead."
    )]
    NoRemote,
    #[error("A branch named {0} is there already, with something else on it; choose another name.")]
    BranchExists(String),
    #[error(
        "The branch {branch} has moved on, and these files were changed on both sides: {files}. Start the task again from the newest state, or publish a branch and merge by hand."
    )]
    Conflict { branch: String, files: String },
    #[error(
        "The branch {branch} is checked out with changes that are not committed: {files}. Commit or stash them, then merge again."
    )]
    Dirty { branch: String, files: String },
    #[error("The branch {0} is checked out in the middle of a merge or rebase; end that, then merge again.")]
    Busy(String),
    #[error(
        "The branch {branch} is checked out, and these files of it are kept by Git LFS, whose contents are not here: {files}. Make a branch, and merge it where Git LFS is installed."
    )]
    Lfs { branch: String, files: String },
    #[error("The branch {0} moved while it was merged into; try again.")]
    Moved(String),
}

impl PublishError {
    /// Whether the same order may succeed a moment later.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Moved(_)
                | Self::Repository(
                    RepositoryError::Unreachable(_) | RepositoryError::TooSlow | RepositoryError::Io(_)
                )
        )
    }
}

impl From<GitError> for PublishError {
    fn from(error: GitError) -> Self {
        Self::Repository(error.into())
    }
}

impl GitStore {
    /// Whether a repository is a folder of this machine, by how its address is written.
    pub fn is_local(url: &str) -> bool {
        let url = url.trim();
        url.starts_with('/') || url.starts_with("file://")
    }

    /// Makes a branch with the result in a repository of this machine. Returns its commit.
    pub async fn publish_branch(&self, order: &Publishing, branch: &str) -> Result<String, PublishError> {
        self.git.prepare().map_err(RepositoryError::from)?;
        let Location::Path(path) = Location::parse(&order.url, &self.roots)? else {
            return Err(PublishError::NotLocal);
        };
        let _alone = self.lock(order.repository).await;
        let commit = self.commit(order).await?;
        let place = self.place(&path).await?;
        if self.is_there(&place, branch, &commit).await? {
            return Ok(commit);
        }
        self.bring(order, &place, &commit).await?;
        let name = format!("refs/heads/{branch}");
        // All zeros: only where there is none.
        let made = place.command(&self.git, &["update-ref", &name, &commit, &"0".repeat(commit.len())]);
        let made = self.git.succeed(made, QUICK).await;
        self.let_go(order, &place).await;
        made?;
        Ok(commit)
    }

    /// Pushes a branch with the result: to the repository's address, or to `origin` of one on this machine. Returns the
    /// commit. Takes the network, so the caller must hold no transaction.
    pub async fn publish_push(&self, order: &Publishing, branch: &str) -> Result<String, PublishError> {
        self.git.prepare().map_err(RepositoryError::from)?;
        let target = match Location::parse(&order.url, &self.roots)? {
            Location::Path(path) => self.origin(&path).await?,
            remote => remote,
        };
        let _alone = self.lock(order.repository).await;
        let commit = self.commit(order).await?;
        let mirror = self.mirror(order.repository);
        let name = format!("refs/heads/{branch}");
        let look: (&[&str], &[&str]) = (&["--git-dir=.", "ls-remote", "--"], &[&name]);
        let there = self.remote(&mirror, look, &target, QUICK).await?;
        let there = String::from_utf8_lossy(&there).split_whitespace().next().map(str::to_owned);
        match there {
            Some(there) if there == commit => return Ok(commit),
            Some(_) => return Err(PublishError::BranchExists(branch.to_owned())),
            None => {}
        }
        // Empty: only where there is none.
        let lease = format!("--force-with-lease={name}:");
        let refspec = format!("{commit}:{name}");
        let before = ["--git-dir=.", "push", "--quiet", "--no-verify", "--no-signed", &lease, "--"];
        self.remote(&mirror, (&before, &[&refspec]), &target, PUSH).await?;
        Ok(commit)
    }

    /// The result as `git am` takes it.
    pub async fn publish_patch(&self, order: &Publishing) -> Result<Vec<u8>, PublishError> {
        self.git.prepare().map_err(RepositoryError::from)?;
        let _alone = self.lock(order.repository).await;
        let commit = self.commit(order).await?;
        let arguments = [
            "--git-dir=.",
            "format-patch",
            "--stdout",
            "--binary",
            "--full-index",
            "--no-signature",
            "--no-ext-diff",
            "--no-textconv",
            "-1",
            &commit,
        ];
        Ok(self.git.succeed(self.git.command(&self.mirror(order.repository), &arguments), PATCH).await?)
    }

    /// The commit of the result on its base, in the mirror. The same order gives the same commit.
    pub(super) async fn commit(&self, order: &Publishing) -> Result<String, PublishError> {
        let mirror = self.mirror(order.repository);
        let kept = format!("{}^{{commit}}", reference(order.execution));
        let find = ["--git-dir=.", "rev-parse", "--verify", "--quiet", "--end-of-options", &kept];
        let found = self.git.run(self.git.command(&mirror, &find), QUICK).await;
        let found = found.map(|found| String::from_utf8_lossy(&found.stdout).trim().to_owned());
        if !mirror.join("HEAD").exists() || found? != order.head {
            return Err(PublishError::NotKept);
        }
        let tree =
            self.line(&mirror, &["--git-dir=.", "rev-parse", &format!("{}^{{tree}}", order.head)]).await?;
        self.write_commit(order, &tree, &[&order.base], &order.message).await
    }

    /// Writes a commit of a tree in the mirror, as the configured author, at the order's time.
    pub(super) async fn write_commit(
        &self,
        order: &Publishing,
        tree: &str,
        parents: &[&str],
        message: &str,
    ) -> Result<String, PublishError> {
        let mut arguments = vec!["--git-dir=.", "commit-tree", "--no-gpg-sign"];
        for parent in parents {
            arguments.extend(["-p", parent]);
        }
        arguments.extend(["-m", message, tree]);
        let mut commit = self.git.command(&self.mirror(order.repository), &arguments);
        let date = format!("@{} +0000", order.at.timestamp());
        for role in ["AUTHOR", "COMMITTER"] {
            commit.env(format!("GIT_{role}_NAME"), &order.author.name);
            commit.env(format!("GIT_{role}_EMAIL"), &order.author.email);
            commit.env(format!("GIT_{role}_DATE"), &date);
        }
        let made = self.git.succeed(commit, QUICK).await?;
        Ok(String::from_utf8_lossy(&made).trim().to_owned())
    }

    /// Brings a commit of the mirror into a repository of this machine, under a name that is taken away again.
    pub(super) async fn bring(
        &self,
        order: &Publishing,
        place: &Place,
        commit: &str,
    ) -> Result<(), PublishError> {
        let mirror = self.mirror(order.repository);
        // Only what has a name can be fetched.
        let offered = format!("refs/switchboard/outgoing/{}", order.execution);
        self.line(&mirror, &["--git-dir=.", "update-ref", &offered, commit]).await?;
        let refspec = format!("+{offered}:{}", incoming(order));
        let arguments = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--",
        ];
        let mut arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        arguments.push(mirror.as_os_str());
        arguments.push(refspec.as_ref());
        self.git.succeed(place.command(&self.git, &arguments), PUSH).await?;
        Ok(())
    }

    /// Takes the names away that [`bring`](Self::bring) made. What stays only takes room.
    pub(super) async fn let_go(&self, order: &Publishing, place: &Place) {
        let name = incoming(order);
        let gone = place.command(&self.git, &["update-ref", "-d", &name]);
        if let Err(error) = self.git.succeed(gone, QUICK).await {
            tracing::debug!(%error, "a name of a published result is left behind");
        }
    }

    /// Whether the branch is there with this commit. One with another is an error.
    async fn is_there(&self, place: &Place, branch: &str, commit: &str) -> Result<bool, PublishError> {
        match place.tip(&self.git, branch).await? {
            None => Ok(false),
            Some(there) if there == commit => Ok(true),
            Some(_) => Err(PublishError::BranchExists(branch.to_owned())),
        }
    }

    /// Where `origin` of a repository on this machine is.
    async fn origin(&self, path: &Path) -> Result<Location, PublishError> {
        let found = self.git.command(path, &["config", "--local", "--get", "remote.origin.url"]);
        let found = self.git.run(found, QUICK).await?;
        let url = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        if !found.status.success() || url.is_empty() {
            return Err(PublishError::NoRemote);
        }
        Ok(Location::parse(&url, &self.roots)?)
    }

    /// The repository's own git folder.
    pub(super) async fn place(&self, path: &Path) -> Result<Place, PublishError> {
        let folder = self.line(path, &["rev-parse", "--absolute-git-dir"]).await?;
        Ok(Place { folder: PathBuf::from(folder) })
    }
}

fn incoming(order: &Publishing) -> String {
    format!("refs/switchboard/incoming/{}", order.execution)
}

/// The first of some files, for a sentence.
pub(super) fn named(files: &[String]) -> String {
    let mut text = files.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if files.len() > NAMED {
        text.push_str(&format!(" and {} more", files.len() - NAMED));
    }
    text
}
