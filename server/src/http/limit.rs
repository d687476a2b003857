//! How much one key, one session, one address and one workspace may ask for: token buckets in bounded memory.

mod bucket;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::WorkspaceId;

use crate::config::Rate;
use crate::http::address::ClientAddress;
use crate::http::origin::KEY_HEADER;
use crate::http::problem::Refusal;

pub use bucket::{Buckets, Verdict};

/// A workspace may ask for as much as this many of its keys.
const KEYS_PER_WORKSPACE: u32 = 10;

/// The limits of this process.
#[derive(Debug, Clone)]
pub struct Limits {
    keys: Arc<Buckets>,
    workspaces: Arc<Buckets>,
    sign_ins: Arc<Buckets>,
}

impl Limits {
    /// From the configuration.
    pub fn new(rate: Rate) -> Self {
        let (per_minute, burst) = (rate.per_minute.get(), rate.burst.get());
        let of_workspace = |number: u32| number.saturating_mul(KEYS_PER_WORKSPACE);
        Self {
            keys: Arc::new(Buckets::new(per_minute, burst)),
            workspaces: Arc::new(Buckets::new(of_workspace(per_minute), of_workspace(burst))),
            sign_ins: Arc::new(Buckets::new(rate.sign_ins.get(), rate.sign_ins.get())),
        }
    }

    /// To be called before somebody is signed in. Tell [`Limits::signed_in`] when it was no guess.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn check_sign_in(&self, address: ClientAddress) -> Result<(), Refusal> {
        let verdict = self.sign_ins.take(&address, Instant::now());
        if verdict.allowed {
            return Ok(());
        }
        let detail = "rate: too many attempts to sign in from this address. Wait a little.";
        Err(Refusal::limited(detail, verdict.retry_after))
    }

    /// Whoever got in was not guessing: the attempt doesn't count.
    pub fn signed_in(&self, address: ClientAddress) {
        self.sign_ins.give_back(&address);
    }

    /// To be called once the caller's workspace is known.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn check_workspace(&self, workspace: WorkspaceId) -> Result<(), Refusal> {
        let verdict = self.workspaces.take(&workspace, Instant::now());
        if verdict.allowed {
            return Ok(());
        }
        Err(Refusal::limited(
            "rate: this workspace sends too many requests. Wait a little.",
            verdict.retry_after,
        ))
    }
}

/// The layer: one token per request from the bucket of its credential, or of its address where it has none.
pub async fn layer(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    if is_free(request.uri().path()) {
        return next.run(request).await;
    }
    let address = ClientAddress::of(&request);
    let credential = credential(request.headers());
    let verdict = match &credential {
        Some(credential) => limits.keys.take(&(1, credential), Instant::now()),
        None => limits.keys.take(&(2, address), Instant::now()),
    };
    let mut response = if verdict.allowed {
        next.run(request).await
    } else {
        let detail = "rate: too many requests. Wait a little.";
        Refusal::limited(detail, verdict.retry_after).into_response()
    };
    // A made-up key has a fresh bucket of its own; the address pays for it. This machine's own address may be a
    // reverse proxy, whose other users would pay too.
    if credential.is_some() && response.status() == StatusCode::UNAUTHORIZED {
        let guess = limits.keys.take(&(2, address), Instant::now());
        if !guess.allowed && !address.is_loopback() {
            let detail = "rate: too many wrong keys from this address. Wait a little.";
            response = Refusal::limited(detail, guess.retry_after).into_response();
        }
    }
    describe(response.headers_mut(), &verdict);
    response
}

/// Probes, and the files of the site.
fn is_free(path: &str) -> bool {
    path == "/health" || path.starts_with("/health/") || path.starts_with("/pkg/") || path == "/favicon.svg"
}

fn credential(headers: &HeaderMap) -> Option<Vec<u8>> {
    if let Some(key) = headers.get(AUTHORIZATION).or_else(|| headers.get(KEY_HEADER)) {
        return Some(key.as_bytes().to_vec());
    }
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split(';').map(str::trim);
    let session = pairs
        .find_map(|pair| pair.strip_prefix("__Host-session=").or_else(|| pair.strip_prefix("session=")))?;
    Some(session.as_bytes().to_vec())
}

fn describe(headers: &mut HeaderMap, verdict: &Verdict) {
    let figures = [
        ("ratelimit-limit", u64::from(verdict.limit)),
        ("ratelimit-remaining", u64::from(verdict.remaining)),
        ("ratelimit-reset", verdict.reset),
    ];
    for (name, figure) in figures {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(figure));
    }
}
