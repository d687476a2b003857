//! A running server, started from a bundle and ended with this value.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::process::{self, Running};

/// How long a server may take until it is ready; a fresh data folder is the slowest case.
const READY_WITHIN: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The folders of a server of its own, gone when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    agent: Option<PathBuf>,
}

impl Scratch {
    /// Makes them. The managed PostgreSQL runs as another user when we are root: it must be able to pass through.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("switchboard-").tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let scratch = Self { folder, agent: None };
        fs::create_dir(scratch.repositories())?;
        Ok(scratch)
    }

    /// The same with a program that is the agent `custom`.
    pub(crate) fn with_agent(self, program: PathBuf) -> Self {
        Self { agent: Some(program), ..self }
    }

    /// The data folder; the server makes it.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where repositories may lie that the server takes as local.
    pub(crate) fn repositories(&self) -> PathBuf {
        self.folder.path().join("repositories")
    }

    /// What the server has said.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    running: Running,
    addr: SocketAddr,
}

impl Server {
    /// Starts one on free ports with folders of its own, and waits until it is ready.
    pub(crate) fn start(binary: &Path, scratch: &Scratch) -> anyhow::Result<Self> {
        let addr = free_address()?;
        let mut command = serve(binary, addr, free_address()?);
        let log =
            File::options().create(true).append(true).open(scratch.log()).context("the server's log")?;
        command.stdout(Stdio::from(log.try_clone()?)).stderr(Stdio::from(log));
        for (name, value) in environment(addr, scratch) {
            command.env(name, value);
        }
        // A database of the person at the keyboard is none of ours.
        command.env_remove("DATABASE_URL").env_remove("DATABASE_OWNER_URL");
        let server = Self { running: Running::start(&mut command)?, addr };
        server.until_ready().with_context(|| {
            let log = fs::read_to_string(scratch.log()).unwrap_or_default();
            format!("the server has said:\n{log}")
        })
    }

    /// Takes over a server that was just started, once it is ready.
    pub(crate) fn attend(running: Running, addr: SocketAddr) -> anyhow::Result<Self> {
        Self { running, addr }.until_ready()
    }

    fn until_ready(mut self) -> anyhow::Result<Self> {
        let start = Instant::now();
        while !is_ready(self.addr) {
            if let Some(status) = self.running.ended()? {
                bail!("the server ended with {status} before it was ready");
            }
            if process::interrupted() {
                bail!("interrupted");
            }
            if start.elapsed() > READY_WITHIN {
                bail!("the server was not ready within {} s", READY_WITHIN.as_secs());
            }
            std::thread::sleep(LOOK);
        }
        Ok(self)
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<std::process::ExitStatus>> {
        self.running.ended()
    }

    /// Where it listens, as a browser writes it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The memory that it holds in MiB, and the most it has held.
    pub(crate) fn memory(&self) -> Option<(f64, f64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.id())).ok()?;
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name))?;
            Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
        };
        Some((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// Asks it to end and waits for it.
    pub(crate) fn stop(self) -> anyhow::Result<()> {
        self.running.stop()
    }
}

/// The command that serves.
pub(crate) fn serve(binary: &Path, addr: SocketAddr, ops: SocketAddr) -> Command {
    let mut command = Command::new(binary);
    command.args(["serve", "--addr", &addr.to_string(), "--ops-addr", &ops.to_string()]);
    command
}

/// What a server and the commands beside it have in common.
fn environment(addr: SocketAddr, scratch: &Scratch) -> Vec<(&'static str, std::ffi::OsString)> {
    let mut all = vec![
        ("SWITCHBOARD_DATA", scratch.data().into_os_string()),
        ("SWITCHBOARD_REPOSITORY_ROOTS", scratch.repositories().into_os_string()),
        ("SWITCHBOARD_URL", format!("http://{addr}").into()),
    ];
    all.extend(
        scratch.agent.iter().map(|agent| ("SWITCHBOARD_CUSTOM_AGENT", agent.clone().into_os_string())),
    );
    all
}

/// A port that nobody listens on now.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr())?)
}

fn is_ready(addr: SocketAddr) -> bool {
    status(addr, "/health/ready").is_ok_and(|status| status == 200)
}

/// The status of a GET.
pub(crate) fn status(addr: SocketAddr, path: &str) -> anyhow::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&addr, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n")?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head)?;
    let head = std::str::from_utf8(&head)?;
    head.strip_prefix("HTTP/1.1 ").and_then(|status| status.parse().ok()).context("not an answer of HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let addr = listener.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0_u8; 16];
            stream.read_exact(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n").unwrap();
            request
        });
        assert_eq!(status(addr, "/health").unwrap(), 503);
        assert_eq!(&answering.join().unwrap(), b"GET /health HTTP");
    }

    #[test]
    fn a_server_that_ends_is_told_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("switchboard");
        fs::write(&binary, "#!/bin/sh\necho no database\nexit 7\n").unwrap();
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
        let error = format!("{:#}", Server::start(&binary, &Scratch::new().unwrap()).unwrap_err());
        assert!(error.contains("no database") && error.contains("exit status: 7"), "{error}");
    }
}
