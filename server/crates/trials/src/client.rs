//! One program's connection to the API. It is made anew when it breaks; whether to ask again is the caller's business.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Longer than anything may take that answers at all.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Asks one thing after the other over one connection.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    headers: HeaderMap,
    wire: Option<SendRequest<Full<Bytes>>>,
    /// Drives the connection; ends with this client.
    driver: JoinSet<()>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON; null where there is none.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).with_context(|| String::from_utf8_lossy(&self.body).into_owned())
    }

    /// The object, after making sure of the status.
    pub(crate) fn expect(&self, status: u16) -> anyhow::Result<Value> {
        if self.status.as_u16() != status {
            anyhow::bail!("{} instead of {status}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        self.json()
    }
}

impl Client {
    /// With an API key.
    pub(crate) fn new(address: SocketAddr, key: &str) -> anyhow::Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::AUTHORIZATION, format!("Bearer {key}").parse()?);
        Ok(Self::with(address, headers))
    }

    /// With headers of one's own: a cookie, or nothing.
    pub(crate) fn with(address: SocketAddr, headers: HeaderMap) -> Self {
        Self { address, headers, wire: None, driver: JoinSet::new() }
    }

    /// Below `/api/v1`.
    pub(crate) async fn get(&mut self, target: &str) -> anyhow::Result<Answer> {
        self.ask(Method::GET, &format!("/api/v1{target}"), Bytes::new(), None).await
    }

    /// Below `/api/v1`, with JSON.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        target: &str,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        self.ask(method, &format!("/api/v1{target}"), body.to_string().into(), None).await
    }

    /// A POST that may be repeated under its key.
    pub(crate) async fn once(&mut self, target: &str, key: &str, body: &Value) -> anyhow::Result<Answer> {
        self.ask(Method::POST, &format!("/api/v1{target}"), body.to_string().into(), Some(key)).await
    }

    /// Any path of the server.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        idempotency: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let asked = timeout(ANSWER_WITHIN, self.exchange(method, path, body, idempotency)).await;
        let answer = asked.map_err(anyhow::Error::from).and_then(|answer| answer);
        if answer.is_err() {
            self.wire = None;
            self.driver = JoinSet::new();
        }
        answer
    }

    async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: Bytes,
        idempotency: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let mut request =
            Request::builder().method(method).uri(path).header("host", self.address.to_string());
        if !body.is_empty() && !self.headers.contains_key(http::header::CONTENT_TYPE) {
            request = request.header("content-type", "application/json");
        }
        if let Some(key) = idempotency {
            request = request.header("idempotency-key", key);
        }
        let mut request = request.body(Full::new(body))?;
        for (name, value) in &self.headers {
            request.headers_mut().insert(name, value.clone());
        }
        let response = self.wire().await?.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    async fn wire(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        let standing = match &mut self.wire {
            Some(wire) => wire.ready().await.is_ok(),
            None => false,
        };
        if !standing {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let (wire, connection) = handshake(TokioIo::new(stream)).await?;
            self.driver = JoinSet::new();
            // How it ended, the next request learns.
            self.driver.spawn(async move { drop(connection.await) });
            self.wire = Some(wire);
        }
        self.wire.as_mut().context("a connection was just made")
    }
}
