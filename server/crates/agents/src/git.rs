//! The real git, hardened: it reads no configuration but ours, asks nothing, runs no hook and no helper that a
//! repository names, and is ended with all its helpers when it takes too long.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

/// The most that is kept of what git complains.
const COMPLAINT: u64 = 16 * 1024;

/// All the configuration there is. It is a file, not `-c`, because git drops `-c` for the helpers that it starts in
/// another repository, such as upload-pack, and they need it most.
const CONFIGURATION: &str = "\
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tautocrlf = false
\tcompression = 0
\tbigFileThreshold = 32m
\tsymlinks = true
\tfileMode = true
[safe]
\tdirectory = *
\tbareRepository = all
[protocol]
\tallow = never
[protocol \"file\"]
\tallow = always
[protocol \"https\"]
\tallow = always
[protocol \"ssh\"]
\tallow = always
[submodule]
\trecurse = false
[fetch]
\trecurseSubmodules = false
\tfsckObjects = true
[fetch \"fsck\"]
\tmissingSpaceBeforeDate = ignore
\tzeroPaddedFilemode = ignore
\tbadTimezone = ignore
[credential]
\thelper =
[gc]
\tauto = 0
[maintenance]
\tauto = false
[diff]
\trenames = true
\tignoreSubmodules = all
[filter \"lfs\"]
\trequired = false
[uploadpack]
\tallowFilter = false
[user]
\tname = Switchboard
\temail = switchboard@localhost
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
";

#[derive(Debug, Clone)]
pub(crate) struct Git {
    home: PathBuf,
}

/// How a command of git went.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum GitError {
    #[error("too slow")]
    TooSlow,
    #[error("too much output")]
    TooMuch,
    #[error("{0}")]
    Failed(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a command may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) time: Duration,
    pub(crate) output: u64,
}

impl Git {
    pub(crate) fn new(home: PathBuf) -> Self {
        Self { home }
    }

    /// Its home is empty but for the configuration.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.home)?;
        let path = self.configuration();
        if fs::read_to_string(&path).is_ok_and(|text| text == CONFIGURATION) {
            return Ok(());
        }
        let half = self.home.join(format!("configuration.{}", std::process::id()));
        fs::write(&half, CONFIGURATION)?;
        fs::rename(half, path)
    }

    /// In `directory`, with the arguments after it and a clean environment, in a process group of its own.
    pub(crate) fn command<I: AsRef<OsStr>>(&self, directory: &Path, arguments: &[I]) -> Command {
        let mut command = Command::new("git");
        command
            .args(["--no-pager", "--literal-pathspecs", "--no-optional-locks"])
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", &self.home)
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.configuration())
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "/bin/false")
            .env("SSH_ASKPASS", "/bin/false")
            // In the environment it stands above what a source's own configuration says.
            .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=10")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            .env("GIT_PROTOCOL_FROM_USER", "0")
            .process_group(0)
            .kill_on_drop(true)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to its end and gives what it printed, failed or not.
    pub(crate) async fn run(&self, mut command: Command, bounds: Bounds) -> Result<Outcome, GitError> {
        let mut running = Running::start(&mut command)?;
        let ran = tokio::time::timeout(bounds.time, running.outcome(bounds.output)).await;
        ran.unwrap_or(Err(GitError::TooSlow))
    }

    /// As `run`, where failing is an error that says why.
    pub(crate) async fn succeed(&self, command: Command, bounds: Bounds) -> Result<Vec<u8>, GitError> {
        let outcome = self.run(command, bounds).await?;
        if outcome.status.success() { Ok(outcome.stdout) } else { Err(GitError::Failed(outcome.stderr)) }
    }

    fn configuration(&self) -> PathBuf {
        self.home.join("configuration")
    }
}

/// A git and its helpers: dropped, all of them end.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) child: Child,
    group: Option<Pid>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let child = command.spawn()?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        Ok(Self { child, group })
    }

    async fn outcome(&mut self, most: u64) -> Result<Outcome, GitError> {
        let stdout = self.child.stdout.take();
        let complaints = self.complaints();
        let (stdout, stderr) = tokio::join!(read(stdout, most.saturating_add(1)), complaints);
        let stdout = stdout?;
        if stdout.len() as u64 > most {
            return Err(GitError::TooMuch);
        }
        let status = self.wait().await?;
        Ok(Outcome { status, stdout, stderr })
    }

    /// What it complains, to its end.
    pub(crate) fn complaints(&mut self) -> impl Future<Output = String> + use<> {
        let stderr = self.child.stderr.take();
        async move {
            let Some(mut stderr) = stderr else {
                return String::new();
            };
            let mut kept = Vec::new();
            let _ = (&mut stderr).take(COMPLAINT).read_to_end(&mut kept).await;
            let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
            String::from_utf8_lossy(&kept).trim().to_owned()
        }
    }

    pub(crate) async fn wait(&mut self) -> Result<ExitStatus, GitError> {
        let status = self.child.wait().await?;
        Ok(status)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Helpers may outlive the git that started them; a group that is empty is none.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}
