//! Reading an execution's records, from any place on, over the death of either side.

use super::request;
use crate::spool::{Record, RecordBody};
use crate::supervisor::socket::Request;
use crate::{lock, spool};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;

/// A supervisor that is just starting has its lock before its socket.
const TRIES: u32 = 200;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

#[derive(Debug, Error)]
pub enum AttachError {
    #[error("Nothing is known of this execution here.")]
    Unknown,
    #[error("The supervisor is gone without saying how the execution ended.")]
    Lost,
    #[error("The execution's records can't be read: {0}")]
    Io(#[from] io::Error),
}

#[derive(Debug)]
pub struct Attachment {
    directory: PathBuf,
    /// The last record that was given.
    after: i64,
    ended: bool,
    source: Source,
    /// What has been read of a line: it survives a `next` that is dropped halfway.
    line: Vec<u8>,
    /// How often in a row it was opened again for nothing.
    fruitless: u32,
}

#[derive(Debug)]
enum Source {
    Supervisor(BufReader<UnixStream>),
    /// What a supervisor that is gone left behind.
    Spool(BufReader<File>),
}

impl Attachment {
    pub(super) async fn open(directory: PathBuf, after: i64) -> Result<Self, AttachError> {
        let source = Self::source(&directory, after).await?;
        Ok(Self { directory, after, ended: false, source, line: Vec::new(), fruitless: 0 })
    }

    /// The next record, as soon as there is one; `None` after the last. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Option<Record>, AttachError> {
        while !self.ended {
            let read = match &mut self.source {
                Source::Supervisor(reader) => reader.read_until(b'\n', &mut self.line).await,
                Source::Spool(reader) => reader.read_until(b'\n', &mut self.line).await,
            };
            let whole = match read {
                Ok(_) => self.line.last() == Some(&b'\n'),
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
                Err(error) => return Err(error.into()),
            };
            if !whole {
                self.reopen().await?;
                continue;
            }
            let record: Record = serde_json::from_slice(&self.line).map_err(io::Error::from)?;
            self.line.clear();
            if record.seq <= self.after {
                continue;
            }
            if record.seq != self.after + 1 {
                return Err(io::Error::other("the spool has a gap").into());
            }
            self.after = record.seq;
            self.fruitless = 0;
            self.ended = matches!(record.body, RecordBody::Ended(_));
            return Ok(Some(record));
        }
        Ok(None)
    }

    /// The source has no more: the supervisor is gone, or let go of a slow reader.
    async fn reopen(&mut self) -> Result<(), AttachError> {
        self.line.clear();
        if matches!(self.source, Source::Spool(_)) {
            return Err(AttachError::Lost);
        }
        self.fruitless += 1;
        if self.fruitless > TRIES {
            return Err(io::Error::from(io::ErrorKind::TimedOut).into());
        }
        self.source = Self::source(&self.directory, self.after).await?;
        Ok(())
    }

    async fn source(directory: &Path, after: i64) -> Result<Source, AttachError> {
        for _ in 0..TRIES {
            // Asked before the spool is opened: once nobody writes, what is read is all there is.
            if !lock::is_held(directory) {
                return match File::open(directory.join(spool::FILE)).await {
                    Ok(file) => Ok(Source::Spool(BufReader::new(file))),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Err(AttachError::Unknown),
                    Err(error) => Err(error.into()),
                };
            }
            match request(directory, Request::Follow { after }).await {
                Ok(stream) => return Ok(Source::Supervisor(BufReader::new(stream))),
                Err(_) => tokio::time::sleep(BETWEEN_TRIES).await,
            }
        }
        Err(io::Error::from(io::ErrorKind::TimedOut).into())
    }
}
