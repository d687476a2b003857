//! The pipes that a sandbox writes into, and how they are read.

use std::io;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

pub(super) const BUFFER: usize = 64 * 1024;
/// The most that is read of a pipe before the other things get their turn.
const DRAIN: usize = 4 * 1024 * 1024;

/// The reading ends of what the sandbox writes.
#[derive(Debug)]
pub(super) struct Pipes {
    pub(super) stdout: Option<Receiver>,
    pub(super) stderr: Option<Receiver>,
    pub(super) trace: Option<Receiver>,
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

/// What is in a pipe now.
pub(super) fn drain(pipe: &mut Option<Receiver>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut buffer = vec![0_u8; BUFFER];
    while let Some(open) = pipe
        && all.len() < DRAIN
    {
        match open.try_read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(count) => all.extend_from_slice(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}
