//! What an execution printed, as a text to keep: byte for byte, a page of events in memory at a time.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use backend::executions;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ExecutionId;
use domain::executions::{EventBody, EventPage, Stream};
use futures::stream;
use serde::Deserialize;
use tokio::time::Instant;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::filter::Filter;
use super::streams::Place;
use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::Path;
use crate::state::AppState;

/// An event carries 64 KiB of output at most.
const PAGE: u32 = 32;
const REAUTHORISE_EVERY: Duration = Duration::from_secs(5);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(log))
}

/// Which of what it printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Which {
    Stdout,
    Stderr,
    /// Both, in the order in which they came.
    #[default]
    All,
}

impl Which {
    fn takes(self, stream: Stream) -> bool {
        match self {
            Self::All => true,
            Self::Stdout => stream == Stream::Stdout,
            Self::Stderr => stream == Stream::Stderr,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LogFilter {
    /// `stdout`, `stderr` or `all`, which is the default.
    #[serde(default)]
    #[param(inline)]
    stream: Which,
}

/// What an execution has printed so far, byte for byte, as a file.
#[utoipa::path(get, path = "/executions/{id}/log/download", tag = "executions",
    params(("id" = ExecutionId, Path), LogFilter),
    responses((status = 200, description = "The output.", body = String, content_type = "text/plain")))]
async fn log(
    State(state): State<AppState>,
    inside: InWorkspace,
    Path(id): Path<ExecutionId>,
    Filter(filter): Filter<LogFilter>,
) -> Result<Response, Refusal> {
    // Refusals come before the text begins. What is printed meanwhile is for a next time.
    let mut tx = inside.begin().await?;
    let execution = executions::get(&mut tx, id).await?;
    drop(tx);
    let owner = inside.caller.user().map_or_else(|| inside.caller.owner(), |user| user.0);
    let reader = Reader {
        _place: state.streams.take(owner)?,
        inside,
        execution: id,
        which: filter.stream,
        authorised: Instant::now(),
        after: 0,
        through: execution.last_seq,
    };
    let pieces = stream::try_unfold(reader, async |mut reader| {
        Ok::<_, io::Error>(reader.next().await?.map(|piece| (piece, reader)))
    });
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"execution-{}.log\"", execution.number)),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

struct Reader {
    inside: InWorkspace,
    execution: ExecutionId,
    which: Which,
    authorised: Instant,
    after: i64,
    through: i64,
    _place: Place,
}

impl Reader {
    /// The next piece of the text. An error breaks the answer off, so that half a log is never taken for a whole one.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        while self.after < self.through {
            if self.authorised.elapsed() >= REAUTHORISE_EVERY {
                let entered = self.inside.visit.enter(&self.inside.database).await;
                self.inside.caller = entered.map_err(|_| io::ErrorKind::PermissionDenied)?;
                self.authorised = Instant::now();
            }
            let page = read(&self.inside, self.execution, self.after).await;
            let page = page.map_err(|_| io::Error::other("the rest can't be read now"))?;
            if page.next_after <= self.after {
                break;
            }
            self.after = page.next_after;
            let piece = text(page, self.which)?;
            if !piece.is_empty() {
                return Ok(Some(piece.into()));
            }
        }
        Ok(None)
    }
}

fn text(page: EventPage, which: Which) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for event in page.items {
        match event.body {
            EventBody::ToolOutput { stream, base64: Some(exact), .. } if which.takes(stream) => {
                text.extend(STANDARD.decode(exact).map_err(io::Error::other)?);
            }
            EventBody::ToolOutput { stream, text: piece, .. } if which.takes(stream) => {
                text.extend(piece.into_bytes());
            }
            _ => {}
        }
    }
    Ok(text)
}

async fn read(inside: &InWorkspace, execution: ExecutionId, after: i64) -> Result<EventPage, Refusal> {
    let mut tx = inside.begin().await?;
    Ok(executions::events(&mut tx, execution, after, PAGE).await?)
}
