//! The pipes that a sandbox writes into, and how they are read.

use super::proxy::Proxy;
use nix::errno::Errno;
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};

pub(super) const BUFFER: usize = 64 * 1024;
/// The most that is read of a pipe before the other things get their turn.
const DRAIN: usize = 4 * 1024 * 1024;

/// The reading ends of what the sandbox writes.
#[derive(Debug)]
pub(super) struct Pipes {
    /// To an agent.
    pub(super) stdin: Option<Sender>,
    pub(super) stdout: Option<Receiver>,
    pub(super) stderr: Option<Receiver>,
    pub(super) trace: Option<Receiver>,
    /// Where the shell waits to hear that its trace was read.
    pub(super) acknowledge: OwnedFd,
    /// Serves for as long as the sandbox stands.
    pub(super) _proxy: Option<Proxy>,
}

impl Pipes {
    /// Tells the shell that everything before this mark is in its place. Never waits: who does not read it, and who
    /// closed it, gets none.
    pub(super) fn acknowledge(&self, mark: u64) {
        let _ = nix::unistd::write(&self.acknowledge, format!("{mark}\n").as_bytes());
    }
}

/// Waits forever once the other end is closed.
pub(super) async fn read(pipe: &mut Option<Receiver>, buffer: &mut [u8]) -> usize {
    if let Some(open) = pipe {
        match open.read(buffer).await {
            Ok(count) if count > 0 => return count,
            _ => *pipe = None,
        }
    }
    std::future::pending().await
}

/// Writes a piece of what waits. Waits forever where nothing does, and once the other end is closed.
pub(super) async fn write(pipe: &mut Option<Sender>, waiting: Option<&mut Vec<u8>>) {
    if let (Some(open), Some(waiting)) = (pipe.as_mut(), waiting.filter(|waiting| !waiting.is_empty())) {
        match open.write(waiting).await {
            Ok(count) => {
                waiting.drain(..count.min(waiting.len()));
                return;
            }
            Err(_) => *pipe = None,
        }
    }
    std::future::pending().await
}

/// What is in a pipe now. It asks the kernel and not the runtime, which may not have heard yet.
pub(super) fn drain(pipe: &mut Option<Receiver>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = vec![0_u8; BUFFER];
    while let Some(open) = pipe
        && all.len() < DRAIN
    {
        match nix::unistd::read(&*open, &mut buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => all.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(Errno::EAGAIN) => break,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}
