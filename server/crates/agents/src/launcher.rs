//! The server's end of supervisors: launches them, attaches to them, controls them, clears up after them.
//!
//! It holds nothing in memory that matters: any process of this server, after any restart, finds an execution by its id.

mod attachment;

pub use attachment::{AttachError, Attachment};

use crate::cgroup::Cgroup;
use crate::isolation::Isolation;
use crate::spec::{Control, ExecutionSpec};
use crate::supervisor::socket::{self, Request};
use crate::supervisor::{ASSIGNMENT, Assignment};
use crate::wire::Delivery;
use crate::{lock, sandbox, spool};
use domain::ExecutionId;
use domain::repositories::Network;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

const LOG: &str = "supervisor.log";
const START_TIME: Duration = Duration::from_secs(15);
const CONTROL_TIME: Duration = Duration::from_secs(5);

#[derive(Debug, Error)]
pub enum LaunchError {
    #[error(
        "This machine has no mount namespaces for executions, and the operator has not allowed weak isolation."
    )]
    Weak,
    #[error("Weak isolation needs a server that is not started as root.")]
    WeakAsRoot,
    #[error(
        "Without namespaces an execution's network would be this machine's own; set the repository's network to none."
    )]
    Network,
    #[error("The supervisor did not start: {0}")]
    Supervisor(String),
    #[error("The execution's folder could not be written: {0}")]
    Io(#[from] io::Error),
}

#[derive(Debug, Error)]
pub enum ControlError {
    #[error("The execution has ended.")]
    Ended,
    #[error("The supervisor does not answer: {0}")]
    Io(#[from] io::Error),
}

#[derive(Debug, Clone)]
pub struct Launcher {
    program: PathBuf,
    data: PathBuf,
    isolation: Isolation,
}

impl Launcher {
    /// `program` is this server's own binary, which has the roles `supervise` and `sandbox-exec`.
    pub fn new(program: PathBuf, data: PathBuf, isolation: Isolation) -> Self {
        // A supervisor works from another folder than ours.
        let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
        Self { program: absolute(program), data: absolute(data), isolation }
    }

