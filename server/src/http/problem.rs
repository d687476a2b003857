//! Refusals as RFC 9457 problems.
//!
//! A handler returns [`Refusal`]; the path and the trace id are filled in by the outermost layer, which also gives
//! this form to refusals that axum and the layers make by themselves.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::problem::{Code, Problem};

/// A refusal on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal(Box<Problem>);

impl Refusal {
    /// With one sentence that says what happened and what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    /// A field that can't be read, or has no such value.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        let mut refusal = Self::new(Code::Invalid, detail);
        refusal.0.field = Some(field.into());
        refusal
    }

    /// What does not exist, and what is another workspace's, alike.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing here.")
    }

    /// Too much, too fast: come back after so many seconds.
    pub fn limited(detail: impl Into<String>, retry_after: u64) -> Self {
        let mut refusal = Self::new(Code::Limited, detail);
        refusal.0.retry_after = Some(retry_after);
        refusal
    }

    /// Something that this needs does not answer: come back after so many seconds.
    pub fn unavailable(detail: impl Into<String>, retry_after: u64) -> Self {
        let mut refusal = Self::new(Code::Unavailable, detail);
        refusal.0.retry_after = Some(retry_after);
        refusal
    }

    /// Our own fault. Log the cause where it happened; the answer shows only the trace id.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "This did not work, through no fault of yours. Try again.")
    }

    /// The same refusal under another status of its class, where HTTP has one of its own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = status.as_u16();
        self
    }

    /// The problem itself.
    pub fn problem(&self) -> &Problem {
        &self.0
    }

    fn for_status(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::UNAUTHORIZED => (Code::Unauthenticated, "Sign in, or send an API key."),
            StatusCode::FORBIDDEN => (Code::Forbidden, "This is not allowed."),
            StatusCode::NOT_FOUND => return Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                (Code::Invalid, "This method is not for this address; the header Allow names those that are.")
            }
            StatusCode::REQUEST_TIMEOUT => (Code::Invalid, "The body did not arrive in time. Send it again."),
            StatusCode::CONFLICT => (Code::Conflict, "This is not possible as things stand."),
            StatusCode::PAYLOAD_TOO_LARGE => (Code::Invalid, "The body is larger than this address takes."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (Code::Invalid, "The body is not of a type that is read here.")
            }
            StatusCode::TOO_MANY_REQUESTS => (Code::Limited, "rate: too many requests. Wait a little."),
            StatusCode::SERVICE_UNAVAILABLE => (Code::Unavailable, "This is not available right now."),
            other if other.is_client_error() => (Code::Invalid, "The request can't be read."),
            _ => return Self::internal().with_status(status),
        };
        Self::new(code, detail).with_status(status)
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = body_of(&self.0);
        response.extensions_mut().insert(self);
        response
    }
}

/// The fallback of everything that is not a page.
pub async fn not_found() -> Refusal {
    Refusal::not_found()
}

/// Gives the response its final form: path and trace id into a refusal, and bare errors of axum and the layers made
/// into problems. A page, a server function's own error, and anything that has a body of ours stay.
pub(crate) fn complete(response: Response, uri: &Uri, trace_id: &str) -> Response {
    let status = response.status();
    let refusal = response.extensions().get::<Refusal>().cloned();
    let bare = || (status.is_client_error() || status.is_server_error()) && is_bare(&response, uri);
    let Some(mut refusal) = refusal.or_else(|| bare().then(|| Refusal::for_status(status))) else {
        return response;
    };
    uri.path().clone_into(&mut refusal.0.instance);
    trace_id.clone_into(&mut refusal.0.trace_id);
    let (kept, _) = response.into_parts();
    let mut completed = body_of(&refusal.0);
    for (name, value) in &kept.headers {
        if !matches!(name.as_str(), "content-type" | "content-length" | "www-authenticate") {
            completed.headers_mut().append(name, value.clone());
        }
    }
    if let Some(seconds) = refusal.0.retry_after {
        completed.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    completed
}

fn is_bare(response: &Response, uri: &Uri) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    !uri.path().starts_with("/api/fn/") && (kind.is_empty() || kind.starts_with("text/plain"))
}

fn body_of(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(problem).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::UNAUTHORIZED {
        // A browser asks nobody for a Bearer token, so our own pages stay in charge of signing in.
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
