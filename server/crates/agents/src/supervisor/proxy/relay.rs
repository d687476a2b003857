//! Bytes between a sandbox and a place: counted, in small buffers, and ended when nothing flows.

use super::ledger::Traffic;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A connection on which nothing flows for so long is ended.
const IDLE: Duration = Duration::from_secs(300);
pub(super) const BUFFER: usize = 16 * 1024;

/// A connection to a place, whose bytes are counted.
#[derive(Debug)]
pub(super) struct Counted {
    stream: TcpStream,
    traffic: Arc<Traffic>,
    activity: Activity,
}

/// Grows with every byte of one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Activity(Arc<AtomicU64>);

impl Activity {
    fn note(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Ends once nothing has flowed for long enough.
    pub(super) async fn ceases(&self) {
        let mut before = self.0.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(IDLE).await;
            let now = self.0.load(Ordering::Relaxed);
            if now == before {
                return;
            }
            before = now;
        }
    }
}

impl Counted {
    pub(super) fn new(stream: TcpStream, traffic: Arc<Traffic>) -> Self {
        Self { stream, traffic, activity: Activity::default() }
    }

    pub(super) fn activity(&self) -> Activity {
        self.activity.clone()
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let count = buffer.filled().len() - before;
        self.traffic.received(count);
        self.activity.note(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.traffic.sent(count);
        self.activity.note(count);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Copies both ways until both have ended, or nothing flows any more.
pub(super) async fn relay(mut inside: impl AsyncRead + AsyncWrite + Unpin, mut outside: Counted) {
    let activity = outside.activity();
    let copied =
        async { tokio::io::copy_bidirectional_with_sizes(&mut inside, &mut outside, BUFFER, BUFFER).await };
    tokio::select! {
        result = copied => {
            if let Err(error) = result {
                tracing::debug!(%error, "a connection of the sandbox broke");
            }
        }
        () = activity.ceases() => {}
    }
}
