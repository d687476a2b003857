//! Signing in by a one-time link, and joining by an invitation, which is such a link too: the button of the link's page
//! posts here. A plain form, so it works without script.

use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use backend::auth;
use backend::workspaces::WorkspaceError;
use backend::workspaces::invitations::{self, PREFIX as INVITATION, Session};
use serde::Deserialize;
use tenancy::{Database, Identity, Secret};

use crate::http::address::ClientAddress;
use crate::http::identity::{Who, session, session_cookie};
use crate::http::problem::Refusal;
use crate::http::provenance::Asked;
use crate::http::read::is_page;
use crate::state::AppState;

/// Under `/api/v1`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/auth/link", post(sign_in))
}

#[derive(Deserialize)]
struct LinkForm {
    token: String,
    #[serde(default)]
    return_to: String,
}

async fn sign_in(
    State(state): State<AppState>,
    Asked(database): Asked,
    address: ClientAddress,
    (headers, who): (HeaderMap, Result<Who, Refusal>),
    Form(form): Form<LinkForm>,
) -> Result<Response, Refusal> {
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    match state.limits.check_sign_in(address) {
        Err(_) if is_page(&headers) => return Ok(see_other("/login?limited=1")),
        checked => checked?,
    }
    if form.token.starts_with(INVITATION) {
        return accept(&state, &database, &form.token, (&headers, who.ok())).await;
    }
    let mut tx = database.auth().await?;
    let signed = auth::sign_in(&mut tx, &Secret::received(&form.token), agent).await?;
    if let (Some(_), Some(before)) = (&signed, session(&headers, state.config.https())) {
        auth::sessions::replace(&mut tx, &before).await?;
    }
    tx.commit().await?;
    let Some(signed) = signed else {
        return Ok(see_other("/login?refused=1"));
    };
    state.limits.signed_in(address);
    let home = format!("/w/{}", signed.workspace.slug);
    let to = own_path(&form.return_to).unwrap_or(&home);
    let mut response = see_other(to);
    response.headers_mut().append(SET_COOKIE, cookie(&signed.token, state.config.https()));
    Ok(response)
}

/// Joins a workspace, as whoever is signed in here or as somebody new.
async fn accept(
    state: &AppState,
    database: &Database,
    token: &str,
    (headers, who): (&HeaderMap, Option<Who>),
) -> Result<Response, Refusal> {
    let visitor = who.as_ref().and_then(|who| match &who.identity {
        Identity::Person(person) => Some(person),
        Identity::Caller(_) => None,
    });
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let mut tx = database.auth().await?;
    let accepted = match invitations::accept(&mut tx, &Secret::received(token), visitor, agent).await {
        Ok(accepted) => accepted,
        Err(WorkspaceError::NotFound) => return Ok(see_other("/login?refused=1")),
        Err(WorkspaceError::Conflict(_)) => return Ok(see_other("/login?other_account=1")),
        Err(error) => return Err(error.into()),
    };
    let token = match (accepted.session, visitor) {
        (Session::Opened(signed), _) => Some(signed.token),
        // What the person may do has changed.
        (Session::Kept, Some(visitor)) => Some(auth::sessions::rotate(&mut tx, visitor).await?),
        (Session::Kept, None) => None,
    };
    tx.commit().await?;
    let mut response = see_other(&format!("/w/{}", accepted.joined.workspace.slug));
    if let Some(token) = token {
        response.headers_mut().append(SET_COOKIE, cookie(&token, state.config.https()));
    }
    Ok(response)
}

fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    // A path that was checked, or one of ours: what is no header value leads home.
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, to);
    response
}

/// What a browser keeps a session by.
pub(crate) fn cookie(token: &Secret, https: bool) -> HeaderValue {
    let (name, secure) = (session_cookie(https), if https { "; Secure" } else { "" });
    let age = auth::SESSION_DAYS * 24 * 60 * 60;
    let token = token.reveal();
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// A path of this server, and nothing that a browser could read as another's address.
fn own_path(text: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~?=&%+,".contains(c);
    let inside = text.starts_with('/') && !text.starts_with("//") && !text.contains("/..");
    (inside && text.len() <= 500 && text.chars().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_cookie_is_bound_to_this_host() {
        let token = Secret::received("t");
        let secure = cookie(&token, true);
        let text = secure.to_str().unwrap();
        assert!(text.starts_with("__Host-session=t; "), "{text}");
        for flag in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age="] {
            assert!(text.contains(flag), "{flag} in {text}");
        }
        assert!(!text.contains("Domain"), "{text}");
        assert!(secure.is_sensitive());
        let plain = cookie(&token, false);
        let text = plain.to_str().unwrap();
        assert!(text.starts_with("session=t; ") && !text.contains("Secure"), "{text}");
    }

    #[test]
    fn only_our_own_paths_are_led_to() {
        for good in ["/", "/w/demo/tasks/3", "/w/demo/tasks?q=login&status=queued,running"] {
            assert_eq!(own_path(good), Some(good));
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\r\nX: y",
            "/\t/evil.example",
            " /x",
            "/w/../..",
            "data:text/html,x",
            "/@evil",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
