//! A refusal that comes before the body was read must still reach the client, which is busy sending: to close on it
//! then resets the connection and the answer is lost. So what is left of a body is read and thrown away, within
//! bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::Version;
use axum::http::header::EXPECT;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming, SizeHint};

use crate::shutdown::Shutdown;

const BYTES: usize = 64 * 1024 * 1024;
const TIME: Duration = Duration::from_secs(10);

/// The request with such a body. Not for HTTP/2, which can refuse a body alone, nor for a client that waits to be
/// asked for it.
pub(super) fn wrap(request: Request<Incoming>, shutdown: &Shutdown) -> Request {
    let plain = request.version() >= Version::HTTP_2 || request.headers().contains_key(EXPECT);
    if plain || request.body().is_end_stream() {
        return request.map(Body::new);
    }
    let shutdown = shutdown.clone();
    request.map(|body| Body::new(Linger { body: Some(body), shutdown }))
}

struct Linger {
    /// None once it has ended.
    body: Option<Incoming>,
    shutdown: Shutdown,
}

impl HttpBody for Linger {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Linger {
    fn drop(&mut self) {
        let Some(mut body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let token = self.shutdown.token();
        self.shutdown.spawn(async move {
            let rest = async {
                let mut left = BYTES;
                while let Some(Ok(frame)) = body.frame().await {
                    let bytes = frame.data_ref().map_or(0, Bytes::len);
                    let Some(fewer) = left.checked_sub(bytes) else {
                        return;
                    };
                    left = fewer;
                }
            };
            let _ = token.run_until_cancelled(tokio::time::timeout(TIME, rest)).await;
        });
    }
}
