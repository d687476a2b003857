//! The headers that every answer carries so that a browser keeps to what we mean.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::config::Config;

/// What the headers depend on.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Browsers shall come back over https only.
    pub https: bool,
    /// The development server's reload socket is on another port.
    pub live_reload: bool,
}

impl Policy {
    /// From the configuration.
    pub fn new(config: &Config) -> Self {
        Self { https: config.https(), live_reload: config.live_reload }
    }
}

/// The layer.
pub async fn layer(State(policy): State<Policy>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("microphone=(self), camera=(), geolocation=(), payment=(), usb=()"),
    );
    if policy.https {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    if api && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // A page brings its own with a nonce; anything else may load and run nothing.
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        // A worker's script has the policy of its own answer, not of the page.
        let policy = if is(headers, b"text/javascript") || is(headers, b"application/javascript") {
            "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
        } else {
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        };
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if is(headers, b"text/html") && !headers.contains_key(CACHE_CONTROL) {
        // Pages hold a person's data and a nonce of their own.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// To be called in the context of every page that is rendered: its inline scripts carry this nonce and no other.
pub fn provide_policy(policy: Policy) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let reload = if policy.live_reload { " ws://127.0.0.1:3002 ws://localhost:3002" } else { "" };
    let text = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; media-src 'self' blob:; connect-src 'self'{reload}; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.insert_header(CONTENT_SECURITY_POLICY, value);
    }
}

fn is(headers: &HeaderMap, kind: &[u8]) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(kind))
}
