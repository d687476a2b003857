//! An execution's events as a stream of server-sent events.
//!
//! The stream reads only what the client has room for, holds no transaction while it waits, looks up who is asking
//! again now and then, and ends with the execution, with the server or with the caller's right to see it.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use backend::executions;
use domain::ExecutionId;
use domain::executions::{EventPage, ExecutionEvent};
use futures::{StreamExt as _, stream};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::streams::Place;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::state::AppState;

const HEARTBEAT: Duration = Duration::from_secs(10);
/// Another process may store events without waking us.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const REAUTHORISE_EVERY: Duration = Duration::from_secs(5);
const PAGE: u32 = 200;

/// Which execution, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Following {
    pub(super) execution: ExecutionId,
    pub(super) after: i64,
    /// `Last-Event-ID`, which a browser sends when it takes a stream up again; it is later than `after`.
    pub(super) last: Option<i64>,
}

/// The header `Last-Event-ID`.
pub(super) fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Refusal> {
    let Some(value) = headers.get("last-event-id") else {
        return Ok(None);
    };
    let seq = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|seq| *seq >= 0);
    seq.map(Some).ok_or_else(|| {
        Refusal::invalid("Last-Event-ID", "Last-Event-ID must be a number that a stream gave.")
    })
}

/// Answers with the stream. Refusals come before it begins.
pub(super) async fn stream(
    state: &AppState,
    inside: InWorkspace,
    what: Following,
) -> Result<Response, Refusal> {
    let after = what.last.unwrap_or(what.after);
    let first = read(&inside, what.execution, after).await?;
    if what.last.is_some() && first.finished && first.items.is_empty() {
        // A browser would take a stream that ends up again and again; this tells it to stop.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let owner = inside.caller.user().map_or_else(|| inside.caller.owner(), |user| user.0);
    let follower = Follower {
        _place: state.streams.take(owner)?,
        inside,
        execution: what.execution,
        after,
        stored: state.watchers.watch(what.execution),
        ending: state.shutdown.token(),
        authorised: Instant::now(),
        finished: false,
    };
    // The body is read after the request's span has ended; what is logged still belongs to it.
    let span = tracing::Span::current();
    let pages = stream::unfold(follower, move |mut follower| {
        let next = async move { follower.next().await.map(|events| (events, follower)) };
        next.instrument(span.clone())
    });
    let events = pages.flat_map(|events| stream::iter(events.iter().map(encode).collect::<Vec<_>>()));
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    // Without the header a proxy in front would keep the events until it has a block of them.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    Ok((unbuffered, Sse::new(events).keep_alive(heartbeat)).into_response())
}

struct Follower {
    inside: InWorkspace,
    execution: ExecutionId,
    after: i64,
    stored: watch::Receiver<i64>,
    ending: CancellationToken,
    authorised: Instant,
    finished: bool,
    _place: Place,
}

impl Follower {
    /// The next events, as soon as there are any. `None` at the end.
    async fn next(&mut self) -> Option<Vec<ExecutionEvent>> {
        loop {
            if self.finished || self.ending.is_cancelled() {
                return None;
            }
            if self.authorised.elapsed() >= REAUTHORISE_EVERY {
                self.inside.caller = self.inside.visit.enter(&self.inside.database).await.ok()?;
                self.authorised = Instant::now();
            }
            // Noted before the reading: what is stored meanwhile wakes the waiting below.
            self.stored.mark_unchanged();
            let page = read(&self.inside, self.execution, self.after).await.ok()?;
            self.finished = page.finished;
            self.after = page.next_after;
            if !page.items.is_empty() {
                return Some(page.items);
            }
            if !self.finished {
                self.wait().await;
            }
        }
    }

    async fn wait(&mut self) {
        tokio::select! {
            // An error means that nobody will tell us any more; the next look is in a second.
            changed = self.stored.changed() => if changed.is_err() { tokio::time::sleep(LOOK_EVERY).await },
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = self.ending.cancelled() => {}
        }
    }
}

async fn read(inside: &InWorkspace, execution: ExecutionId, after: i64) -> Result<EventPage, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(executions::events(&mut tx, execution, after, PAGE).await?)
}

fn encode(event: &ExecutionEvent) -> Result<Event, Infallible> {
    let body = serde_json::to_value(event).unwrap_or_default();
    let kind = body.get("kind").and_then(|kind| kind.as_str()).unwrap_or("message");
    Ok(Event::default().id(event.seq.to_string()).event(kind).data(body.to_string()))
}
