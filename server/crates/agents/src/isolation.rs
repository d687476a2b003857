//! What holds an execution on this machine: found once at start, shown on every execution and to the operator.

use crate::{cgroup, sandbox};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Isolation {
    /// The program that makes the namespaces; `None` where none works here.
    pub bubblewrap: Option<PathBuf>,
    pub landlock: bool,
    pub cgroup: bool,
    /// The operator lets executions start without a mount namespace.
    pub allow_weak: bool,
}

/// Tries each layer on this machine. Call it once, at start, before other threads write files.
pub fn detect() -> Isolation {
    Isolation {
        bubblewrap: bubblewrap(),
        landlock: sandbox::landlock::available(),
        cgroup: cgroup::available(),
        allow_weak: false,
    }
}

impl Isolation {
    /// The layers by name, strongest first.
    pub fn layers(&self) -> Vec<String> {
        let found = [
            ("namespaces", self.bubblewrap.is_some()),
            ("landlock", self.landlock),
            ("seccomp", true),
            ("rlimits", true),
            ("cgroup", self.cgroup),
        ];
        found.iter().filter(|(_, there)| *there).map(|(name, _)| (*name).to_owned()).collect()
    }

    /// One sentence on what an operator should know, where something is missing.
    pub fn advice(&self) -> Option<String> {
        match (&self.bubblewrap, self.allow_weak) {
            (Some(_), _) => None,
            (None, false) => Some(
                "Executions can't start: install bubblewrap, or allow weak isolation for this machine.".to_owned(),
            ),
            (None, true) => Some(
                "Executions run without namespaces: Unix sockets and process lists of this machine are visible to them."
                    .to_owned(),
            ),
        }
    }
}

/// bubblewrap is taken only if it makes, here and now, the namespaces that an execution will be in.
fn bubblewrap() -> Option<PathBuf> {
    let program = ["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"]
        .map(PathBuf::from)
        .into_iter()
        .find(|path| path.exists())?;
    let made = Command::new(&program)
        .args(sandbox::namespaces())
        .args(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "true"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .ok()?;
    if !made.status.success() {
        tracing::warn!(reason = %String::from_utf8_lossy(&made.stderr).trim(), "bubblewrap makes no sandbox here");
        return None;
    }
    Some(program)
}
