//! Every request has an id: taken over when it is sane, made otherwise. It is in the answer, in the log and, as the
//! trace id, in every problem.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::http::problem;

/// The header's name.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LONGEST: usize = 128;
/// The length of an id.
const LONGEST_SHOWN: usize = 36;

/// The id of the request that is being answered; in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same text, for what outlives the request.
    pub(crate) fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// The outermost layer: id, span, log line, and the final form of problems.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = RequestId(request.headers().get(HEADER).and_then(sane).unwrap_or_else(made));
    request.extensions_mut().insert(id.clone());
    let uri = request.uri().clone();
    // The path alone: a query may hold what people look for.
    let span =
        tracing::info_span!("http", request.id = %id.0, method = %request.method(), path = shown(uri.path()));
    let began = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let ms = began.elapsed().as_millis();
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), ms, "answered"));
    let mut response = problem::complete(response, &uri, &id.0);
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The path as it may be logged. What is longer than an id may be a secret that opens something: a sign-in link, an
/// invitation.
fn shown(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.len() > LONGEST_SHOWN { "***" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

/// Letters, digits and a little punctuation: nothing that a log or a header could stumble over.
fn sane(value: &HeaderValue) -> Option<Arc<str>> {
    let text = value.to_str().ok()?;
    let fits = (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    fits.then(|| text.into())
}

fn made() -> Arc<str> {
    let mut random = [0_u8; 16];
    if getrandom::fill(&mut random).is_err() {
        return "without-random-source".into();
    }
    format!("{:032x}", u128::from_be_bytes(random)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_ids_are_taken_over() {
        for good in ["a", "01JD-xyz_1.2:3"] {
            assert_eq!(sane(&HeaderValue::from_static(good)).as_deref(), Some(good));
        }
        for bad in ["", "with space", "semi;colon", "<b>", &"a".repeat(129)] {
            assert_eq!(sane(&HeaderValue::from_str(bad).unwrap()), None, "{bad}");
        }
        assert_eq!(sane(&HeaderValue::from_bytes(b"\xff").unwrap()), None);
    }

    #[test]
    fn secrets_in_a_path_are_not_logged() {
        let secret = "0123456789abcdef".repeat(4);
        assert_eq!(shown(&format!("/login/{secret}")), "/login/***");
        assert_eq!(
            shown(&format!("/api/v1/invitations/inv_{secret}/accept")),
            "/api/v1/invitations/***/accept"
        );
        let id = "/api/v1/tasks/0197b000-0000-7000-8000-000000000001/start";
        assert_eq!(shown(id), id);
    }

    #[test]
    fn made_ids_differ() {
        assert_ne!(made(), made());
        assert!(sane(&HeaderValue::from_str(&made()).unwrap()).is_some());
    }
}
