//! The executions that one socket watches: what each has said, page by page, then as it speaks.

use std::sync::Arc;

use backend::Failure;
use backend::executions;
use domain::{Code, ExecutionId};
use futures::FutureExt as _;
use futures::future::select_all;
use tenancy::Caller;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::frames::Frame;
use super::hub::Hub;

/// Events that are read at once; each may be as long as a piece of output.
const PAGE: u32 = 100;

/// The watched executions, in turn.
#[derive(Debug)]
pub struct Watches {
    hub: Hub,
    watched: Vec<Watch>,
}

#[derive(Debug)]
struct Watch {
    execution: ExecutionId,
    after: i64,
    told: watch::Receiver<i64>,
    /// When it is read again, even if nobody tells that there is more.
    due: Instant,
}

/// There are as many as one socket may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Watches {
    pub fn new(hub: Hub) -> Self {
        Self { hub, watched: Vec::new() }
    }

    /// Watches from a place on; one that is watched already goes on from there.
    ///
    /// # Errors
    /// Where there are too many.
    pub fn watch(&mut self, execution: ExecutionId, after: i64) -> Result<(), TooMany> {
        self.unwatch(execution);
        if self.watched.len() >= self.hub.bounds().watches {
            return Err(TooMany);
        }
        // Told of everything from now on, then read: nothing falls in between.
        let told = self.hub.watchers().watch(execution);
        self.watched.push(Watch { execution, after: after.max(0), told, due: Instant::now() });
        Ok(())
    }

    pub fn unwatch(&mut self, execution: ExecutionId) {
        self.watched.retain(|watch| watch.execution != execution);
    }

    /// Completes when one of them is to be read. For ever where none is watched. Can be cancelled.
    pub async fn wait(&mut self) {
        let now = Instant::now();
        let Some(due) = self.watched.iter().map(|watch| watch.due).min() else {
            return std::future::pending().await;
        };
        if due <= now {
            return;
        }
        let told = self.watched.iter_mut().enumerate().map(|(at, watch)| {
            // A sender is there as long as a receiver is; without one, looking is enough.
            async move { if watch.told.changed().await.is_ok() { at } else { std::future::pending().await } }
                .boxed()
        });
        let told = tokio::select! {
            (at, _, _) = select_all(told) => at,
            () = sleep_until(due) => return,
        };
        if let Some(watch) = self.watched.get_mut(told) {
            watch.due = now;
        }
    }

    /// The next page of the one that has waited longest. To be driven to its end.
    pub async fn read(&mut self, caller: &Arc<Caller>) -> Vec<Frame> {
        let look = self.hub.bounds().look;
        let longest = self.watched.iter().enumerate().min_by_key(|(_, watch)| watch.due).map(|(at, _)| at);
        let Some(at) = longest else { return Vec::new() };
        let Some(watch) = self.watched.get_mut(at) else {
            return Vec::new();
        };
        watch.told.mark_unchanged();
        let (execution, after) = (watch.execution, watch.after);
        match page(&self.hub, caller, execution, after).await {
            Ok(page) => {
                let whole = u32::try_from(page.items.len()).is_ok_and(|count| count >= PAGE);
                watch.after = page.next_after;
                watch.due = if whole { Instant::now() } else { Instant::now() + look };
                let frames = page.items.iter().map(|event| Frame::output(execution, event)).collect();
                if page.finished {
                    self.watched.remove(at);
                }
                frames
            }
            // It is tried again at the next look.
            Err(failure) if failure.problem.code == Code::Unavailable => {
                watch.due = Instant::now() + look;
                Vec::new()
            }
            Err(failure) => {
                if let Some(cause) = &failure.cause {
                    tracing::error!(%cause, "the events of an execution can't be read");
                }
                self.watched.remove(at);
                vec![Frame::unwatched(failure.problem.code, &failure.problem.detail, execution)]
            }
        }
    }
}

async fn page(
    hub: &Hub,
    caller: &Caller,
    execution: ExecutionId,
    after: i64,
) -> Result<domain::executions::EventPage, Failure> {
    let mut tx = hub.database().begin(caller).await?;
    Ok(executions::events(&mut tx, execution, after, PAGE).await?)
}
