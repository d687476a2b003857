//! The one HTTP client of the server.

use crate::dial::{Dialler, Refusal};
use crate::exchange;
use crate::target::{self, Target};
use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONNECTION, HOST};
use http::{HeaderValue, Request, Response, Uri};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Sends requests to where they may go. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    dialler: Arc<Dialler>,
    tls: TlsConnector,
}

/// How much one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// From the name to the last byte of the answer.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub body: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), body: 1024 * 1024 }
    }
}

/// Why there is no answer. None of it quotes what was sent.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    #[error("the address can't be used: {0}")]
    Address(&'static str),
    /// The policy says no; the operator can permit it.
    #[error("{host} may not be reached: {reason} The operator can permit it by SWITCHBOARD_ALLOW_NETWORKS.")]
    Denied { host: String, reason: String },
    #[error("{host} can't be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("{host} did not answer in time")]
    TimedOut { host: String },
    #[error("{host} answered with more than {limit} bytes")]
    TooLarge { host: String, limit: usize },
    #[error("the answer of {host} can't be read")]
    Broken { host: String },
}

impl Client {
    /// Trusts the certificates that browsers trust.
    ///
    /// # Errors
    /// Where the cipher suites can't be set up: a mistake of the build.
    pub fn new(allowed: Vec<IpNet>) -> Result<Self, OutboundError> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with_roots(allowed, roots)
    }

    /// Trusts these certificates alone.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_roots(allowed: Vec<IpNet>, roots: RootCertStore) -> Result<Self, OutboundError> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| OutboundError::Address("this build can't speak https"))?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { dialler: Arc::new(Dialler::new(allowed)), tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends a request to its absolute address and reads the whole answer. A redirect is an answer like any other:
    /// following one would carry secrets to wherever it says.
    ///
    /// # Errors
    /// Where there is no whole answer within the bounds.
    pub async fn send(
        &self,
        request: Request<Bytes>,
        bounds: Bounds,
    ) -> Result<Response<Bytes>, OutboundError> {
        let target = target::of(request.uri())?;
        let request = prepared(request, &target);
        let Ok(answered) = timeout(bounds.time, self.exchange(&target, request, bounds.body)).await else {
            return Err(OutboundError::TimedOut { host: target.host });
        };
        answered
    }

    async fn exchange(
        &self,
        target: &Target,
        request: Request<Bytes>,
        limit: usize,
    ) -> Result<Response<Bytes>, OutboundError> {
        let stream = self.dial(target).await?;
        if !target.tls {
            return exchange::over(TokioIo::new(stream), request, &target.host, limit).await;
        }
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_| OutboundError::Address("its host can have no certificate"))?;
        let secured = self.tls.connect(name, stream).await.map_err(|error| OutboundError::Unreachable {
            host: target.host.clone(),
            reason: format!("no secure connection: {error}."),
        })?;
        exchange::over(TokioIo::new(secured), request, &target.host, limit).await
    }

    async fn dial(&self, target: &Target) -> Result<TcpStream, OutboundError> {
        let host = target.host.clone();
        let stream = self.dialler.dial(&target.host, target.port).await.map_err(|refusal| match refusal {
            Refusal::Denied(reason) => OutboundError::Denied { host: host.clone(), reason },
            Refusal::Unreachable(reason) => OutboundError::Unreachable { host: host.clone(), reason },
        })?;
        // Without TLS anybody on the way could read along: only where the operator named the network.
        let open = stream.peer_addr().is_ok_and(|peer| self.dialler.is_named(peer.ip()));
        if !target.tls && !open {
            return Err(OutboundError::Address("it must begin with https://"));
        }
        Ok(stream)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("dialler", &self.dialler).finish_non_exhaustive()
    }
}

/// The request as it goes over the wire: its path alone, its host as a header, and nothing compressed, so that no
/// small answer unpacks into a large one.
fn prepared(request: Request<Bytes>, target: &Target) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    parts.uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
    if let Ok(host) = HeaderValue::from_str(&target.authority) {
        parts.headers.insert(HOST, host);
    }
    parts.headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Request::from_parts(parts, body)
}
