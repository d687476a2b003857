//! What can go wrong, each in one sentence that says what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why the managed cluster can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(
        "no PostgreSQL {at_least} or newer was found (looked in {looked_in}); install it ({advice}), or set \
         PG_BIN_DIR to the folder of its programs, or DATABASE_URL to a server of your own"
    )]
    NotInstalled { at_least: u32, looked_in: String, advice: String },
    #[error(
        "the cluster in {} was made by PostgreSQL {made_by}, whose programs were not found; install \
         PostgreSQL {made_by}, or upgrade the cluster with pg_upgrade",
        cluster.display()
    )]
    OtherVersion { cluster: PathBuf, made_by: String },
    #[error("{}: {problem}", path.display())]
    Folder { path: PathBuf, problem: String },
    #[error("{program} failed: {detail}")]
    Program { program: &'static str, detail: String },
    #[error("another program has been starting or stopping the cluster for too long (lock file {})", .0.display())]
    Busy(PathBuf),
    #[error("PostgreSQL did not start; the end of its log {} says: {tail}", log.display())]
    NotReady { log: PathBuf, tail: String },
    #[error("PostgreSQL (process {0}) did not stop in time")]
    NotStopped(u32),
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

impl ClusterError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn folder(path: &Path, problem: impl Into<String>) -> Self {
        Self::Folder { path: path.to_owned(), problem: problem.into() }
    }

    pub(crate) fn program(program: &'static str, output: &[u8]) -> Self {
        Self::Program { program, detail: tail(output) }
    }

    pub(crate) fn not_ready(log: &Path) -> Self {
        let tail = tail(&std::fs::read(log).unwrap_or_default());
        Self::NotReady { log: log.to_owned(), tail }
    }
}

/// The last lines of what a program wrote, on one line.
fn tail(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(6);
    let last: String = lines.iter().skip(from).copied().collect::<Vec<_>>().join(" | ");
    if last.is_empty() { "it wrote nothing".to_owned() } else { last }
}