    pub fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    /// Starts the execution's supervisor. An execution that was started before is left as it is, running or ended.
    pub async fn launch(&self, spec: &ExecutionSpec) -> Result<(), LaunchError> {
        self.admit(spec)?;
        let directory = self.directory(spec.execution);
        if lock::is_held(&directory) || directory.join(spool::FILE).exists() {
            return Ok(());
        }
        self.prepare(&directory, spec)?;
        let log = File::options().create(true).append(true).mode(0o600).open(directory.join(LOG))?;
        let mut child = Command::new(&self.program)
            .args(["supervise".as_ref(), "--directory".as_ref(), directory.as_os_str()])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log))
            .spawn()?;
        let until = Instant::now() + START_TIME;
        loop {
            let ended = child.try_wait()?;
            if directory.join(spool::FILE).exists() {
                return Ok(());
            }
            if let Some(status) = ended
                && !lock::is_held(&directory)
            {
                return Err(LaunchError::Supervisor(self.complaint(&directory, &status.to_string())));
            }
            if Instant::now() > until {
                return Err(LaunchError::Supervisor(self.complaint(&directory, "it is too slow")));
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Reads on after a sequence number: from the supervisor while it lives, else from what it left.
    pub async fn attach(&self, execution: ExecutionId, after: i64) -> Result<Attachment, AttachError> {
        Attachment::open(self.directory(execution), after).await
    }

    /// Returns once the supervisor has taken it; what comes of it is told by records.
    pub async fn control(&self, execution: ExecutionId, control: Control) -> Result<(), ControlError> {
        let directory = self.directory(execution);
        if !lock::is_held(&directory) {
            return Err(ControlError::Ended);
        }
        self.order(&directory, Request::Control(control)).await
    }

    /// Gives an agent what people have for it; the same again is told once. Returns as [`Launcher::control`] does.
    pub async fn deliver(&self, execution: ExecutionId, delivery: Delivery) -> Result<(), ControlError> {
        let directory = self.directory(execution);
        if !lock::is_held(&directory) {
            return Err(ControlError::Ended);
        }
        self.order(&directory, Request::Deliver(delivery)).await
    }

    async fn order(&self, directory: &Path, order: Request) -> Result<(), ControlError> {
        let asked = async {
            let mut stream = request(directory, order).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            if answer == socket::ACCEPTED {
                Ok(())
            } else {
                Err(io::Error::from(io::ErrorKind::UnexpectedEof))
            }
        };
        match timeout(CONTROL_TIME, asked).await {
            Ok(Ok(())) => Ok(()),
            _ if !lock::is_held(directory) => Err(ControlError::Ended),
            Ok(Err(error)) => Err(error.into()),
            Err(elapsed) => Err(ControlError::Io(elapsed.into())),
        }
    }

    pub fn is_alive(&self, execution: ExecutionId) -> bool {
        lock::is_held(&self.directory(execution))
    }

    /// Removes what an ended execution left; a running one is left alone.
    pub async fn forget(&self, execution: ExecutionId) -> io::Result<()> {
        let directory = self.directory(execution);
        if lock::is_held(&directory) {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        Cgroup::end_left_behind(execution);
        match tokio::fs::remove_dir_all(&directory).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The executions that have a folder here, running or not: what a sweep compares with what it knows.
    pub fn known(&self) -> io::Result<Vec<ExecutionId>> {
        match fs::read_dir(self.data.join("executions")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
            Ok(entries) => {
                Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
            }
        }
    }

    fn admit(&self, spec: &ExecutionSpec) -> Result<(), LaunchError> {
        if self.isolation.bubblewrap.is_none() {
            if !self.isolation.allow_weak {
                return Err(LaunchError::Weak);
            }
            if nix::unistd::geteuid().is_root() {
                return Err(LaunchError::WeakAsRoot);
            }
            if spec.network == Network::Full {
                return Err(LaunchError::Network);
            }
        }
        Ok(())
    }

    fn prepare(&self, directory: &Path, spec: &ExecutionSpec) -> io::Result<()> {
        private(directory)?;
        private(&directory.join("etc"))?;
        for name in sandbox::SCRATCH {
            private(&sandbox::scratch(directory, name))?;
        }
        sandbox::hand_over(&directory.join("scratch"), spec.execution)?;
        if self.isolation.bubblewrap.is_none() {
            // Nothing is mounted anywhere else, so git inside finds the mirror's objects where they are.
            let alternates = spec.worktree.join(".git/objects/info/alternates");
            fs::write(alternates, format!("{}\n", spec.objects.display()))?;
        }
        let assignment = Assignment {
            spec: spec.clone(),
            isolation: self.isolation.clone(),
            program: self.program.clone(),
        };
        let half = directory.join("spec.half");
        let mut file = File::options().create(true).write(true).truncate(true).mode(0o600).open(&half)?;
        file.write_all(&serde_json::to_vec(&assignment)?)?;
        fs::rename(half, directory.join(ASSIGNMENT))
    }

    fn complaint(&self, directory: &Path, status: &str) -> String {
        let log = fs::read(directory.join(LOG)).unwrap_or_default();
        let last = log.get(log.len().saturating_sub(500)..).unwrap_or_default();
        format!("{status}: {}", String::from_utf8_lossy(last).trim())
    }

    fn directory(&self, execution: ExecutionId) -> PathBuf {
        self.data.join("executions").join(execution.to_string())
    }
}

/// A connection on which the request has been made.
async fn request(directory: &Path, request: Request) -> io::Result<UnixStream> {
    let address = socket::address(directory)?;
    let mut stream = UnixStream::connect(address.path()).await?;
    let mut line = serde_json::to_vec(&request)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    Ok(stream)
}

fn private(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}
