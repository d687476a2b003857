//! A worktree per execution: the tree with a small git folder for whoever works in it, and beside it, out of its
//! reach, the server's own git folder with the index that changes are found by.

use super::{GitStore, RepositoryError};
use crate::git::Bounds;
use crate::sandbox;
use crate::tree;
use domain::{ExecutionId, RepositoryId};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;

const QUICK: Bounds = Bounds { time: Duration::from_secs(30), output: 1024 * 1024 };
const LONG: Bounds = Bounds { time: Duration::from_secs(600), output: 1024 * 1024 };
/// Before all that a tree says: files are checked out and compared as they are, and none is kept out of a diff.
const ATTRIBUTES: &str = "* -text -ident -filter -working-tree-encoding !diff\n";
/// Written last: a folder without it is half made.
const RECORD: &str = "checkout.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    pub execution: ExecutionId,
    pub worktree: PathBuf,
    /// The commit that it began from.
    pub base: String,
    /// The mirror's objects, for [`crate::ExecutionSpec::objects`].
    pub objects: PathBuf,
}

impl Checkout {
    /// Written when the checkout was complete: whatever changed since has a later change time.
    pub(super) fn record(&self) -> PathBuf {
        self.worktree.with_file_name(RECORD)
    }

    /// The server's git folder.
    pub(super) fn git_folder(&self) -> PathBuf {
        self.worktree.with_file_name("git")
    }
}

impl GitStore {
    /// A fresh worktree of a branch, as the mirror has it. Where the execution has one, that one.
    pub async fn check_out(
        &self,
        repository: RepositoryId,
        execution: ExecutionId,
        branch: &str,
    ) -> Result<Checkout, RepositoryError> {
        self.git.prepare()?;
        if let Some(made) = self.find(execution) {
            return Ok(made);
        }
        let mirror = self.mirror(repository);
        let _alone = self.lock(repository).await;
        let base = self.resolve(&mirror, branch).await?;
        let folder = self.folder(execution);
        self.clear(&folder).await?;
        let checkout =
            Checkout { execution, worktree: folder.join("tree"), base, objects: mirror.join("objects") };
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        fs::create_dir(&checkout.worktree)?;
        self.fill(&checkout).await?;
        inner_git(&checkout, branch)?;
        let (tree, owned) = (checkout.worktree.clone(), execution);
        tokio::task::spawn_blocking(move || sandbox::hand_over(&tree, owned))
            .await
            .map_err(io::Error::other)??;
        // Handing over touched every file: the index learns it now, so that later only real changes stand out.
        let refresh = self.in_worktree(&checkout, &["update-index", "-q", "--refresh"]);
        self.git.succeed(refresh, LONG).await?;
        fs::write(folder.join(RECORD), serde_json::to_vec(&checkout).map_err(io::Error::from)?)?;
        Ok(checkout)
    }

    /// The execution's worktree, where it has one.
    pub fn find(&self, execution: ExecutionId) -> Option<Checkout> {
        let record = fs::read(self.folder(execution).join(RECORD)).ok()?;
        serde_json::from_slice(&record).ok()
    }

    /// Removes the execution's worktree.
    pub async fn remove(&self, execution: ExecutionId) -> Result<(), RepositoryError> {
        self.clear(&self.folder(execution)).await
    }

