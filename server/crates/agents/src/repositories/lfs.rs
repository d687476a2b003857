//! Files that Git LFS keeps elsewhere: in git stands a pointer. Our git has no filters, so it would put the pointer into
//! a checkout where its person expects the file.

use super::publish::{PublishError, named};
use super::{GitStore, RepositoryError};
use crate::git::Bounds;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

const LONG: Bounds = Bounds { time: Duration::from_secs(120), output: 16 * 1024 * 1024 };
/// The first line of a pointer, by the specification of Git LFS.
const POINTER: &str = "^version https://git-lfs\\.github\\.com/spec/v[0-9]";
/// Paths in one command line.
const AT_ONCE: usize = 500;

impl GitStore {
    /// Refuses to move a checkout from one commit to another where a file between them is a pointer in either.
    pub(super) async fn refuse_pointers(
        &self,
        mirror: &Path,
        branch: &str,
        commits: [&str; 2],
    ) -> Result<(), PublishError> {
        let [from, to] = commits;
        let list = ["--git-dir=.", "diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to];
        let changed = self.git.succeed(self.git.command(mirror, &list), LONG).await?;
        let changed = String::from_utf8_lossy(&changed).into_owned();
        let changed: Vec<&str> = changed.split('\0').filter(|path| !path.is_empty()).collect();
        let mut pointers = BTreeSet::new();
        for commit in commits {
            for paths in changed.chunks(AT_ONCE) {
                pointers.extend(self.pointers(mirror, commit, paths).await?);
            }
        }
        if pointers.is_empty() {
            return Ok(());
        }
        let files: Vec<String> = pointers.into_iter().collect();
        Err(PublishError::Lfs { branch: branch.to_owned(), files: named(&files) })
    }

    /// Which of these files are pointers in a commit.
    async fn pointers(
        &self,
        mirror: &Path,
        commit: &str,
        paths: &[&str],
    ) -> Result<Vec<String>, RepositoryError> {
        let mut arguments: Vec<String> =
            ["--git-dir=.", "--literal-pathspecs", "grep", "-l", "-z", "-I", "-e", POINTER, commit, "--"]
                .map(str::to_owned)
                .to_vec();
        arguments.extend(paths.iter().map(ToString::to_string));
        let outcome = self.git.run(self.git.command(mirror, &arguments), LONG).await?;
        match outcome.status.code() {
            Some(0) => {}
            Some(1) => return Ok(Vec::new()),
            _ => return Err(RepositoryError::Git(super::sentence(&outcome.stderr))),
        }
        let found = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let prefix = format!("{commit}:");
        Ok(found.split('\0').filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect())
    }
}
