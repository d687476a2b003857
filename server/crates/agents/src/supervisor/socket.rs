//! The private socket of a supervisor: follow the spool from any place, and control the run.
//!
//! One request a connection, as a line of JSON. Its folder is the server's alone, and so is the socket.

use super::journal::{Ends, Published};
use crate::spec::Control;
use crate::spool;
use crate::wire::Delivery;
use serde::{Deserialize, Serialize};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};

pub(crate) const FILE: &str = "socket";
/// A request comes at once, and is no longer than a message to an agent.
const REQUEST_LIMIT: u64 = 256 * 1024;
const REQUEST_TIME: Duration = Duration::from_secs(5);
/// A reader that takes nothing for so long is let go; it can come back at the place where it was.
const WRITE_TIME: Duration = Duration::from_secs(30);
const MOST_CONNECTIONS: usize = 64;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Follow { after: i64 },
    Control(Control),
    Deliver(Delivery),
}

/// What the run is asked by a server.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    Control(Control),
    Deliver(Delivery),
}

/// What is answered to an order, once it is with the run.
pub(crate) const ACCEPTED: &[u8] = b"accepted\n";

/// Whether a server follows, and when one was last seen.
#[derive(Debug)]
pub(crate) struct Presence(Mutex<(usize, Instant)>);

impl Presence {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((0, Instant::now()))))
    }

    /// For how long there has been no server.
    pub(crate) fn absent(&self) -> Duration {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 > 0 { Duration::ZERO } else { state.1.elapsed() }
    }

    pub(crate) fn followers(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn enter(self: &Arc<Self>) -> Following {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0 += 1;
        Following(Arc::clone(self))
    }
}

struct Following(Arc<Presence>);

impl Drop for Following {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = (state.0.saturating_sub(1), Instant::now());
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Door {
    pub(crate) directory: PathBuf,
    pub(crate) ends: Ends,
    pub(crate) published: watch::Receiver<Published>,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) presence: Arc<Presence>,
}

pub(crate) fn bind(directory: &Path) -> io::Result<UnixListener> {
    let address = address(directory)?;
    // One that failed to start may have left its own; the lock says that none lives.
    let _ = std::fs::remove_file(directory.join(FILE));
    UnixListener::bind(address.path())
}

/// Takes connections until the supervisor ends.
pub(crate) async fn serve(listener: UnixListener, door: Door) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let door = door.clone();
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the presence that it counts in is waited for"
                )]
                tokio::spawn(async move {
                    if let Err(error) = answer(stream, door).await {
                        tracing::debug!(%error, "a connection to the supervisor ended");
                    }
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(stream: UnixStream, door: Door) -> io::Result<()> {
    if stream.peer_cred()?.uid() != nix::unistd::geteuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(read.take(REQUEST_LIMIT));
    tokio::time::timeout(REQUEST_TIME, reader.read_until(b'\n', &mut line)).await??;
    match serde_json::from_slice(&line)? {
        Request::Control(control) => {
            door.orders.send(Order::Control(control)).await.map_err(io::Error::other)?;
            write.write_all(ACCEPTED).await
        }
        Request::Deliver(delivery) => {
            door.orders.send(Order::Deliver(delivery)).await.map_err(io::Error::other)?;
            write.write_all(ACCEPTED).await
        }
        Request::Follow { after } => {
            let _following = door.presence.enter();
            let mut read = reader.into_inner().into_inner();
            let mut closed = [0_u8; 1];
            tokio::select! {
                result = follow(&mut write, &door, after) => result,
                // A reader says no more: anything from it is its end.
                _ = read.read(&mut closed) => Ok(()),
            }
        }
    }
}

/// The spool's file is the wire form: what is published is copied.
async fn follow(write: &mut (impl AsyncWriteExt + Unpin), door: &Door, after: i64) -> io::Result<()> {
    let mut published = door.published.clone();
    let mut place = {
        let ends = door.ends.lock().unwrap_or_else(PoisonError::into_inner);
        match usize::try_from(after).unwrap_or(0) {
            0 => 0,
            known => ends.get(known - 1).copied().ok_or(io::ErrorKind::InvalidInput)?,
        }
    };
    let mut file = tokio::fs::File::open(door.directory.join(spool::FILE)).await?;
    file.seek(SeekFrom::Start(place)).await?;
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let now = *published.borrow_and_update();
        while place < now.length {
            let want = usize::try_from(now.length - place).unwrap_or(usize::MAX).min(buffer.len());
            let count = file.read(buffer.get_mut(..want).unwrap_or_default()).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let bytes = buffer.get(..count).unwrap_or_default();
            tokio::time::timeout(WRITE_TIME, write.write_all(bytes)).await??;
            place += count as u64;
        }
        if now.finished || published.changed().await.is_err() {
            return write.shutdown().await;
        }
    }
}

/// A socket's path may be 107 bytes long, a data folder's may be longer: through an open folder it is always short.
pub(crate) fn address(directory: &Path) -> io::Result<Address> {
    Ok(Address(std::fs::File::open(directory)?))
}

#[derive(Debug)]
pub(crate) struct Address(std::fs::File);

impl Address {
    pub(crate) fn path(&self) -> PathBuf {
        use std::os::fd::AsRawFd;
        PathBuf::from(format!("/proc/self/fd/{}/{FILE}", self.0.as_raw_fd()))
    }
}
