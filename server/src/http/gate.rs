//! What is refused before anybody looks at it: unknown methods, hosts that are not ours, NUL in the address.

use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::problem::Code;

use crate::http::origin::Ours;
use crate::http::problem::Refusal;

/// The layer.
pub async fn layer(State(ours): State<Ours>, request: Request, next: Next) -> Response {
    let chunked = request.headers().contains_key(TRANSFER_ENCODING);
    let mut response = match check(&ours, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if chunked {
        // Where a Content-Length stood beside it, a proxy may have seen another end of this request than we did:
        // what follows on this connection is not to be believed.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn check(ours: &Ours, request: &Request) -> Result<(), Refusal> {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if !known.contains(request.method()) {
        return Err(Refusal::new(Code::Invalid, "This method is not used here.")
            .with_status(StatusCode::METHOD_NOT_ALLOWED));
    }
    let path = request.uri().path();
    // Probes come by address, without a name; they learn nothing from it.
    let probe = path == "/health" || path.starts_with("/health/");
    if !probe && !ours.is_host(authority(request).as_deref()) {
        let detail = "This host name is not served here. The operator sets it with SWITCHBOARD_URL.";
        return Err(Refusal::new(Code::Invalid, detail).with_status(StatusCode::MISDIRECTED_REQUEST));
    }
    if path.contains("%00") {
        return Err(Refusal::not_found());
    }
    if let Some(query) = request.uri().query()
        && let Some(at) = query.find("%00")
    {
        let pair = query.get(..at).and_then(|before| before.rsplit('&').next()).unwrap_or_default();
        let field = pair.split('=').next().unwrap_or_default();
        return Err(Refusal::invalid(field, "The NUL character can't be stored: leave it out."));
    }
    Ok(())
}

/// The host that was asked for: HTTP/2 has it in the address.
pub(crate) fn authority(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_ascii_lowercase());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?.to_ascii_lowercase();
    // Two of them could mean different things to a proxy and to us.
    hosts.next().is_none().then_some(host)
}
