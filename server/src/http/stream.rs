//! `GET /api/v1/events/stream`: the socket's changes as server-sent events, for programs that only read.
//!
//! A task reads the feed and fills a small channel; the body empties it. A client that takes nothing leaves the task
//! stuck at the full channel, from where it is ended like a socket whose write is stuck.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use domain::{Epoch, Seq};
use futures::future::abortable;
use futures::stream;
use serde::Deserialize;
use tokio::sync::mpsc;

use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Query;
use crate::http::socket::full;
use crate::live::frames::Frame;
use crate::live::hub::Hub;
use crate::live::hub::seats::Seat;
use crate::live::reader::{Ended, Reader, Wish};
use crate::live::{figures, scope};
use crate::state::AppState;

/// Pieces of text that wait for a slow client, and how long one gets before it is handed over.
const WAITING: usize = 4;
const PIECE_BYTES: usize = 16 * 1024;
/// A comment goes out at this pace, so that proxies don't take silence for death.
const COMMENT_EVERY: Duration = Duration::from_secs(10);
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Clients come back after this long.
const RETRY: &str = "retry: 2000\n\n";

/// What a stream is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "read by the extractor of who is asking; named here so that it is no unknown field"
    )]
    workspace: Option<String>,
    #[serde(default)]
    epoch: Option<Epoch>,
    #[serde(default)]
    after: Option<Seq>,
    /// Separated by commas.
    #[serde(default)]
    entities: Option<String>,
}

/// The handler.
///
/// # Errors
/// As everywhere; 422 where a parameter or `Last-Event-ID` can't be read, 429 with too many streams.
pub async fn open(
    State(state): State<AppState>,
    entered: InWorkspace,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let wish = wish(asked, &headers)?;
    let seat = Arc::new(state.live.seat(entered.caller, "stream").map_err(full)?);
    let (sender, receiver) = mpsc::channel(WAITING);
    let flow = Flow {
        reader: Reader::new(state.live.clone()),
        hub: state.live.clone(),
        seat: Arc::clone(&seat),
        sender,
    };
    let (flowing, abort) = abortable(flow.run(wish));
    seat.set_abort(abort);
    state.shutdown.spawn(async move { flowing.await.unwrap_or_default() });
    let events = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
        receiver.recv().await.map(|bytes| (Ok::<_, Infallible>(bytes), receiver))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

fn wish(asked: Asked, headers: &HeaderMap) -> Result<Wish, Refusal> {
    let after = match headers.get(LAST_EVENT_ID) {
        None => asked.after,
        Some(id) => {
            let id = id.to_str().ok().and_then(|id| id.parse().ok());
            let detail = "The header Last-Event-ID must be the id of an event of this stream.";
            Some(id.ok_or_else(|| Refusal::invalid("last-event-id", detail))?)
        }
    };
    let names = |text: &str| {
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let entities: Option<Vec<String>> = asked.entities.as_deref().map(names);
    if let Some(unknown) = entities.iter().flatten().find(|name| scope::of(name).is_none()) {
        let detail = format!("There is no entity {unknown:?}; there are {}.", scope::names());
        return Err(Refusal::invalid("entities", detail));
    }
    Ok(Wish { epoch: asked.epoch, after, entities })
}

/// One stream's task.
struct Flow {
    reader: Reader,
    hub: Hub,
    seat: Arc<Seat>,
    sender: mpsc::Sender<Bytes>,
}

/// The stream has ended, for whatever reason.
struct Over;

impl Flow {
    async fn run(mut self, wish: Wish) {
        let Err(Over) = self.flow(wish).await;
    }

    async fn flow(&mut self, wish: Wish) -> Result<Infallible, Over> {
        let (ending, seat, sender) =
            (self.hub.shutdown().token(), Arc::clone(&self.seat), self.sender.clone());
        let mut comment = tokio::time::interval(COMMENT_EVERY);
        comment.reset();
        self.put(Bytes::from_static(RETRY.as_bytes())).await?;
        let hello = self.reader.resume(&seat.caller(), wish).await;
        self.say(hello.map_err(Ended::Store)).await?;
        loop {
            tokio::select! {
                () = ending.cancelled() => {
                    let wait = crate::live::come_back_after();
                    return self.say(Ok(vec![Frame::shutdown(wait)])).await.and(Err(Over));
                }
                () = seat.revoked() => return Err(Over),
                () = sender.closed() => return Err(Over),
                () = self.reader.wait() => {
                    let read = Box::pin(self.reader.read(&seat.caller())).await;
                    self.say(read).await?;
                }
                _ = comment.tick() => self.put(Bytes::from_static(b": still here\n\n")).await?,
            }
        }
    }

    /// A stream can only end; the client comes back with the last id that it has.
    async fn say(&mut self, frames: Result<Vec<Frame>, Ended>) -> Result<(), Over> {
        let frames = frames.map_err(|ended| {
            match ended {
                Ended::TooSlow => figures::lag_close(),
                Ended::Store(error) => {
                    tracing::warn!(%error, "the change feed can't be read; a stream is closed")
                }
            }
            Over
        })?;
        figures::sent("stream", frames.len());
        let mut text = String::new();
        for frame in frames {
            event(&mut text, &frame);
            if text.len() >= PIECE_BYTES {
                self.put(Bytes::from(std::mem::take(&mut text))).await?;
            }
        }
        if text.is_empty() { Ok(()) } else { self.put(Bytes::from(text)).await }
    }

    async fn put(&self, bytes: Bytes) -> Result<(), Over> {
        let _writing = self.seat.writing();
        tokio::select! {
            sent = self.sender.send(bytes) => sent.map_err(|_| Over),
            () = self.seat.revoked() => Err(Over),
        }
    }
}

/// JSON has no line breaks of its own, so that one `data:` line holds a frame.
fn event(text: &mut String, frame: &Frame) {
    use std::fmt::Write as _;
    // Writing to a text doesn't fail.
    if let Some(place) = frame.place {
        writeln!(text, "id: {place}").ok();
    }
    write!(text, "event: {}\ndata: {}\n\n", frame.name, frame.text.as_str()).ok();
}
