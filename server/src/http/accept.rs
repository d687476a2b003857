//! Our own accept loop: bounded in connections, in header size and in every wait, and with a graceful end.
//!
//! `axum::serve` has no timeout for a client that never finishes its header, spins when file descriptors run out and
//! forgets upgraded sockets at the end.

mod linger;
mod stall;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use metrics::gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::http::metrics::CONNECTIONS;
use crate::shutdown::Shutdown;

use stall::Stall;

/// What one client may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From the connection, or the last answer, to the end of the next header. Also for the TLS handshake.
    pub header: Duration,
    /// How long a client may take nothing of what it asked for.
    pub stall: Duration,
    pub header_bytes: u32,
    pub connections: usize,
    pub streams: u32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            header_bytes: 64 * 1024,
            connections: 8192,
            streams: 128,
        }
    }
}

/// A listener, and how it is listened to.
#[derive(Clone)]
pub struct Door {
    listener: Arc<TcpListener>,
    tls: Option<TlsAcceptor>,
    bounds: Bounds,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tls = self.tls.is_some();
        f.debug_struct("Door").field("listener", &self.listener).field("tls", &tls).finish_non_exhaustive()
    }
}

impl Door {
    /// Plain HTTP/1 and HTTP/2.
    pub fn new(listener: TcpListener, bounds: Bounds) -> Self {
        Self { listener: Arc::new(listener), tls: None, bounds }
    }

    /// The same behind TLS.
    #[must_use]
    pub fn with_tls(mut self, tls: TlsAcceptor) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Serves until shutdown begins; then connections end as soon as they have answered. Each is a task that the
    /// shutdown waits for.
    pub async fn serve(self, router: Router, shutdown: Shutdown) {
        let token = shutdown.token();
        let room = Arc::new(Semaphore::new(self.bounds.connections));
        loop {
            // With no room left, new clients wait in the kernel's queue.
            let entered = async {
                let permit = Arc::clone(&room).acquire_owned().await.map_err(io::Error::other)?;
                self.listener.accept().await.map(|(stream, peer)| (stream, peer, permit))
            };
            match token.run_until_cancelled(entered).await {
                None => return,
                Some(Ok((stream, peer, permit))) => {
                    let visit = self.clone().welcome(stream, peer, router.clone(), shutdown.clone());
                    shutdown.spawn(async move {
                        let _open = Open::new(permit);
                        visit.await;
                    });
                }
                Some(Err(error)) => rest(&error).await,
            }
        }
    }

    async fn welcome(self, stream: TcpStream, peer: SocketAddr, router: Router, shutdown: Shutdown) {
        // Small frames are to leave at once.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return connection(stream, peer, router, (self.bounds, shutdown)).await;
        };
        let token = shutdown.token();
        let handshake = tokio::time::timeout(self.bounds.header, tls.accept(stream));
        if let Some(Ok(Ok(stream))) = token.run_until_cancelled(handshake).await {
            connection(stream, peer, router, (self.bounds, shutdown)).await;
        }
    }
}

/// Out of file descriptors or memory: others must end first, and asking again at once would only burn the processor.
async fn rest(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::warn!(%error, "can't accept connections right now");
    tokio::time::sleep(Duration::from_millis(500)).await;
}

async fn connection<S>(stream: S, peer: SocketAddr, router: Router, within: (Bounds, Shutdown))
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (bounds, shutdown) = within;
    let asked = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&asked);
    let lingering = shutdown.clone();
    let service = router.map_request(move |mut request: Request<Incoming>| {
        seen.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        linger::wrap(request, &lingering)
    });
    let builder = protocol(bounds);
    let io = TokioIo::new(Stall::new(stream, bounds.stall));
    let mut serving = pin!(builder.serve_connection_with_upgrades(io, TowerToHyperService::new(service)));
    // Which protocol it is, hyper waits to learn without a limit of its own.
    let mut first_header = pin!(tokio::time::sleep(bounds.header));
    let token = shutdown.token();
    let (mut waiting, mut ending) = (true, false);
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection broke off");
                }
                return;
            }
            () = first_header.as_mut(), if waiting => {
                waiting = false;
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
            }
            () = token.cancelled(), if !ending => {
                ending = true;
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

fn protocol(bounds: Bounds) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header)
        .max_buf_size(usize::try_from(bounds.header_bytes).unwrap_or(usize::MAX))
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(bounds.header_bytes)
        .max_concurrent_streams(bounds.streams)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    builder
}

/// Counts an open connection for as long as it is held.
struct Open(#[expect(dead_code, reason = "held, never read: dropping it makes room")] OwnedSemaphorePermit);

impl Open {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        gauge!(CONNECTIONS).increment(1.0);
        Self(permit)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        gauge!(CONNECTIONS).decrement(1.0);
    }
}
