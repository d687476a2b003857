//! The state of a worktree as a commit, made without letting git write, filter or follow anything in a tree that a
//! sandbox has written: git only lists what differs, we open each file beneath the tree without following links,
//! and git takes the bytes on its standard input.

use super::checkout::Checkout;
use super::{GitStore, RepositoryError};
use crate::git::{Bounds, GitError, Running};
use crate::tree;
use nix::fcntl::{OFlag, readlinkat};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::ChildStdin;

const LIST: Bounds = Bounds { time: Duration::from_secs(120), output: 64 * 1024 * 1024 };
const WRITE: Duration = Duration::from_secs(300);
const RESULT: &str = "refs/heads/result";

impl GitStore {
    /// The commit of the tree as it is now, on top of the base; the base where nothing differs. The same tree
    /// gives the same commit.
    pub(super) async fn snapshot(&self, checkout: &Checkout) -> Result<String, RepositoryError> {
        let worktree = checkout.worktree.clone();
        // Folders that withhold themselves would look deleted. One too deep to be opened holds nothing git could name.
        let opened = move || tree::walk(&worktree, 0o500, |_, _| ControlFlow::Continue(()));
        if let Err(error) = tokio::task::spawn_blocking(opened).await.map_err(io::Error::other)? {
            tracing::warn!(%error, "a worktree could not be walked whole");
        }
        let candidates = self.candidates(checkout).await?;
        if candidates.is_empty() {
            return Ok(checkout.base.clone());
        }
        let arguments = ["fast-import", "--quiet", "--force", "--done", "--date-format=raw"];
        let mut command = self.beside_worktree(checkout, &arguments);
        command.stdin(Stdio::piped());
        let mut running = Running::start(&mut command)?;
        let complaints = running.complaints();
        let written = async {
            let mut stdin =
                running.child.stdin.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
            let sent = write(&mut stdin, checkout, &candidates).await;
            drop(stdin);
            let complaint = complaints.await;
            let status = running.wait().await?;
            if status.success() { Ok(sent?) } else { Err(GitError::Failed(complaint)) }
        };
        match tokio::time::timeout(WRITE, written).await {
            Ok(written) => written?,
            Err(_) => return Err(RepositoryError::TooSlow),
        }
        let head = self.beside_worktree(checkout, &["rev-parse", "--verify", RESULT]);
        let head = self.git.succeed(head, LIST).await?;
        Ok(String::from_utf8_lossy(&head).trim().to_owned())
    }
}

/// What stands at a path, by its own kind and never by what it points to.
enum Found {
    Nothing,
    Link(Vec<u8>),
    File { file: File, length: u64, executable: bool },
}

async fn write(stdin: &mut ChildStdin, checkout: &Checkout, paths: &BTreeSet<PathBuf>) -> io::Result<()> {
    let header = format!(
        "commit {RESULT}\ncommitter Switchboard <switchboard@localhost> 0 +0000\ndata 0\n\nfrom {}\n",
        checkout.base
    );
    stdin.write_all(header.as_bytes()).await?;
    let tree = File::open(&checkout.worktree)?;
    // A file may have become a folder, or the other way: what is gone goes first.
    for path in paths {
        if matches!(find(&tree, path)?, Found::Nothing) {
            stdin.write_all(format!("D {}\n", quoted(path)).as_bytes()).await?;
        }
    }
    for path in paths {
        match find(&tree, path)? {
            Found::Nothing => {}
            Found::Link(target) => {
                let line = format!("M 120000 inline {}\ndata {}\n", quoted(path), target.len());
                stdin.write_all(line.as_bytes()).await?;
                stdin.write_all(&target).await?;
                stdin.write_all(b"\n").await?;
            }
            Found::File { file, length, executable } => {
                let mode = if executable { "100755" } else { "100644" };
                let line = format!("M {mode} inline {}\ndata {length}\n", quoted(path));
                stdin.write_all(line.as_bytes()).await?;
                let mut content = tokio::fs::File::from_std(file).take(length);
                if tokio::io::copy(&mut content, stdin).await? != length {
                    return Err(io::Error::other("a file changed while it was read"));
                }
                stdin.write_all(b"\n").await?;
            }
        }
    }
    stdin.write_all(b"\ndone\n").await?;
    stdin.flush().await
}

/// Opens beneath the tree, through folders only: no link is followed, on the way or at the end.
fn find(tree: &File, path: &Path) -> io::Result<Found> {
    // Opening a pipe or a device could wait or act: first only the name, then, of a file, the content.
    let Ok(place) = tree::place(tree, path) else {
        return link(tree, path);
    };
    let metadata = File::from(place.try_clone()?).metadata()?;
    if metadata.is_symlink() {
        return link(tree, path);
    }
    if !metadata.is_file() {
        return Ok(Found::Nothing);
    }
    let readable = |error: io::Error| match error.kind() {
        io::ErrorKind::PermissionDenied => tree::grant(&place, 0o400),
        _ => Err(error),
    };
    let content = || tree::open(tree, path, OFlag::O_RDONLY | OFlag::O_NONBLOCK);
    let file = content().or_else(|error| readable(error).and_then(|()| content()))?;
    Ok(Found::File {
        file: File::from(file),
        length: metadata.len(),
        executable: metadata.permissions().mode() & 0o100 != 0,
    })
}

/// A link's own text, where its folder is really beneath the tree.
fn link(tree: &File, path: &Path) -> io::Result<Found> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(Found::Nothing);
    };
    let Ok(folder) = tree::open(tree, parent, OFlag::O_PATH | OFlag::O_DIRECTORY) else {
        return Ok(Found::Nothing);
    };
    Ok(readlinkat(&folder, name).map_or(Found::Nothing, |target| Found::Link(target.into_vec())))
}

/// In the quotes of C, every byte that is not plain as an octal number.
fn quoted(path: &Path) -> String {
    let mut text = String::from("\"");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_end_no_line_of_the_stream() {
        assert_eq!(quoted(Path::new("a\nD b")), "\"a\\012D b\"");
        assert_eq!(quoted(Path::new("say \"hi\" \\ ø")), "\"say \\\"hi\\\" \\\\ \\303\\270\"");
    }
}
