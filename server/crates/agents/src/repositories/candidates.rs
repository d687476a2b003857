//! Which paths of a worktree may differ from the base. Too many only cost time, so every sign counts.

use super::checkout::Checkout;
use super::{GitStore, RepositoryError};
use crate::git::Bounds;
use crate::tree;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIST: Bounds = Bounds { time: Duration::from_secs(120), output: 64 * 1024 * 1024 };
/// How far a repository inside the tree is looked into.
const MOST_NESTED: usize = 100_000;

impl GitStore {
    /// What the index finds touched, what was changed after the checkout, and what the index does not know.
    pub(super) async fn candidates(&self, checkout: &Checkout) -> Result<BTreeSet<PathBuf>, RepositoryError> {
        let touched = ["diff-files", "-z", "--name-only", "--no-renames", "--ignore-submodules=all"];
        let unknown = ["ls-files", "-z", "--others", "--exclude-standard"];
        let known = ["ls-files", "-z", "--stage"];
        let touched = self.list(checkout, &touched).await?;
        let unknown = self.list(checkout, &unknown).await?;
        let known = self.list(checkout, &known).await?;
        let checkout = checkout.clone();
        let found = tokio::task::spawn_blocking(move || {
            let mut paths = changed_since(&checkout, &known)?;
            for name in names(&touched).chain(names(&unknown)) {
                match name.as_os_str().as_bytes().strip_suffix(b"/") {
                    // A repository of its own inside the tree: git would only look at its commit, we look at its files.
                    Some(folder) => {
                        nested(&checkout.worktree, Path::new(OsStr::from_bytes(folder)), &mut paths)?
                    }
                    None => {
                        paths.insert(name.to_path_buf());
                    }
                }
            }
            paths.retain(|path| !is_reserved(path));
            io::Result::Ok(paths)
        });
        Ok(found.await.map_err(io::Error::other)??)
    }

    async fn list(&self, checkout: &Checkout, arguments: &[&str]) -> Result<Vec<u8>, RepositoryError> {
        let arguments = [&["-c", "core.bare=false"], arguments].concat();
        Ok(self.git.succeed(self.in_worktree(checkout, &arguments), LIST).await?)
    }
}

fn names(list: &[u8]) -> impl Iterator<Item = &Path> {
    list.split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| Path::new(OsStr::from_bytes(name)))
}

/// Git compares whole seconds, and the modification time can be set at will: what was rewritten within the second of
/// its checkout could hide. The change time can't be set, and is exact.
fn changed_since(checkout: &Checkout, known: &[u8]) -> io::Result<BTreeSet<PathBuf>> {
    let begun = change_time(&fs::metadata(checkout.record())?);
    let root = File::open(&checkout.worktree)?;
    let entries = names(known).filter_map(|entry| {
        let bytes = entry.as_os_str().as_bytes();
        let at = bytes.iter().position(|byte| *byte == b'\t')?;
        // Submodules are not checked out.
        let path = bytes.get(at + 1..).filter(|_| !bytes.starts_with(b"160000 "))?;
        Some(Path::new(OsStr::from_bytes(path)))
    });
    let changed = entries.filter(|path| {
        let metadata = tree::place(&root, path).and_then(|place| File::from(place).metadata());
        metadata.map_or(true, |metadata| change_time(&metadata) >= begun)
    });
    Ok(changed.map(Path::to_path_buf).collect())
}

fn change_time(metadata: &Metadata) -> (i64, i64) {
    (metadata.ctime(), metadata.ctime_nsec())
}

/// Names that some system takes for a git folder, and that git therefore has in no commit.
fn is_reserved(path: &Path) -> bool {
    let reserved = |name: &OsStr| name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1");
    path.components().any(|part| reserved(part.as_os_str()))
}

fn nested(tree: &Path, folder: &Path, paths: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    let mut queue = vec![folder.to_path_buf()];
    let mut seen = 0;
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(tree.join(&folder))?.flatten() {
            seen += 1;
            if seen > MOST_NESTED {
                return Ok(());
            }
            let path = folder.join(entry.file_name());
            if is_reserved(Path::new(&entry.file_name())) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                queue.push(path);
            } else {
                paths.insert(path);
            }
        }
    }
    Ok(())
}
