//! What an execution changed, computed between two commits in the server's own git folder: no file of the tree is
//! looked at, and no attribute or configuration in it counts.

use super::checkout::Checkout;
use super::patch::Patches;
use super::{GitStore, RepositoryError};
use crate::git::{Bounds, GitError, Running};
use domain::executions::{Diff, FileDiff, FileStatus};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

const LIST: Bounds = Bounds { time: Duration::from_secs(120), output: 64 * 1024 * 1024 };
const PATCH_TIME: Duration = Duration::from_secs(120);
/// How much of the patches is read at all; files beyond have none.
const MOST_READ: u64 = 256 * 1024 * 1024;
/// How many files are listed; the counts are of all.
const MOST_FILES: usize = 5_000;

/// A diff and its counts, which are of all files, also of those that the diff is too long for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub diff: Diff,
    pub files_changed: u64,
    pub insertions: u64,
    pub deletions: u64,
}

impl GitStore {
    /// The state of the worktree against the commit it began from. Call it once its execution has ended.
    pub async fn diff(&self, checkout: &Checkout) -> Result<Changes, RepositoryError> {
        self.git.prepare()?;
        let head = self.snapshot(checkout).await?;
        let mut files = Vec::new();
        if head != checkout.base {
            files = self.listed(checkout, &head).await?;
        }
        let sum = |count: fn(&FileDiff) -> u64| files.iter().map(|(file, _)| count(file)).sum();
        let (insertions, deletions) = (sum(|file| file.insertions), sum(|file| file.deletions));
        let files_changed = files.len() as u64;
        files.truncate(MOST_FILES);
        if !files.is_empty() {
            let patches = self.patches(checkout, &head).await?;
            let mut patches = patches.into_iter();
            for (file, count) in &mut files {
                file.patch = patches.by_ref().take(*count).collect();
            }
        }
        let files = files.into_iter().map(|(file, _)| file).collect();
        let diff = Diff { base: Some(checkout.base.clone()), head: Some(head), files };
        Ok(Changes { diff, files_changed, insertions, deletions })
    }

    /// The files, each with how many patches git prints for it.
    async fn listed(
        &self,
        checkout: &Checkout,
        head: &str,
    ) -> Result<Vec<(FileDiff, usize)>, RepositoryError> {
        let arguments =
            ["diff-tree", "-r", "-M", "-z", "--raw", "--numstat", "--no-ext-diff", "--no-textconv"];
        let arguments = [&arguments[..], &[checkout.base.as_str(), head]].concat();
        let listed = self.git.succeed(self.beside_worktree(checkout, &arguments), LIST).await?;
        Ok(parse(&listed))
    }

    async fn patches(&self, checkout: &Checkout, head: &str) -> Result<Vec<String>, RepositoryError> {
        let arguments = ["diff-tree", "-r", "-M", "-p", "--no-color", "--no-ext-diff", "--no-textconv"];
        let arguments = [&arguments[..], &[checkout.base.as_str(), head]].concat();
        let mut running = Running::start(&mut self.beside_worktree(checkout, &arguments))?;
        #[expect(clippy::disallowed_methods, reason = "it ends with git, which ends with this function")]
        let complaints = tokio::spawn(running.complaints());
        let stdout = running.child.stdout.take();
        let reading = async {
            let mut patches = Patches::default();
            let mut reader = BufReader::new(
                stdout.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?.take(MOST_READ),
            );
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line).await? > 0 {
                patches.line(&line);
                line.clear();
            }
            // Where there was more to read, git is ended by us and has failed at nothing.
            let whole = reader.get_ref().limit() > 0;
            if whole && !running.wait().await?.success() {
                return Err(GitError::Failed(complaints.await.unwrap_or_default()));
            }
            Ok(patches)
        };
        match tokio::time::timeout(PATCH_TIME, reading).await {
            Ok(patches) => Ok(patches?.finish()),
            Err(_) => Err(RepositoryError::TooSlow),
        }
    }
}

/// Of `--raw --numstat -z`: first every file with its status, then, in the same order, every file with its lines.
fn parse(listed: &[u8]) -> Vec<(FileDiff, usize)> {
    let text = String::from_utf8_lossy(listed);
    let mut parts = text.split('\0');
    let mut files: Vec<(FileDiff, usize)> = Vec::new();
    let mut counted = 0;
    while let Some(part) = parts.next() {
        if let Some(raw) = part.strip_prefix(':') {
            let word = raw.rsplit(' ').next().unwrap_or_default();
            let status = status(word);
            let moved = matches!(status, FileStatus::Renamed | FileStatus::Copied);
            let old_path = if moved { parts.next().map(str::to_owned) } else { None };
            let path = parts.next().unwrap_or_default().to_owned();
            let patches = if status == FileStatus::TypeChanged { 2 } else { 1 };
            let file = FileDiff {
                path,
                old_path,
                status,
                insertions: 0,
                deletions: 0,
                binary: false,
                patch: String::new(),
            };
            files.push((file, patches));
            continue;
        }
        let mut fields = part.splitn(3, '\t');
        let (Some(insertions), Some(deletions), Some(path)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if path.is_empty() {
            // Of a rename both names follow.
            parts.next();
            parts.next();
        }
        if let Some((file, _)) = files.get_mut(counted) {
            file.binary = insertions == "-";
            file.insertions = insertions.parse().unwrap_or(0);
            file.deletions = deletions.parse().unwrap_or(0);
        }
        counted += 1;
    }
    files
}

fn status(word: &str) -> FileStatus {
    match word.chars().next() {
        Some('A') => FileStatus::Added,
        Some('D') => FileStatus::Deleted,
        Some('R') => FileStatus::Renamed,
        Some('C') => FileStatus::Copied,
        Some('T') => FileStatus::TypeChanged,
        _ => FileStatus::Modified,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_lines_are_matched_by_their_order() {
        let listed =
            b":100644 100644 a b M\0m.txt\0:100644 100644 a b R090\0old\0new\0:000000 100644 0 b A\0bin\0\
                       1\t2\tm.txt\x003\t4\t\0old\0new\0-\t-\tbin\0";
        let files: Vec<FileDiff> = parse(listed).into_iter().map(|(file, _)| file).collect();
        let [modified, renamed, added] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!((modified.path.as_str(), modified.insertions, modified.deletions), ("m.txt", 1, 2));
        assert_eq!(
            (renamed.old_path.as_deref(), renamed.path.as_str(), renamed.deletions),
            (Some("old"), "new", 4)
        );
        assert!(added.binary && added.status == FileStatus::Added);
    }
}
