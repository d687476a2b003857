//! Who looks at a page, and what a form without script was refused with: found before the page is rendered, and
//! provided to it by context.

use app::api::ApiError;
use app::api::request::{Entered, ForwardedFlash, TraceId, Visitor};
use axum::extract::{Request, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use domain::Code;
use leptos::prelude::{provide_context, use_context};
use tenancy::Database;

use crate::http::denials;
use crate::http::identity::Visit;
use crate::http::provenance;
use crate::http::request_id::RequestId;
use crate::state::AppState;

/// Holds the refusal of a form from its redirect to the next page, which shows it once.
const FLASH: &str = "flash";
/// The most that a browser keeps in a cookie, less its name and attributes.
const FLASH_BYTES: usize = 3_500;

/// What was found before a page is rendered.
#[derive(Debug, Clone)]
struct Found {
    visitor: Visitor,
    flash: ForwardedFlash,
    entered: Entered,
}

/// The layer around pages and server functions.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = match visitor(&state, &parts).await {
        Ok(visitor) => visitor,
        Err(response) => return *response,
    };
    let page = !parts.uri.path().starts_with("/api/");
    // The addresses of server functions are fixed; one of a page is never refused with 403.
    let what = format!("{} {}", parts.method, parts.uri.path());
    let flash = if page { read_flash(&parts.headers) } else { None };
    let shown = flash.is_some();
    let entered = Entered::default();
    parts.extensions.insert(Found { visitor, flash: ForwardedFlash(flash), entered: entered.clone() });
    let request = Request::from_parts(parts, body);
    let database = provenance::asked(&state.database, request.extensions());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::FORBIDDEN
        && let Some(caller) = entered.caller()
    {
        denials::note(&state.denials, &database, &caller, &what).await;
    }
    if shown {
        response.headers_mut().append(SET_COOKIE, HeaderValue::from_static("flash=; Path=/; Max-Age=0"));
    }
    keep_flash(&mut response);
    response
}

/// The database on behalf of the request that a page or a server function answers.
pub fn asked(database: &Database) -> Database {
    let parts = use_context::<Parts>();
    parts.map_or_else(|| database.clone(), |parts| provenance::asked(database, &parts.extensions))
}

/// Provides to the page what the layer found, and the id to quote where something fails.
pub fn provide_found() {
    let parts = use_context::<Parts>();
    let extensions = parts.as_ref().map(|parts| &parts.extensions);
    let found = extensions.and_then(|found| found.get::<Found>().cloned());
    let found = found.unwrap_or(Found {
        visitor: Visitor(None),
        flash: ForwardedFlash(None),
        entered: Entered::default(),
    });
    let trace = extensions.and_then(|found| found.get::<RequestId>());
    provide_context(TraceId(trace.map(|id| id.as_str().to_owned()).unwrap_or_default()));
    provide_context(found.visitor);
    provide_context(found.entered);
    provide_context(found.flash);
}

/// Nobody is no refusal here: the page itself says that one has to sign in.
async fn visitor(state: &AppState, parts: &Parts) -> Result<Visitor, Box<Response>> {
    let Ok(visit) = Visit::read(parts, state.config.https()) else {
        return Ok(Visitor(None));
    };
    match visit.identify(&state.database).await {
        Ok(identity) => Ok(Visitor(Some(identity))),
        Err(refusal) if refusal.problem().code == Code::Unauthenticated => Ok(Visitor(None)),
        Err(refusal) => Err(Box::new(refusal.into_response())),
    }
}

fn read_flash(headers: &HeaderMap) -> Option<ApiError> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, text) = pairs.find(|(name, _)| *name == FLASH)?;
    serde_json::from_slice(&URL_SAFE.decode(text).ok()?).ok()
}

/// Server functions lead a form without script back to its page with the error in the URL, where it would stay in
/// the history and in logs. It goes into a cookie instead.
fn keep_flash(response: &mut Response) {
    let Some(location) = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()) else {
        return;
    };
    let Some((path, query)) = location.split_once('?') else {
        return;
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let (ours, others): (Vec<&str>, Vec<&str>) =
        pairs.partition(|pair| pair.starts_with("__err=") || pair.starts_with("__path="));
    let error = ours.iter().find_map(|pair| pair.strip_prefix("__err="));
    let cookie = error.map(|error| {
        let error = error.replace("%3D", "=");
        format!("{FLASH}={error}; Path=/; HttpOnly; SameSite=Lax; Max-Age=60")
    });
    // A form that was taken leads back with a question mark and nothing behind it.
    let to = if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) };
    if let Ok(to) = HeaderValue::from_str(&to) {
        response.headers_mut().insert(LOCATION, to);
    }
    if let Some(cookie) = cookie
        && cookie.len() <= FLASH_BYTES
        && let Ok(cookie) = HeaderValue::from_str(&cookie)
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_moves_from_the_url_into_a_cookie_and_back() {
        let error = ApiError::new(Code::Invalid, "title must not be empty");
        let text = URL_SAFE.encode(serde_json::to_vec(&error).unwrap()).replace('=', "%3D");
        let mut response = Response::new(axum::body::Body::empty());
        let to = format!("http://localhost/w/demo/tasks/new?priority=high&__path=%2Fapi%2Ffn&__err={text}");
        response.headers_mut().insert(LOCATION, HeaderValue::from_str(&to).unwrap());
        keep_flash(&mut response);
        assert_eq!(response.headers()[LOCATION], "http://localhost/w/demo/tasks/new?priority=high");
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookie.split(';').next().unwrap()).unwrap());
        assert_eq!(read_flash(&headers), Some(error));
    }

    #[test]
    fn a_form_that_was_taken_leads_back_to_its_own_address() {
        for (from, to) in [
            ("/w/demo/tasks/1?", "/w/demo/tasks/1"),
            ("/w/demo/tasks?q=a&view=list", "/w/demo/tasks?q=a&view=list"),
        ] {
            let mut response = Response::new(axum::body::Body::empty());
            response.headers_mut().insert(LOCATION, HeaderValue::from_static(from));
            keep_flash(&mut response);
            assert_eq!(response.headers()[LOCATION], to);
            assert!(!response.headers().contains_key(SET_COOKIE));
        }
    }

    #[test]
    fn a_flash_that_somebody_made_up_is_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("flash=bm90IGpzb24="));
        assert_eq!(read_flash(&headers), None);
    }
}
