//! `Idempotency-Key`: how every POST of the API is carried out.
//!
//! The key is claimed, the effect made and the answer kept in one transaction, so that there is never one without the
//! other. A refusal rolls all of it back and is not kept: the same key may try again.

use axum::body::Bytes;
use axum::extract::{FromRequest, OriginalUri, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use backend::idempotency::{self, Claim, KEY_LIMIT};
use domain::{Code, Saved, Seq};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tenancy::TenantTx;

use crate::http::identity::InWorkspace;
use crate::http::problem::Refusal;
use crate::http::read::{self, Json};

/// The client's own name for one request.
pub const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A POST as it arrived: its body, still unread, and its key.
#[derive(Debug)]
pub struct Attempt {
    key: Option<String>,
    /// Of method, path and body: what makes two requests the same.
    digest: Vec<u8>,
    headers: HeaderMap,
    body: Bytes,
}

impl Attempt {
    /// The body.
    ///
    /// # Errors
    /// As [`Json`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        read::check_json(&self.headers)?;
        read::json(&self.body)
    }

    /// The body of a request that has nothing to say: none, or `{}`.
    ///
    /// # Errors
    /// As [`Json`].
    pub fn read_nothing(&self) -> Result<(), Refusal> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        if self.body.is_empty() {
            return Ok(());
        }
        self.read::<Nothing>().map(|_| ())
    }
}

impl<S: Send + Sync> FromRequest<S> for Attempt {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let key = key(&headers)?;
        let original = request.extensions().get::<OriginalUri>();
        let path = original.map_or_else(|| request.uri().path(), |uri| uri.path()).to_owned();
        let body = read::body(request, state).await?;
        Ok(Self { key, digest: digest(&method, &path, &body), headers, body })
    }
}

/// What a POST did: the status and the object to answer with.
#[derive(Debug)]
pub struct Answer<T> {
    status: StatusCode,
    value: T,
    kept: Option<Value>,
}

impl<T> Answer<T> {
    /// With this status.
    pub fn new(status: StatusCode, value: T) -> Self {
        Self { status, value, kept: None }
    }

    /// What a replay shows instead: for answers that hold a secret, which is never stored.
    #[must_use]
    pub fn keeping(mut self, kept: Value) -> Self {
        self.kept = Some(kept);
        self
    }
}

/// Carries out a POST: begins, claims the key where one is sent, does the work, keeps the answer and commits.
///
/// # Errors
/// The work's own refusal; 409 where the key was used for another request, or a twin does not end within 10 seconds.
pub async fn once<T, W>(inside: &InWorkspace, attempt: &Attempt, work: W) -> Result<Response, Refusal>
where
    T: Serialize,
    W: AsyncFnOnce(&mut TenantTx) -> Result<Answer<T>, Refusal>,
{
    let mut tx = inside.begin().await?;
    if let Some(first) = claim(&mut tx, attempt).await? {
        return Ok(first);
    }
    let answer = work(&mut tx).await?;
    if let Some(key) = &attempt.key {
        let kept = match answer.kept {
            Some(kept) => kept,
            None => serde_json::to_value(&answer.value).map_err(|_| Refusal::internal())?,
        };
        idempotency::keep(&mut tx, key, answer.status.as_u16(), &kept).await?;
    }
    let seq = tx.commit().await?;
    Ok((answer.status, Json(Saved { value: answer.value, seq })).into_response())
}

/// The first answer to this key, where there is one: for a POST that has to look outside before its transaction.
///
/// # Errors
/// As [`once`].
pub async fn replayed(inside: &InWorkspace, attempt: &Attempt) -> Result<Option<Response>, Refusal> {
    if attempt.key.is_none() {
        return Ok(None);
    }
    // A fresh claim goes with the transaction, and is made again beside the effect.
    let mut tx = inside.begin().await?;
    claim(&mut tx, attempt).await
}

/// Carries out any other write: begins, does the work and commits.
///
/// # Errors
/// The work's own refusal.
pub async fn save<T, W>(inside: &InWorkspace, work: W) -> Result<Saved<T>, Refusal>
where
    W: AsyncFnOnce(&mut TenantTx) -> Result<T, Refusal>,
{
    let mut tx = inside.begin().await?;
    let value = work(&mut tx).await?;
    let seq = tx.commit().await?;
    Ok(Saved { value, seq })
}

/// 204, with the place in the feed as a header, since there is no body to hold it.
pub fn removed(seq: Option<Seq>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(seq) = seq {
        response.headers_mut().insert(HeaderName::from_static("x-seq"), HeaderValue::from(seq));
    }
    response
}

async fn claim(tx: &mut TenantTx, attempt: &Attempt) -> Result<Option<Response>, Refusal> {
    let Some(key) = &attempt.key else { return Ok(None) };
    match idempotency::claim(tx, key, &attempt.digest).await? {
        Claim::Fresh => Ok(None),
        Claim::Replay { status, response, seq } => Ok(Some(replay(status, response, seq))),
        Claim::Mismatch => {
            let detail =
                "This Idempotency-Key was used for another request. Take a new key for a new request.";
            Err(Refusal::new(Code::Conflict, detail))
        }
        Claim::Busy => {
            let detail =
                "The first request with this Idempotency-Key is still under way. Try again in a moment.";
            Err(Refusal::new(Code::Conflict, detail))
        }
    }
}

fn replay(status: u16, mut response: Value, seq: Option<Seq>) -> Response {
    if let Some(object) = response.as_object_mut() {
        object.insert("seq".to_owned(), seq.into());
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(REPLAYED, "true")], Json(response)).into_response()
}

/// 1 to 255 visible characters, once.
fn key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let visible = (1..=KEY_LIMIT).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic);
    match value.to_str() {
        Ok(text) if visible && values.next().is_none() => Ok(Some(text.to_owned())),
        _ => Err(Refusal::invalid(
            "Idempotency-Key",
            "Send one Idempotency-Key of 1 to 255 visible ASCII characters.",
        )),
    }
}

/// The parts are told apart by NUL, which neither a method nor a path holds.
fn digest(method: &Method, path: &str, body: &[u8]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in [method.as_str().as_bytes(), b"\0", path.as_bytes(), b"\0", body] {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_and_bounded() {
        let long = "k".repeat(KEY_LIMIT);
        let too_long = "k".repeat(KEY_LIMIT + 1);
        for (text, good) in
            [("a-1", true), (long.as_str(), true), (too_long.as_str(), false), ("", false), ("a b", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(KEY, HeaderValue::from_str(text).unwrap());
            assert_eq!(key(&headers).is_ok(), good, "{text:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(KEY, HeaderValue::from_static("a"));
        twice.append(KEY, HeaderValue::from_static("b"));
        assert!(key(&twice).is_err());
        assert_eq!(key(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn another_method_path_or_body_is_another_request() {
        let one = digest(&Method::POST, "/a", b"b");
        assert_eq!(one, digest(&Method::POST, "/a", b"b"));
        for other in [
            digest(&Method::PUT, "/a", b"b"),
            digest(&Method::POST, "/ab", b""),
            digest(&Method::POST, "/a", b"c"),
        ] {
            assert_ne!(one, other);
        }
    }
}
