//! A Switchboard of our own: its folders, its process, its managed PostgreSQL.

use std::fs::{self, File, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Plain, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::{HeaderMap, Method};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::client::Client;

const READY_WITHIN: Duration = Duration::from_secs(90);
const END_WITHIN: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// The workspace of every trial.
pub(crate) const WORKSPACE: &str = "trial";

/// Ends with this value, with everything below its folder.
#[derive(Debug)]
pub(crate) struct House {
    binary: PathBuf,
    folder: TempDir,
    pub(crate) address: SocketAddr,
    child: Option<Child>,
    /// An admin's key of the workspace.
    pub(crate) key: String,
    mounts: Vec<PathBuf>,
}

/// Thousands of sockets on both sides: as many files as we may have.
pub(crate) fn raise_file_limit() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(())
}

impl House {
    /// Starts one on a fresh folder, and waits until it is ready.
    pub(crate) async fn open(binary: &Path) -> anyhow::Result<Self> {
        let mut house = Self::prepare(binary)?;
        house.start().await?;
        house.key = house.make_key()?;
        Ok(house)
    }

    /// The same with all its data on a disk of this size.
    pub(crate) async fn open_on_disk(binary: &Path, megabytes: u32) -> anyhow::Result<Self> {
        let mut house = Self::prepare(binary)?;
        fs::create_dir(house.data())?;
        house.mount(&house.data(), megabytes)?;
        house.start().await?;
        house.key = house.make_key()?;
        Ok(house)
    }

    fn prepare(binary: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("switchboard-trial-").tempdir()?;
        // The managed PostgreSQL runs as another user when we are root: it must be able to pass through.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        fs::create_dir(folder.path().join("repositories"))?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let (key, mounts) = (String::new(), Vec::new());
        Ok(Self { binary: binary.to_owned(), folder, address, child: None, key, mounts })
    }

    /// The data folder; the server makes it.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where repositories may lie.
    pub(crate) fn repositories(&self) -> PathBuf {
        self.folder.path().join("repositories")
    }

    /// A disk of its own at this place, so that it can be full.
    pub(crate) fn mount(&mut self, place: &Path, megabytes: u32) -> anyhow::Result<()> {
        use nix::mount::{MsFlags, mount};
        let options = format!("size={megabytes}m,mode=0755");
        mount(Some("tmpfs"), place, Some("tmpfs"), MsFlags::empty(), Some(options.as_str()))
            .context("a small disk can be mounted by root alone")?;
        self.mounts.push(place.to_owned());
        Ok(())
    }

    /// Starts the program, and waits until it is ready. It listens where it did before.
    pub(crate) async fn start(&mut self) -> anyhow::Result<Duration> {
        let since = Instant::now();
        let log = File::options().create(true).append(true).open(self.folder.path().join("server.log"))?;
        let mut command = Command::from(self.program());
        command.args(["serve", "--addr", &self.address.to_string(), "--ops-addr", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        self.child = Some(command.spawn().context("the program can't be started")?);
        self.until_ready(READY_WITHIN).await?;
        Ok(since.elapsed())
    }

    fn program(&self) -> Plain {
        let mut command = Plain::new(&self.binary);
        command
            .env_clear()
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .env("SWITCHBOARD_DATA", self.data())
            .env("SWITCHBOARD_REPOSITORY_ROOTS", self.repositories())
            // Limits are for strangers: a trial is about what lies behind them.
            .env("SWITCHBOARD_RATE_PER_MINUTE", "1000000")
            .env("SWITCHBOARD_RATE_BURST", "1000000")
            .env("SWITCHBOARD_SOCKETS", "100000");
        command
    }

    /// What a role of the program prints, alone on stdout.
    pub(crate) fn ask_program(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.program().args(arguments).output()?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    fn make_key(&self) -> anyhow::Result<String> {
        self.ask_program(&["key", "create", "--workspace", WORKSPACE, "--name", "trial"])
    }

    /// A program's connection with the key.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        Client::new(self.address, &self.key)
    }

    /// Waits until it says that it is ready.
    pub(crate) async fn until_ready(&mut self, within: Duration) -> anyhow::Result<()> {
        let since = Instant::now();
        while self.health("/health/ready").await != Some(200) {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().transpose()) {
                bail!("the program ended with {}: {}", status?, self.last_words());
            }
            if since.elapsed() > within {
                bail!("not ready after {} s: {}", within.as_secs(), self.last_words());
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// The status of a probe; `None` where nobody answers.
    pub(crate) async fn health(&self, path: &str) -> Option<u16> {
        let mut client = Client::with(self.address, HeaderMap::new());
        let answer = client.ask(Method::GET, path, Bytes::new(), None).await.ok()?;
        Some(answer.status.as_u16())
    }

    /// Kills the program as a crash would.
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Asks the program to end, and waits until it has.
    pub(crate) async fn terminate(&mut self) -> anyhow::Result<Duration> {
        let since = Instant::now();
        let mut child = self.child.take().context("nothing runs")?;
        kill(Pid::from_raw(i32::try_from(child.id().context("it has ended")?)?), Signal::SIGTERM)?;
        let ended = tokio::time::timeout(END_WITHIN, child.wait()).await.context("it does not end")?;
        let status = ended?;
        if !status.success() {
            bail!("it ended with {status}: {}", self.last_words());
        }
        Ok(since.elapsed())
    }

    /// The process that serves.
    pub(crate) fn process(&self) -> anyhow::Result<u32> {
        self.child.as_ref().and_then(Child::id).context("nothing runs")
    }

    /// Bytes of memory that it holds.
    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes * 1024)
    }

    /// Files and sockets that it holds.
    pub(crate) fn open_files(&self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.process()?))?.count())
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(child) = self.child.as_mut() {
            // It may be gone already.
            drop(child.start_kill());
        }
        for process in crate::postgres::processes(&self.data()) {
            let _ = kill(Pid::from_raw(process), Signal::SIGCONT);
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
        }
        for place in self.mounts.iter().rev() {
            let _ = nix::mount::umount2(place, nix::mount::MntFlags::MNT_DETACH);
        }
    }
}
