//! The spool: an append-only file of records, one JSON object a line, whose sequence begins with 1 and has no gap.
//!
//! Records are synced to disk before anyone may see them, so that what was once shown is never unsaid.

use crate::outcome::Facts;
use crate::wire::Request;
use domain::DateTime;
use domain::executions::EventBody;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The spool's name in the folder of its execution.
pub(crate) const FILE: &str = "spool";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub seq: i64,
    pub at: DateTime,
    #[serde(flatten)]
    pub body: RecordBody,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordBody {
    /// Something happened. The last event, `finished`, is never here: the server writes it, from the facts.
    Event(EventBody),
    /// The agent asks a person something, under a number of the execution's own.
    Asked { number: i64, request: Request },
    /// It was told what became of that.
    Told { number: i64 },
    /// It was given a person's message.
    Messaged { number: i64 },
    /// The process is gone, and nothing of it is left running. The last record.
    Ended(Facts),
}

/// The writing end, held by the supervisor alone.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    buffer: Vec<u8>,
    /// Where each record ends, by sequence.
    ends: Vec<u64>,
    length: u64,
}

impl Spool {
    /// Refuses a spool that exists: an execution runs once.
    pub(crate) fn create(directory: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(directory.join(FILE))?;
        File::open(directory)?.sync_all()?;
        Ok(Self { file, buffer: Vec::new(), ends: Vec::new(), length: 0 })
    }

    /// The length of the spool with this record in it.
    pub(crate) fn append(&mut self, body: RecordBody) -> io::Result<u64> {
        let seq = i64::try_from(self.ends.len()).unwrap_or(i64::MAX).saturating_add(1);
        let start = self.buffer.len();
        serde_json::to_writer(&mut self.buffer, &Record { seq, at: now(), body })?;
        self.buffer.push(b'\n');
        self.length += (self.buffer.len() - start) as u64;
        self.ends.push(self.length);
        if self.buffer.len() > 256 * 1024 {
            self.write()?;
        }
        Ok(self.length)
    }

    /// Makes everything appended durable and gives where the records from `known` on end.
    pub(crate) fn sync(&mut self, known: usize) -> io::Result<&[u64]> {
        self.write()?;
        if self.ends.len() > known {
            self.file.sync_data()?;
        }
        Ok(self.ends.get(known..).unwrap_or_default())
    }

    fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

fn now() -> DateTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    // PostgreSQL keeps microseconds; what is stored and what is shown are then the same instant.
    DateTime::from_timestamp(seconds, since.subsec_micros() * 1000).unwrap_or(DateTime::UNIX_EPOCH)
}
