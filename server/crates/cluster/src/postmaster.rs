//! The server process: seen through its pid file, started, stopped.
//!
//! The pid file can outlive its process. A number alone proves nothing: it may be a zombie, or another program's
//! by now. Only a process whose command line names this very folder counts as the server.

mod process;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::ClusterError;
use crate::binaries::{Binaries, Program};
use crate::place::Place;
use process::{Process, process, send};

/// The log of earlier runs is put aside beyond this size.
const LOG_BYTES: u64 = 10 * 1024 * 1024;
/// PostgreSQL makes its pid file before it writes to it; an empty one that stays was left by a crash.
const EMPTY_FILE: Duration = Duration::from_secs(5);
const FAST_SHUTDOWN: Duration = Duration::from_secs(30);
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: u32,
    pub(crate) socket_folder: PathBuf,
    pub(crate) port: u16,
}

/// What the pid file and the process table say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    /// A pid file that PostgreSQL would take for a living server, and refuse to start. See [`remove_stale`].
    Stale,
    /// Starting up or shutting down.
    Changing,
    Ready(Postmaster),
}

pub(crate) fn observe(cluster: &Path) -> Result<State, ClusterError> {
    let file = cluster.join("postmaster.pid");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Absent),
        Err(error) => return Err(ClusterError::io(&file)(error)),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(pid) = lines.first().and_then(|line| line.trim_start_matches('-').parse().ok()) else {
        return Ok(if age(&file) > EMPTY_FILE { State::Stale } else { State::Changing });
    };
    match process(pid, cluster) {
        Process::Gone => Ok(State::Absent),
        Process::Other => Ok(State::Stale),
        Process::Server => {
            let port = lines.get(3).and_then(|line| line.parse().ok());
            let folder = lines.get(4).filter(|line| !line.is_empty());
            match (lines.get(7), port, folder) {
                (Some(&"ready"), Some(port), Some(folder)) => {
                    Ok(State::Ready(Postmaster { pid, socket_folder: PathBuf::from(folder), port }))
                }
                _ => Ok(State::Changing),
            }
        }
    }
}

/// Only during one's turn: another program could be starting a server, and this would be its file. PostgreSQL's own
/// check of the shared memory segment still stands between us and a server that is really there.
pub(crate) fn remove_stale(cluster: &Path, socket_folder: &Path) -> Result<(), ClusterError> {
    // The socket has a lock file with the same number; without the pid file nothing would lead back to it.
    for file in [socket_folder.join(".s.PGSQL.5432.lock"), cluster.join("postmaster.pid")] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(ClusterError::io(&file)(error));
            }
            _ => {}
        }
    }
    tracing::warn!("removed the stale pid file of a PostgreSQL that had crashed");
    Ok(())
}

/// A start that was tried.
#[derive(Debug)]
pub(crate) struct Launch {
    child: Child,
    log: PathBuf,
    began_at: u64,
}

impl Launch {
    pub(crate) fn start(place: &Place, binaries: &Binaries) -> Result<Self, ClusterError> {
        let log = place.log_file();
        let file = open_log(&log).map_err(ClusterError::io(&log))?;
        let began_at = file.metadata().map_err(ClusterError::io(&log))?.len();
        let errors = file.try_clone().map_err(ClusterError::io(&log))?;
        let mut command = binaries.command(Program::Postgres);
        place.account.apply(&mut command);
        binaries.add_libraries(&mut command);
        command.arg("-D").arg(place.cluster()).arg("-k").arg(place.socket_folder());
        for setting in SETTINGS {
            command.arg("-c").arg(setting);
        }
        // A group of its own: Ctrl-C in the terminal is for us, and we stop the cluster in order.
        command.stdin(Stdio::null()).stdout(file).stderr(errors).process_group(0);
        let child = command
            .spawn()
            .map_err(|error| ClusterError::program("postgres", error.to_string().as_bytes()))?;
        Ok(Self { child, log, began_at })
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Whether it ended only because processes of its killed predecessor had not left yet.
    pub(crate) fn may_be_repeated(&self) -> bool {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let from = usize::try_from(self.began_at).unwrap_or(usize::MAX).min(log.len());
        let said = String::from_utf8_lossy(log.get(from..).unwrap_or_default()).into_owned();
        said.contains("is still in use")
    }
}

/// For a small machine; nothing here trades durability for speed.
const SETTINGS: [&str; 17] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=128MB",
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_compression=on",
    "max_wal_size=1GB",
    // Parallel queries want shared memory that small containers lack, and our queries are short.
    "max_parallel_workers_per_gather=0",
    "jit=off",
    "random_page_cost=1.1",
    "timezone=UTC",
    // Refused statements are the application's to report: their text may hold people's data.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_checkpoints=off",
];

/// Fast shutdown: transactions are rolled back, nothing committed is lost. Immediate where that takes too long.
pub(crate) fn stop(cluster: &Path) -> Result<(), ClusterError> {
    let mut last = 0;
    for (signal, patience) in [(Signal::SIGINT, FAST_SHUTDOWN), (Signal::SIGQUIT, IMMEDIATE_SHUTDOWN)] {
        let Some(pid) = server(cluster)? else {
            return Ok(());
        };
        last = pid;
        send(pid, signal)?;
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline {
            if !matches!(process(pid, cluster), Process::Server) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    Err(ClusterError::NotStopped(last))
}

/// The server's pid, whether it is ready or not.
fn server(cluster: &Path) -> Result<Option<u32>, ClusterError> {
    let file = cluster.join("postmaster.pid");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ClusterError::io(&file)(error)),
    };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    Ok(pid.filter(|pid| matches!(process(*pid, cluster), Process::Server)))
}

fn age(file: &Path) -> Duration {
    let changed = std::fs::metadata(file).and_then(|found| found.modified());
    changed.ok().and_then(|at| at.elapsed().ok()).unwrap_or_default()
}

fn open_log(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() > LOG_BYTES) {
        std::fs::rename(path, path.with_extension("log.1"))?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_with_the_pid_of_another_program_is_stale() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("postmaster.pid");
        std::fs::write(&file, format!("{}\n{}\n", std::process::id(), folder.path().display())).unwrap();
        assert_eq!(observe(folder.path()).unwrap(), State::Stale);
        remove_stale(folder.path(), folder.path()).unwrap();
        assert_eq!(observe(folder.path()).unwrap(), State::Absent);
    }
}
