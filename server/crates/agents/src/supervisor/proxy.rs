//! The only way from a sandbox to a network: an HTTP proxy in the supervisor's process, outside.
//!
//! The sandbox has nothing but its own loopback. While it is made it opens a listening socket there and hands it out
//! here, so that what connects to it inside is accepted outside, and no packet ever leaves the namespace. What is asked
//! for is resolved here, judged, dialled and noted.

mod ask;
mod ledger;
mod relay;

pub(super) use ledger::Ledger;

use ipnet::IpNet;
use outbound::Dialler;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::TcpListener as StdListener;
use std::os::unix::net::UnixStream as StdStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections out of one sandbox at once; more of them wait.
const MOST_CONNECTIONS: usize = 64;

type Tasks = Arc<Mutex<JoinSet<()>>>;

/// Serves one sandbox until it is dropped.
#[derive(Debug)]
pub(super) struct Proxy(Tasks);

impl Proxy {
    /// `hand` is where the sandbox will hand its listening socket out.
    pub(super) fn start(hand: StdStream, allowed: Vec<IpNet>, ledger: Ledger) -> io::Result<Self> {
        hand.set_nonblocking(true)?;
        let hand = UnixStream::from_std(hand)?;
        let tasks = Tasks::default();
        let way = Way { dialler: Arc::new(Dialler::new(allowed)), ledger, tasks: Arc::clone(&tasks) };
        way.clone().spawn(async move {
            match receive(&hand).await {
                Ok(listener) => {
                    drop(hand);
                    way.serve(listener).await;
                }
                // The sandbox could not be made: it says so itself.
                Err(error) => tracing::debug!(%error, "no sandbox asks for a network"),
            }
        });
        Ok(Self(tasks))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}

/// What every connection of a sandbox shares.
#[derive(Debug, Clone)]
struct Way {
    dialler: Arc<Dialler>,
    ledger: Ledger,
    tasks: Tasks,
}

impl Way {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    async fn serve(self, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let way = self.clone();
                    self.spawn(async move {
                        ask::answer(stream, way).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection of the sandbox could be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

/// The sandbox's listening socket. One message is read, and no other ever.
async fn receive(hand: &UnixStream) -> io::Result<TcpListener> {
    let listener = hand
        .async_io(Interest::READABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let mut byte = [0_u8; 1];
            recvmsg(hand, &mut [IoSliceMut::new(&mut byte)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
            let mut handed = control.drain().filter_map(|message| match message {
                RecvAncillaryMessage::ScmRights(mut open) => open.next(),
                _ => None,
            });
            handed.next().map(StdListener::from).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
        })
        .await?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}