    /// Removes the worktrees of executions that nobody wants any more, and gives how many.
    pub async fn sweep(&self, wanted: impl Fn(ExecutionId) -> bool) -> Result<usize, RepositoryError> {
        let entries = match fs::read_dir(self.data.join("worktrees")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut removed = 0;
        for entry in entries.flatten() {
            let execution = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if !execution.is_some_and(&wanted) {
                self.clear(&entry.path()).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// A git that looks at the tree with the server's own folder, never with the one inside.
    pub(super) fn in_worktree(&self, checkout: &Checkout, arguments: &[&str]) -> Command {
        let mut all: Vec<OsString> = vec!["--git-dir".into(), checkout.git_folder().into()];
        all.extend(["--work-tree".into(), checkout.worktree.clone().into()]);
        all.extend(arguments.iter().map(OsString::from));
        self.git.command(&checkout.worktree, &all)
    }

    /// A git in the server's own folder alone.
    pub(super) fn beside_worktree(&self, checkout: &Checkout, arguments: &[&str]) -> Command {
        let mut all: Vec<OsString> = vec!["--git-dir".into(), checkout.git_folder().into()];
        all.extend(arguments.iter().map(OsString::from));
        self.git.command(&checkout.git_folder(), &all)
    }

    async fn resolve(&self, mirror: &Path, branch: &str) -> Result<String, RepositoryError> {
        let unknown = || RepositoryError::UnknownBranch(branch.to_owned());
        if branch.is_empty()
            || branch.starts_with('-')
            || branch.contains(|c: char| c.is_control() || "~^:?*[\\ @{".contains(c))
        {
            return Err(unknown());
        }
        if !mirror.join("HEAD").exists() {
            return Err(RepositoryError::Missing);
        }
        let name = format!("refs/heads/{branch}^{{commit}}");
        let find = self
            .git
            .command(mirror, &["--git-dir=.", "rev-parse", "--verify", "--quiet", "--end-of-options", &name]);
        let found = self.git.run(find, QUICK).await?;
        if found.status.success() {
            return Ok(String::from_utf8_lossy(&found.stdout).trim().to_owned());
        }
        let any = self.git.command(mirror, &["--git-dir=.", "for-each-ref", "--count=1", "refs/heads"]);
        let any = self.git.succeed(any, QUICK).await?;
        Err(if any.is_empty() { RepositoryError::Empty } else { unknown() })
    }

    /// The server's git folder beside the tree, and the files in it.
    async fn fill(&self, checkout: &Checkout) -> Result<(), RepositoryError> {
        let own = checkout.git_folder();
        fs::create_dir(&own)?;
        let made = self.git.command(&own, &["init", "--quiet", "--bare", "--template=", "."]);
        self.git.succeed(made, QUICK).await?;
        fs::create_dir_all(own.join("objects/info"))?;
        fs::write(own.join("objects/info/alternates"), format!("{}\n", checkout.objects.display()))?;
        fs::create_dir_all(own.join("info"))?;
        fs::write(own.join("info/attributes"), ATTRIBUTES)?;
        let head = self.beside_worktree(checkout, &["update-ref", "--no-deref", "HEAD", &checkout.base]);
        self.git.succeed(head, QUICK).await?;
        let files = self
            .in_worktree(checkout, &["-c", "core.bare=false", "read-tree", "--reset", "-u", &checkout.base]);
        self.git.succeed(files, LONG).await?;
        Ok(())
    }

    async fn clear(&self, folder: &Path) -> Result<(), RepositoryError> {
        let folder = folder.to_path_buf();
        tokio::task::spawn_blocking(move || clear(&folder)).await.map_err(io::Error::other)??;
        Ok(())
    }

    fn folder(&self, execution: ExecutionId) -> PathBuf {
        self.data.join("worktrees").join(execution.to_string())
    }
}

/// The git folder inside: its objects are the mirror's, which it finds where the sandbox has them, and its own.
fn inner_git(checkout: &Checkout, branch: &str) -> io::Result<()> {
    let git = checkout.worktree.join(".git");
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(git.join(folder))?;
    }
    let reference = git.join("refs/heads").join(branch);
    if let Some(folder) = reference.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(reference, format!("{}\n", checkout.base))?;
    fs::write(git.join("HEAD"), format!("ref: refs/heads/{branch}\n"))?;
    fs::write(git.join("objects/info/alternates"), format!("{}\n", sandbox::OBJECTS))?;
    fs::write(
        git.join("config"),
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n",
    )?;
    fs::copy(checkout.git_folder().join("index"), git.join("index")).map(drop)
}

/// Removes a folder whose owner may have taken rights away from its own folders.
fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => {}
    }
    let _whole = tree::walk(folder, 0o700, |_, _| ControlFlow::Continue(()))?;
    fs::remove_dir_all(folder)
}
