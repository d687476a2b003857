//! From a name to an open connection: resolved once, judged, and dialled at the very address that was judged.

use crate::network::{plain, special};
use ipnet::IpNet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

const RESOLVE_TIME: Duration = Duration::from_secs(10);
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 4;

/// Opens connections to where they may go.
#[derive(Debug)]
pub struct Dialler {
    /// What the operator permits although it is not public.
    allowed: Vec<IpNet>,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum Refusal {
    /// The policy says no.
    Denied(String),
    /// It is not there, or does not answer.
    Unreachable(String),
}

impl Dialler {
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed }
    }

    /// # Errors
    /// Where the name or its addresses are refused, or nobody answers there.
    pub async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, Refusal> {
        let found = match timeout(RESOLVE_TIME, tokio::net::lookup_host((host, port))).await {
            Ok(Ok(found)) => found.collect::<Vec<_>>(),
            Ok(Err(_)) => return Err(Refusal::Unreachable("the name is not known.".to_owned())),
            Err(_) => return Err(Refusal::Unreachable("the name could not be resolved in time.".to_owned())),
        };
        let addresses = self.judge(&found, &own_addresses())?;
        let mut last = "it has no address.".to_owned();
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            match timeout(CONNECT_TIME, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => last = format!("{error}."),
                Err(_) => last = "it does not answer.".to_owned(),
            }
        }
        Err(Refusal::Unreachable(last))
    }

    /// Whether the operator named this address.
    pub(crate) fn is_named(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.allowed.iter().any(|network| network.contains(&address))
    }

    /// Those that may be dialled. Where a name has an address that may not, none is: a public name that leads into a
    /// private network is an attempt, or a mistake.
    fn judge(&self, found: &[SocketAddr], own: &[IpAddr]) -> Result<Vec<SocketAddr>, Refusal> {
        found
            .iter()
            .map(|address| match self.refusal(address.ip(), own) {
                None => Ok(*address),
                Some(kind) => Err(Refusal::Denied(format!("{} is {kind}.", address.ip()))),
            })
            .collect()
    }

    fn refusal(&self, address: IpAddr, own: &[IpAddr]) -> Option<String> {
        if self.is_named(address) {
            return None;
        }
        let address = plain(address);
        match special(address) {
            Some(kind) => Some(format!("a {kind} address")),
            None => own.contains(&address).then(|| "an address of this machine".to_owned()),
        }
    }
}

/// The addresses of this machine, as they are now.
fn own_addresses() -> Vec<IpAddr> {
    let found = nix::ifaddrs::getifaddrs().map_err(io::Error::from);
    let interfaces = match found {
        Ok(interfaces) => interfaces,
        Err(error) => {
            tracing::warn!(%error, "the addresses of this machine are not known");
            return Vec::new();
        }
    };
    interfaces
        .filter_map(|interface| {
            let address = interface.address?;
            match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
                (Some(four), _) => Some(IpAddr::V4(four.ip())),
                (None, Some(six)) => Some(IpAddr::V6(six.ip())),
                (None, None) => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(allowed: &[&str], found: &[&str]) -> Result<usize, String> {
        let dialler = Dialler::new(allowed.iter().map(|network| network.parse().unwrap()).collect());
        let found: Vec<SocketAddr> = found.iter().map(|address| address.parse().unwrap()).collect();
        let own = ["198.54.1.1".parse().unwrap()];
        match dialler.judge(&found, &own) {
            Ok(addresses) => Ok(addresses.len()),
            Err(Refusal::Denied(reason) | Refusal::Unreachable(reason)) => Err(reason),
        }
    }

    #[test]
    fn the_policy_is_closed() {
        assert_eq!(judged(&[], &["1.1.1.1:443", "[2606:4700::1]:443"]), Ok(2));
        for address in [
            "127.0.0.1:5432",
            "169.254.169.254:80",
            "10.0.0.1:22",
            "[::1]:80",
            "[::ffff:127.0.0.1]:5432",
            "[64:ff9b::a9fe:a9fe]:80",
            "0.0.0.0:80",
            "100.64.0.1:80",
            "198.54.1.1:443",
        ] {
            assert!(judged(&[], &[address]).is_err(), "{address}");
            // A name that was public a moment ago, or also is, does not help.
            assert!(judged(&[], &["1.1.1.1:443", address]).is_err(), "{address}");
        }
        assert_eq!(
            judged(&[], &["198.54.1.1:443"]),
            Err("198.54.1.1 is an address of this machine.".to_owned())
        );
    }

    #[test]
    fn the_operator_opens_what_is_named_and_nothing_beside_it() {
        assert_eq!(judged(&["127.0.0.77/32"], &["127.0.0.77:80", "[::ffff:127.0.0.77]:80"]), Ok(2));
        assert!(judged(&["127.0.0.77/32"], &["127.0.0.1:80"]).is_err());
        assert_eq!(judged(&["10.0.0.0/8", "198.54.1.1/32"], &["10.1.1.1:80", "198.54.1.1:80"]), Ok(2));
    }
}
