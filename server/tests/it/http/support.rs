//! A server on a socket of its own, and a client that sends exactly the bytes it is told.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use server::config::Config;
use server::http::accept::{Bounds, Door};
use server::http::limit::Limits;
use server::http::problem::Refusal;
use server::http::read::{Json, Path, Query};
use server::router::within;
use server::shutdown::Shutdown;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the routes of these tests read: nested, with a list and a number.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    #[serde(default)]
    pub(crate) place: Option<Place>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    pub(crate) line: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Window {
    #[serde(default)]
    pub(crate) limit: Option<u32>,
    #[serde(default)]
    pub(crate) q: Option<String>,
}

pub(crate) fn config(environment: &[(&str, &str)]) -> Config {
    let lookup = |name: &str| {
        let mut all = environment.iter().chain(&[("HOME", "/nowhere")]);
        all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    Config::from(&lookup, None).unwrap()
}

/// What stands around the real routes, around these.
pub(crate) fn around(routes: Router, environment: &[(&str, &str)]) -> Router {
    let config = config(environment);
    within(routes, &config, &Limits::new(config.rate))
}

/// Routes that read everything a request can hold.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/api/v1/notes", post(|Json(note): Json<Note>| async { Json(note) }).get(listed))
        .route("/api/v1/notes/{number}", get(|Path(number): Path<u32>| async move { number.to_string() }))
        .route("/api/v1/optional", post(|note: Option<Json<Note>>| async move { note.is_some().to_string() }))
        .route("/api/v1/panic", get(panics))
        .fallback(|| async { Refusal::not_found() })
}

async fn listed(Query(window): Query<Window>) -> Json<Window> {
    Json(window)
}

async fn panics() -> String {
    panic!("a secret from inside /src/panics.rs")
}

/// Ends when it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

pub(crate) async fn serve(router: Router, shutdown: Shutdown, bounds: Bounds) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    shutdown.spawn(Door::new(listener, bounds).serve(router, shutdown.clone()));
    Served { address, shutdown }
}

/// The test routes within everything that stands around the real ones.
pub(crate) async fn start(environment: &[(&str, &str)]) -> Served {
    serve(around(routes(), environment), Shutdown::new(), Bounds::default()).await
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// That it is a whole problem of this status and code; its field, or an empty text.
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["trace_id"].as_str(), self.header("x-request-id"), "{problem}");
        assert!(problem["instance"].as_str().unwrap().starts_with('/'), "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.len() > 5 && !detail.contains("at line") && !detail.contains("src/"), "{detail}");
        problem["field"].as_str().unwrap_or_default().to_owned()
    }
}

impl Served {
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes and reads until the server closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        read_answer(&mut stream).await
    }

    pub(crate) async fn get(&self, target: &str, headers: &str) -> Answer {
        self.send("GET", target, (headers, "")).await
    }

    pub(crate) async fn post(&self, target: &str, body: &str) -> Answer {
        self.send("POST", target, ("content-type: application/json\r\n", body)).await
    }

    /// Headers each end in CRLF; a Host is added where they name none.
    pub(crate) async fn send(&self, method: &str, target: &str, (headers, body): (&str, &str)) -> Answer {
        let named = headers.to_ascii_lowercase().contains("host:");
        let host = if named { String::new() } else { format!("host: {}\r\n", self.address) };
        let length = body.len();
        self.raw(
            format!(
                "{method} {target} HTTP/1.1\r\n{host}{headers}content-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            )
            .as_bytes(),
        )
        .await
    }
}

pub(crate) async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    within_time(stream.read_to_end(&mut bytes)).await.unwrap();
    answer(&bytes)
}

pub(crate) fn answer(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// So that a hanging server fails the test instead of hanging it.
pub(crate) async fn within_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("waited for 30 s in vain")
}
