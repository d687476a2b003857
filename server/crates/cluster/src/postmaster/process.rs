//! The process table: who a pid is, and how it is told to end.

use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::ClusterError;

pub(super) enum Process {
    Gone,
    /// A zombie, or a process that is not this cluster's server.
    Other,
    Server,
}

fn target(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().filter(|pid| *pid > 1).map(Pid::from_raw)
}

pub(super) fn process(pid: u32, cluster: &Path) -> Process {
    let Some(target) = target(pid) else {
        return Process::Other;
    };
    // A server that we started and that has died stays a zombie until it is waited for.
    let _ = waitpid(target, Some(WaitPidFlag::WNOHANG));
    if kill(target, None) == Err(Errno::ESRCH) {
        return Process::Gone;
    }
    if !Path::new("/proc/self/cmdline").exists() {
        return Process::Server;
    }
    // A zombie's command line is empty.
    match std::fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(line) if names(&line, cluster) => Process::Server,
        Ok(_) => Process::Other,
        Err(_) => Process::Gone,
    }
}

/// Whether a command line (arguments that end in NUL) is `.. -D <cluster> ..`.
fn names(line: &[u8], cluster: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let wanted = cluster.canonicalize().unwrap_or_else(|_| cluster.to_owned());
    let mut arguments = line.split(|byte| *byte == 0);
    arguments.any(|argument| argument == b"-D")
        && arguments.next().is_some_and(|folder| {
            let folder = Path::new(std::ffi::OsStr::from_bytes(folder));
            folder == cluster || folder.canonicalize().is_ok_and(|folder| folder == wanted)
        })
}

pub(super) fn send(pid: u32, signal: Signal) -> Result<(), ClusterError> {
    let Some(target) = target(pid) else { return Ok(()) };
    match kill(target, signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(error) => Err(ClusterError::program("kill", error.to_string().as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_command_line_that_names_the_folder_is_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let own = format!("postgres\0-D\0{}\0-k\0/run\0", folder.path().display());
        assert!(names(own.as_bytes(), folder.path()));
        assert!(!names(b"postgres\0-D\0/elsewhere\0", folder.path()));
        assert!(!names(b"sleep\x0010\0", folder.path()));
        assert!(!names(b"", folder.path()));
    }
}
