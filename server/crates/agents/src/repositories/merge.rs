//! Merging a result into the branch of a repository on this machine. It is worked out in the mirror; then the branch is
//! moved forward in one step, together with the files of its worktree where it is checked out.

use super::location::Location;
use super::publish::{PublishError, Publishing, named};
use super::results::QUICK;
use super::{GitStore, RepositoryError};
use crate::git::{Bounds, Git};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

const LONG: Bounds = Bounds { time: Duration::from_secs(120), output: 16 * 1024 * 1024 };
/// What a git folder has while something is under way in its worktree.
const UNDER_WAY: [&str; 6] =
    ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "index.lock"];

/// A repository of this machine that is not ours: its hooks and watchers never run.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
}

impl Place {
    pub(super) fn command<I: AsRef<OsStr>>(&self, git: &Git, arguments: &[I]) -> Command {
        let mut all: Vec<OsString> = vec!["--git-dir".into(), self.folder.clone().into()];
        all.extend(arguments.iter().map(|argument| argument.as_ref().to_owned()));
        tame(git.command(&self.folder, &all))
    }

    /// The commit of a branch, where there is one.
    pub(super) async fn tip(&self, git: &Git, branch: &str) -> Result<Option<String>, PublishError> {
        let name = format!("refs/heads/{branch}^{{commit}}");
        let find = ["rev-parse", "--verify", "--quiet", "--end-of-options", &name];
        let found = git.run(self.command(git, &find), QUICK).await?;
        let tip = String::from_utf8_lossy(&found.stdout).trim().to_owned();
        Ok(Some(tip).filter(|tip| found.status.success() && !tip.is_empty()))
    }
}

