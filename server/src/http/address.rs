//! The address that a request comes from: the peer's, or what a reverse proxy of ours says of it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use std::convert::Infallible;

const FORWARDED: &str = "x-forwarded-for";
/// A chain of more proxies than this is nobody's.
const HOPS: usize = 20;

/// Whoever sent the request, as far as we can know. Limits are kept by it; nobody is let in by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The proxies that are believed.
#[derive(Debug, Clone)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// From the configuration.
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    fn are(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Each proxy appends whom it heard from, so the list is read from its end, for as long as our own proxies speak.
    /// What stands before that was written by the client.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut speaking = peer;
        let lines = headers.get_all(FORWARDED).iter().rev();
        let said = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for text in said.take(HOPS) {
            if !self.are(speaking) {
                break;
            }
            let Some(address) = read(text) else { break };
            speaking = address;
        }
        speaking
    }
}

/// An address, also with a port, as some proxies write it.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    parsed.map(|address| address.to_canonical())
}

impl ClientAddress {
    /// What [`layer`] found.
    pub fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self::UNKNOWN)
    }

    /// In a test without sockets.
    const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    pub fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// The layer that finds it.
pub async fn layer(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = proxies.client(peer.ip().to_canonical(), request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed() {
        let proxies = Proxies::new(&["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()]);
        let cases: [(&str, &[&str], &str); 9] = [
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1", &["6.6.6.6", "203.0.113.9"], "203.0.113.9"),
            ("127.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("127.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("127.0.0.1", &["6.6.6.6, nonsense"], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
        ];
        for (peer, said, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in said {
                headers.append(FORWARDED, line.parse().unwrap());
            }
            let peer: IpAddr = peer.parse().unwrap();
            let found = proxies.client(peer.to_canonical(), &headers);
            assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {said:?}");
        }
    }
}
