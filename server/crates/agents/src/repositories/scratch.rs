//! For tasks that work on no repository: a mirror of ours with one empty commit, so that a worktree, a diff and the
//! evidence are the same as for any other.

use super::{GitStore, RepositoryError};
use crate::git::Bounds;
use domain::RepositoryId;
use std::time::Duration;

const QUICK: Bounds = Bounds { time: Duration::from_secs(30), output: 1024 * 1024 };
/// The branch that the empty commit is on.
pub const SCRATCH_BRANCH: &str = "main";

impl GitStore {
    /// Makes the mirror with the empty commit under this id, where it is not there yet.
    pub async fn make_scratch(&self, id: RepositoryId) -> Result<(), RepositoryError> {
        self.git.prepare()?;
        let _alone = self.lock(id).await;
        let mirror = self.mirror(id);
        if mirror.join("refs/heads").join(SCRATCH_BRANCH).exists() {
            return Ok(());
        }
        self.make_mirror(&mirror).await?;
        let tree =
            self.git.command(&mirror, &["--git-dir=.", "hash-object", "-w", "-t", "tree", "/dev/null"]);
        let tree = line(&self.git.succeed(tree, QUICK).await?);
        let mut commit =
            self.git.command(&mirror, &["--git-dir=.", "commit-tree", "-m", "Nothing yet", &tree]);
        for role in ["AUTHOR", "COMMITTER"] {
            commit.env(format!("GIT_{role}_NAME"), "Switchboard");
            commit.env(format!("GIT_{role}_EMAIL"), "switchboard@localhost");
            commit.env(format!("GIT_{role}_DATE"), "@0 +0000");
        }
        let commit = line(&self.git.succeed(commit, QUICK).await?);
        let branch = format!("refs/heads/{SCRATCH_BRANCH}");
        let update = self.git.command(&mirror, &["--git-dir=.", "update-ref", &branch, &commit]);
        self.git.succeed(update, QUICK).await?;
        Ok(())
    }
}

fn line(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}
