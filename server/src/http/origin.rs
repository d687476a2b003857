//! Requests that another site makes a person's browser send. A cookie alone never changes anything: the browser must
//! also say that the request comes from our own pages.

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, ORIGIN, UPGRADE};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::problem::Code;

use crate::config::{Config, Origin};
use crate::http::gate::authority;
use crate::http::problem::Refusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// A program's key; browsers never send it by themselves.
pub const KEY_HEADER: HeaderName = HeaderName::from_static("x-tenant-key");

/// Under which names we are reached.
#[derive(Debug, Clone)]
pub struct Ours {
    public: Option<Origin>,
    /// We speak TLS ourselves.
    tls: bool,
}

impl Ours {
    /// From the configuration.
    pub fn new(config: &Config) -> Self {
        Self { public: config.public.clone(), tls: config.tls.is_some() }
    }

    /// The public host, or this machine's own names. Anything else may be a name that somebody points at us to get
    /// a browser's trust for it.
    pub fn is_host(&self, authority: Option<&str>) -> bool {
        let Some(authority) = authority else { return false };
        let public = self.public.as_ref().is_some_and(|public| {
            let own_port = if public.https { ":443" } else { ":80" };
            authority.strip_suffix(own_port).unwrap_or(authority) == public.authority
        });
        public || is_loopback(authority)
    }

    /// Whether an `Origin` is the public one, or that of the very address that was asked.
    fn is_origin(&self, origin: &str, authority: Option<&str>) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.public.as_ref().is_some_and(|public| public.to_string() == origin) {
            return true;
        }
        let scheme = if self.tls { "https" } else { "http" };
        authority
            .is_some_and(|authority| is_loopback(authority) && origin == format!("{scheme}://{authority}"))
    }
}

/// The layer.
pub async fn layer(State(ours): State<Ours>, request: Request, next: Next) -> Response {
    if is_allowed(&ours, &request) {
        return next.run(request).await;
    }
    let detail =
        "This request does not come from our own pages. Programs use an API key instead of a cookie.";
    Refusal::new(Code::Forbidden, detail).into_response()
}

fn is_allowed(ours: &Ours, request: &Request) -> bool {
    let headers = request.headers();
    let socket =
        headers.get(UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe && !socket {
        return true;
    }
    let cookie = headers.contains_key(COOKIE);
    if !cookie && (headers.contains_key(AUTHORIZATION) || headers.contains_key(KEY_HEADER)) {
        return true;
    }
    // Checked without a cookie too: signing somebody in to a stranger's account is also an attack.
    match (single(headers, &ORIGIN), single(headers, &SEC_FETCH_SITE)) {
        (Some(origin), site) => {
            site.is_none_or(|site| site != "cross-site")
                && ours.is_origin(origin, authority(request).as_deref())
        }
        (None, Some(site)) => !socket && (site == "same-origin" || site == "none"),
        (None, None) => !cookie,
    }
}

/// The header's value; one that is repeated or unreadable is as good as a wrong one.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some("");
    }
    Some(first.to_str().unwrap_or_default())
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_hosts() {
        let ours =
            Ours { public: Some(Origin { https: true, authority: "board.example".to_owned() }), tls: false };
        for good in [
            "board.example",
            "board.example:443",
            "localhost:3000",
            "127.0.0.1:3000",
            "[::1]:3000",
            "localhost",
        ] {
            assert!(ours.is_host(Some(good)), "{good}");
        }
        for bad in [
            "evil.example",
            "board.example.evil",
            "board.example:444",
            "localhost.evil",
            "10.0.0.1",
            "",
            "[::2]",
        ] {
            assert!(!ours.is_host(Some(bad)), "{bad}");
        }
        assert!(!ours.is_host(None));
    }

    #[test]
    fn another_port_of_this_machine_is_another_origin() {
        let ours = Ours { public: None, tls: false };
        assert!(ours.is_origin("http://localhost:3000", Some("localhost:3000")));
        assert!(!ours.is_origin("http://localhost:8080", Some("localhost:3000")));
        assert!(!ours.is_origin("https://localhost:3000", Some("localhost:3000")));
        assert!(!ours.is_origin("null", Some("localhost:3000")));
    }
}
