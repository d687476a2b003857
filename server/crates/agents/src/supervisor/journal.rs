//! All that goes into the spool, in order: events, output within its limit, and the last word.

use super::output::Output;
use crate::outcome::Facts;
use crate::spool::{RecordBody, Spool};
use domain::executions::{EventBody, Stream};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// What readers may see: records that are on disk for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) length: u64,
    pub(crate) finished: bool,
}

/// How much of what is complained first is kept at hand.
const COMPLAINT: usize = 300;

/// Where each published record ends, by sequence.
pub(crate) type Ends = Arc<Mutex<Vec<u64>>>;

#[derive(Debug)]
pub(crate) struct Journal {
    spool: Spool,
    ends: Ends,
    published: watch::Sender<Published>,
    stdout: Output,
    stderr: Output,
    limit: u64,
    kept: u64,
    complaint: Vec<u8>,
    pub(crate) dropped: u64,
}

impl Journal {
    pub(crate) fn create(directory: &Path, limit: u64) -> io::Result<Self> {
        Ok(Self {
            spool: Spool::create(directory)?,
            ends: Ends::default(),
            published: watch::Sender::default(),
            stdout: Output::new(Stream::Stdout),
            stderr: Output::new(Stream::Stderr),
            limit,
            kept: 0,
            complaint: Vec::new(),
            dropped: 0,
        })
    }

    pub(crate) fn readers(&self) -> (Ends, watch::Receiver<Published>) {
        (Arc::clone(&self.ends), self.published.subscribe())
    }

    /// An event, after the output that came before it.
    pub(crate) fn event(&mut self, event: EventBody) -> io::Result<()> {
        self.flush()?;
        self.append(event)
    }

    /// What is no event yet, after the output that came before it.
    pub(crate) fn record(&mut self, body: RecordBody) -> io::Result<()> {
        self.flush()?;
        self.spool.append(body).map(drop)
    }

    /// What an agent says: it counts as output, and what is beyond the limit is dropped like output.
    pub(crate) fn text(&mut self, event: EventBody) -> io::Result<()> {
        let EventBody::Text { text, .. } = &event else { return self.event(event) };
        let bytes = text.len() as u64;
        if bytes > self.limit - self.kept {
            self.kept = self.limit;
            return self.output(Stream::Stdout, text.clone().as_bytes());
        }
        self.kept += bytes;
        self.stdout.seen += bytes;
        self.event(event)
    }

    pub(crate) fn events(&mut self, events: Vec<EventBody>) -> io::Result<()> {
        events.into_iter().try_for_each(|event| self.event(event))
    }

    pub(crate) fn output(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let room = usize::try_from(self.limit - self.kept).unwrap_or(usize::MAX).min(bytes.len());
        let (kept, dropped) = bytes.split_at(room);
        self.kept += kept.len() as u64;
        if stream == Stream::Stderr && self.complaint.len() < COMPLAINT {
            self.complaint.extend(kept.iter().take(COMPLAINT));
        }
        let output = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        output.seen += bytes.len() as u64;
        output.push(kept);
        if output.is_full() {
            let events = output.flush();
            events.into_iter().try_for_each(|event| self.append(event))?;
        }
        if !dropped.is_empty() && self.dropped == 0 {
            let text = format!("Output beyond {} bytes is not kept. The run goes on.", self.limit);
            self.event(EventBody::Notice { text })?;
        }
        self.dropped += dropped.len() as u64;
        Ok(())
    }

    /// Writes the output that waits.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let mut events = self.stdout.flush();
        events.extend(self.stderr.flush());
        events.into_iter().try_for_each(|event| self.append(event))
    }

    /// Writes all output: the processes are gone.
    pub(crate) fn finish_output(&mut self) -> io::Result<()> {
        let mut events = self.stdout.finish();
        events.extend(self.stderr.finish());
        events.into_iter().try_for_each(|event| self.append(event))
    }

    /// The first line on stderr.
    pub(crate) fn first_complaint(&self) -> String {
        let text = String::from_utf8_lossy(&self.complaint);
        text.lines().next().unwrap_or("it did not say why").replace('\0', " ")
    }

    /// Bytes seen so far on stdout and stderr.
    pub(crate) fn seen(&self) -> (u64, u64) {
        (self.stdout.seen, self.stderr.seen)
    }

    /// Makes what was written durable, then visible.
    pub(crate) fn publish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.sync(false)
    }

    pub(crate) fn end(&mut self, facts: Facts) -> io::Result<()> {
        self.finish_output()?;
        self.spool.append(RecordBody::Ended(facts))?;
        self.sync(true)
    }

    fn append(&mut self, event: EventBody) -> io::Result<()> {
        self.spool.append(RecordBody::Event(event)).map(drop)
    }

    fn sync(&mut self, finished: bool) -> io::Result<()> {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ends.len();
        ends.extend_from_slice(self.spool.sync(known)?);
        let next = Published { length: ends.last().copied().unwrap_or(0), finished };
        self.published.send_if_modified(|published| {
            let changed = *published != next;
            *published = next;
            changed
        });
        Ok(())
    }
}
