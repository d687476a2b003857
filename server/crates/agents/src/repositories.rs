//! Repositories on the host: where they may be, their mirrors, a worktree per execution, and what it changed.
//!
//! A mirror is bare and the server's alone. A worktree has two git folders: one inside for whoever works there,
//! and one outside, the server's, which the diff is computed with. Nothing that a sandbox wrote is ever run or
//! believed as configuration.

mod candidates;
mod checkout;
mod diff;
mod lfs;
mod location;
mod merge;
mod mirror;
mod patch;
mod publish;
mod results;
mod scratch;
mod snapshot;

pub use checkout::Checkout;
pub use diff::Changes;
pub use mirror::Inspected;
pub use publish::{PublishError, Publishing};
pub use scratch::SCRATCH_BRANCH;

use crate::git::{Git, GitError};
use domain::RepositoryId;
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::Mutex;

#[derive(Debug, Error)]
pub enum RepositoryError {
    #[error("The path is outside the folders that repositories may be in.")]
    OutsideRoots,
    #[error("The path must be absolute.")]
    NotAbsolute,
    #[error("The path does not exist.")]
    Missing,
    #[error("The path is not a git repository.")]
    NotRepository,
    #[error("The repository can't be reached: {0}")]
    Unreachable(String),
    #[error("The repository has no commit yet.")]
    Empty,
    #[error("The repository has no branch named {0}.")]
    UnknownBranch(String),
    #[error("The URL must be an absolute path, or begin with https:// or ssh://, and hold no password.")]
    UnsupportedUrl,
    #[error("The repository took too long to answer.")]
    TooSlow,
    #[error("Git failed: {0}")]
    Git(String),
    #[error("The repository's files could not be read or written: {0}")]
    Io(#[from] io::Error),
}

impl From<GitError> for RepositoryError {
    fn from(error: GitError) -> Self {
        match error {
            GitError::TooSlow => Self::TooSlow,
            GitError::TooMuch => Self::Git("it printed more than is read".to_owned()),
            GitError::Failed(complaint) => Self::Git(sentence(&complaint)),
            GitError::Io(error) => Self::Io(error),
        }
    }
}

/// All repositories under one data folder.
#[derive(Debug, Clone)]
pub struct GitStore {
    git: Git,
    data: PathBuf,
    roots: Vec<PathBuf>,
    locks: Arc<std::sync::Mutex<HashMap<RepositoryId, Arc<Mutex<()>>>>>,
}

impl GitStore {
    /// `roots`: the only folders that a local repository may be in.
    pub fn new(data: PathBuf, roots: Vec<PathBuf>) -> Self {
        // What is written into git folders must hold from any place.
        let data = std::path::absolute(&data).unwrap_or(data);
        Self { git: Git::new(data.join("git")), data, roots, locks: Arc::default() }
    }
}

/// The line of a complaint that says most, in one line and without its prefix.
fn sentence(complaint: &str) -> String {
    let line = complaint
        .lines()
        .find(|line| line.starts_with("fatal:") || line.starts_with("error:"))
        .or_else(|| complaint.lines().next())
        .unwrap_or("it did not say why");
    let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ");
    line.chars().filter(|character| !character.is_control()).take(300).collect()
}