/// Above what the repository's own configuration says.
fn tame(mut command: Command) -> Command {
    let settings = [
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("submodule.recurse", "false"),
        ("commit.gpgSign", "false"),
        ("merge.verifySignatures", "false"),
    ];
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (place, (name, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{place}"), name);
        command.env(format!("GIT_CONFIG_VALUE_{place}"), value);
    }
    command
}

impl GitStore {
    /// Merges the result into a branch of a repository on this machine. Returns the branch's new commit.
    pub async fn publish_merge(&self, order: &Publishing, branch: &str) -> Result<String, PublishError> {
        self.git.prepare().map_err(RepositoryError::from)?;
        let Location::Path(path) = Location::parse(&order.url, &self.roots)? else {
            return Err(PublishError::NotLocal);
        };
        // Its newest state, so that what is worked out here holds there.
        self.fetch_mirror(order.repository, &order.url).await?;
        let _alone = self.lock(order.repository).await;
        let place = self.place(&path).await?;
        let Some(tip) = place.tip(&self.git, branch).await? else {
            return Err(RepositoryError::UnknownBranch(branch.to_owned()).into());
        };
        let worktree = self.worktree_of(&place, branch).await?;
        if let Some(worktree) = &worktree {
            self.refuse_dirty(worktree, branch).await?;
        }
        let merged = self.merged(order, branch, &tip).await?;
        if merged == tip {
            return Ok(tip);
        }
        if worktree.is_some() {
            let mirror = self.mirror(order.repository);
            self.refuse_pointers(&mirror, branch, [&tip, &merged]).await?;
        }
        self.bring(order, &place, &merged).await?;
        let moved = match &worktree {
            Some(worktree) => self.forward(worktree, branch, &tip, &merged).await,
            None => {
                let name = format!("refs/heads/{branch}");
                let update = place.command(&self.git, &["update-ref", &name, &merged, &tip]);
                let updated = self.git.succeed(update, QUICK).await;
                updated.map(drop).map_err(|_| PublishError::Moved(branch.to_owned()))
            }
        };
        self.let_go(order, &place).await;
        moved?;
        Ok(merged)
    }

    /// The commit that the branch will have: the result's own where nothing came between, else a merge of both.
    async fn merged(&self, order: &Publishing, branch: &str, tip: &str) -> Result<String, PublishError> {
        let mirror = self.mirror(order.repository);
        let commit = self.commit(order).await?;
        let is_in = |old: &str, new: &str| {
            let arguments = ["--git-dir=.", "merge-base", "--is-ancestor", old, new];
            let arguments = arguments.map(str::to_owned);
            let mirror = mirror.clone();
            async move {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                self.holds(&mirror, &arguments).await
            }
        };
        if is_in(&commit, tip).await? {
            return Ok(tip.to_owned());
        }
        if is_in(tip, &commit).await? {
            return Ok(commit);
        }
        let arguments =
            ["--git-dir=.", "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", tip, &commit];
        let outcome = self.git.run(self.git.command(&mirror, &arguments), LONG).await?;
        let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
        let mut parts = text.split('\0').filter(|part| !part.is_empty()).map(str::to_owned);
        let tree = parts.next().unwrap_or_default();
        match outcome.status.code() {
            Some(0) => {
                let message = format!("Merge what execution {} made\n\n{}", order.execution, order.message);
                self.write_commit(order, tree.trim(), &[tip, &commit], &message).await
            }
            Some(1) => {
                let files: Vec<String> = parts.collect();
                Err(PublishError::Conflict { branch: branch.to_owned(), files: named(&files) })
            }
            _ => Err(RepositoryError::Git(super::sentence(&outcome.stderr)).into()),
        }
    }

    /// The folder that a branch is checked out in.
    async fn worktree_of(&self, place: &Place, branch: &str) -> Result<Option<PathBuf>, PublishError> {
        let list = place.command(&self.git, &["worktree", "list", "--porcelain", "-z"]);
        let listed = self.git.succeed(list, LONG).await?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let wanted = format!("branch refs/heads/{branch}");
        // Each worktree is a group of lines that an empty one ends; a bare repository says so.
        let found = listed.split("\0\0").find(|group| {
            let mut lines = group.split('\0');
            lines.clone().any(|line| line == wanted) && !lines.any(|line| line == "bare")
        });
        let path = found.and_then(|group| group.split('\0').find_map(|line| line.strip_prefix("worktree ")));
        let Some(path) = path.map(PathBuf::from) else {
            return Ok(None);
        };
        // A worktree may be anywhere; what is outside of the operator's folders is not ours to write.
        match Location::parse(&path.to_string_lossy(), &self.roots)? {
            Location::Path(path) => Ok(Some(path)),
            Location::Url { .. } => Err(PublishError::NotLocal),
        }
    }

    async fn refuse_dirty(&self, worktree: &Path, branch: &str) -> Result<(), PublishError> {
        let folder = self.line(worktree, &["rev-parse", "--absolute-git-dir"]).await?;
        if UNDER_WAY.iter().any(|name| Path::new(&folder).join(name).exists()) {
            return Err(PublishError::Busy(branch.to_owned()));
        }
        let status = ["status", "--porcelain=v1", "-z", "--untracked-files=no", "--ignore-submodules=all"];
        let status = self.git.succeed(tame(self.git.command(worktree, &status)), LONG).await?;
        let files: Vec<String> = String::from_utf8_lossy(&status)
            .split('\0')
            .filter_map(|entry| entry.get(3..))
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect();
        if files.is_empty() {
            return Ok(());
        }
        Err(PublishError::Dirty { branch: branch.to_owned(), files: named(&files) })
    }

    /// Moves the branch and its files forward together. Git itself looks once more whether anything would be lost, such
    /// as a file that it does not know.
    async fn forward(
        &self,
        worktree: &Path,
        branch: &str,
        tip: &str,
        merged: &str,
    ) -> Result<(), PublishError> {
        let head = self.line(worktree, &["rev-parse", "HEAD"]).await?;
        if head != tip {
            return Err(PublishError::Moved(branch.to_owned()));
        }
        let arguments = ["merge", "--ff-only", "--quiet", "--no-stat", "--no-overwrite-ignore", merged];
        let outcome = self.git.run(tame(self.git.command(worktree, &arguments)), LONG).await?;
        if outcome.status.success() {
            return Ok(());
        }
        let files: Vec<String> = outcome
            .stderr
            .lines()
            .filter_map(|line| line.strip_prefix('\t'))
            .map(|line| line.trim().to_owned())
            .collect();
        if files.is_empty() {
            return Err(RepositoryError::Git(super::sentence(&outcome.stderr)).into());
        }
        Err(PublishError::Dirty { branch: branch.to_owned(), files: named(&files) })
    }
}
