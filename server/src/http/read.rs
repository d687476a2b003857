//! Reading what a request holds. Use these instead of axum's own extractors: what can't be read becomes a problem
//! that names the field where it can be told, and no NUL gets through.

mod cause;
mod nul;

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::problem::Code;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::http::problem::Refusal;

/// A JSON body, in and out. In: unknown fields, wrong types and missing fields are 422 with `field`; what is no JSON
/// at all is 400. An empty body, where it may be absent, is `Option<Json<T>>`.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// The parameters in the path, 422 with `field` where they can't be read.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// The query string, 422 with `field` where it can't be read.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// Reads a JSON body that is already in memory: for routes that need its bytes too. It must be an object: serde would
/// take an array for a struct as well, by position.
///
/// # Errors
/// As [`Json`].
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    if let Some(field) = nul::find(bytes) {
        return Err(Refusal::invalid(field, "The NUL character can't be stored: leave it out."));
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|_| malformed("expected an object"))?;
        return Err(Refusal::new(Code::Invalid, "The body must be a JSON object."));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| cause::of_json(&error))?;
    reader.end().map_err(|_| malformed("there is more after the end of it"))?;
    Ok(value)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        check_json(request.headers())?;
        let bytes = body(request, state).await?;
        json(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refusal> {
        let headers = request.headers().clone();
        let bytes = body(request, state).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        check_json(&headers)?;
        json(&bytes).map(|value| Some(Self(value)))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(failed)) => Err(path_refusal(failed.kind())),
            Err(_) => Err(Refusal::internal()),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(cause::of_query(&rejection)),
        }
    }
}

/// Any body that can't be read as what it claims to be.
fn malformed(why: &str) -> Refusal {
    Refusal::new(Code::Invalid, format!("The body is not JSON: {why}.")).with_status(StatusCode::BAD_REQUEST)
}

pub(crate) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(Code::Invalid, "The body is larger than this address takes.")
                .with_status(StatusCode::PAYLOAD_TOO_LARGE)
        }
        _ => Refusal::new(Code::Invalid, "The body broke off, or did not arrive in time. Send it again.")
            .with_status(StatusCode::BAD_REQUEST),
    })
}

pub(crate) fn check_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    Err(Refusal::new(Code::Invalid, "Send the body as JSON, with the header Content-Type: application/json.")
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

fn path_refusal(kind: &ErrorKind) -> Refusal {
    let detail = "The address holds something that can't be read here.";
    match kind {
        ErrorKind::ParseErrorAtKey { key, .. }
        | ErrorKind::DeserializeError { key, .. }
        | ErrorKind::InvalidUtf8InPathParam { key } => Refusal::invalid(key.clone(), detail),
        ErrorKind::WrongNumberOfParameters { .. } | ErrorKind::UnsupportedType { .. } => {
            tracing::error!(?kind, "a route and its handler disagree about the path");
            Refusal::internal()
        }
        _ => Refusal::new(Code::Invalid, detail),
    }
}

/// Whether a page's form asks, which shows what it gets.
pub fn is_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|accepted| accepted.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}
