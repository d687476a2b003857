//! What executions left behind, kept in the repository's mirror until somebody publishes it.
//!
//! A result stands under a name of its own, outside of the branches that a fetch replaces. The objects were written by
//! the server's git from files that a sandbox left, and git's own check of them (`fetch.fsckObjects`) is what lets
//! them in: a tree that would harm whoever checks it out is not kept, and can't be published.

use super::checkout::Checkout;
use super::{GitStore, RepositoryError};
use crate::git::Bounds;
use domain::{ExecutionId, RepositoryId};
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

const COPY: Bounds = Bounds { time: Duration::from_secs(300), output: 1024 * 1024 };
pub(super) const QUICK: Bounds = Bounds { time: Duration::from_secs(30), output: 1024 * 1024 };

/// The name that an execution's result has in the mirror.
pub(super) fn reference(execution: ExecutionId) -> String {
    format!("refs/switchboard/results/{execution}")
}

impl GitStore {
    /// Keeps what the execution changed, after [`diff`](Self::diff) has found that it changed something.
    pub async fn keep_result(&self, checkout: &Checkout) -> Result<(), RepositoryError> {
        let Some(mirror) = checkout.objects.parent() else {
            return Err(RepositoryError::Missing);
        };
        let result = format!("+refs/heads/result:{}", reference(checkout.execution));
        let from = checkout.git_folder();
        let arguments = [
            "--git-dir=.",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--",
        ];
        let mut arguments: Vec<&std::ffi::OsStr> = arguments.iter().map(std::ffi::OsStr::new).collect();
        arguments.push(from.as_os_str());
        arguments.push(result.as_ref());
        self.git.succeed(self.git.command(mirror, &arguments), COPY).await?;
        Ok(())
    }

    /// Forgets the results of executions that are gone, in whichever mirror of this machine they are: a task may have
    /// changed its repository between two of them. Those that were never kept are none.
    pub async fn forget_results(&self, executions: &HashSet<ExecutionId>) -> Result<usize, RepositoryError> {
        let mut forgotten = 0;
        for repository in self.mirrors()? {
            forgotten += self.forget_in(repository, executions).await?;
        }
        Ok(forgotten)
    }

    /// The repositories that have a mirror here.
    fn mirrors(&self) -> Result<Vec<RepositoryId>, RepositoryError> {
        let entries = match std::fs::read_dir(self.data.join("mirrors")) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let named = entries.flatten().filter_map(|entry| {
            entry.file_name().to_str()?.strip_suffix(".git")?.parse::<RepositoryId>().ok()
        });
        Ok(named.collect())
    }

    async fn forget_in(
        &self,
        repository: RepositoryId,
        executions: &HashSet<ExecutionId>,
    ) -> Result<usize, RepositoryError> {
        let mirror = self.mirror(repository);
        if !mirror.join("HEAD").exists() {
            return Ok(0);
        }
        let _alone = self.lock(repository).await;
        let list =
            ["--git-dir=.", "for-each-ref", "--format=%(refname:lstrip=3)", "refs/switchboard/results"];
        let kept = self.git.succeed(self.git.command(&mirror, &list), QUICK).await?;
        let kept = String::from_utf8_lossy(&kept).into_owned();
        let mut forgotten = 0;
        for execution in kept.lines().filter_map(|line| line.parse::<ExecutionId>().ok()) {
            if executions.contains(&execution) {
                let reference = reference(execution);
                let gone = self.git.command(&mirror, &["--git-dir=.", "update-ref", "-d", &reference]);
                self.git.succeed(gone, QUICK).await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// One line of what git says in a git folder.
    pub(super) async fn line(&self, folder: &Path, arguments: &[&str]) -> Result<String, RepositoryError> {
        let output = self.git.succeed(self.git.command(folder, arguments), QUICK).await?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// Whether git answers with success; what it complains otherwise is no error.
    pub(super) async fn holds(&self, folder: &Path, arguments: &[&str]) -> Result<bool, RepositoryError> {
        let outcome = self.git.run(self.git.command(folder, arguments), QUICK).await?;
        Ok(outcome.status.success())
    }
}
