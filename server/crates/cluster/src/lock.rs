//! The two locks that programs of one data folder share. Both vanish with the process that holds them.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::ClusterError;

/// Starting and stopping is one program's turn at a time.
#[derive(Debug)]
pub(crate) struct Turn(
    #[expect(dead_code, reason = "held, never read: closing the file ends the turn")] File,
);

impl Turn {
    pub(crate) fn take(path: &Path, patience: Duration) -> Result<Self, ClusterError> {
        let file = open(path)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(ClusterError::Busy(path.to_owned()));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
                Err(TryLockError::Error(source)) => return Err(ClusterError::io(path)(source)),
            }
        }
    }
}

/// Whoever uses the cluster holds this, shared. Taken and given back only during one's turn.
#[derive(Debug)]
pub(crate) struct Holder(File);

impl Holder {
    pub(crate) fn take(path: &Path) -> Result<Self, ClusterError> {
        let file = open(path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(ClusterError::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(ClusterError::io(path)(source)),
        }
    }

    /// Gives it back and tells whether nobody else holds it.
    pub(crate) fn was_last(self) -> Result<bool, ClusterError> {
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(source)) => Err(ClusterError::io(Path::new("the lock file"))(source)),
        }
    }
}

fn open(path: &Path) -> Result<File, ClusterError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::io(path))
}
