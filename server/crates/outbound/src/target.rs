//! What an address means, before anything is dialled. Pure.

use crate::client::OutboundError;
use http::Uri;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    /// As the header Host has it.
    pub(crate) authority: String,
}

/// The target of an absolute address.
pub(crate) fn of(uri: &Uri) -> Result<Target, OutboundError> {
    let refused = |reason| Err(OutboundError::Address(reason));
    let tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return refused("it must begin with https://"),
    };
    let Some(authority) = uri.authority() else {
        return refused("it names no host");
    };
    if authority.as_str().contains('@') {
        return refused("it must hold no user and no password");
    }
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if bare.is_empty() || bare.len() > 253 {
        return refused("it names no host");
    }
    let port = match (authority.port_u16(), authority.port()) {
        (Some(0), _) | (None, Some(_)) => return refused("its port is none"),
        (Some(port), _) => port,
        (None, None) if tls => 443,
        (None, None) => 80,
    };
    Ok(Target { host: bare.to_owned(), port, tls, authority: authority.as_str().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_are_targets() {
        for (text, host, port, tls) in [
            ("https://api.example/v1", "api.example", 443, true),
            ("https://api.example:8443/", "api.example", 8443, true),
            ("http://127.0.0.1:11434/v1", "127.0.0.1", 11434, false),
            ("https://[2001:db8::1]:444/", "2001:db8::1", 444, true),
        ] {
            let target = of(&text.parse().unwrap()).unwrap();
            assert_eq!((target.host.as_str(), target.port, target.tls), (host, port, tls), "{text}");
        }
        for text in [
            "/relative",
            "ftp://a.example/",
            "file://a/etc/passwd",
            "https://user:pass@a.example/",
            "https://a@b/",
            "https://a.example:0/",
        ] {
            let target = text.parse::<Uri>().map_err(|_| ()).and_then(|uri| of(&uri).map_err(|_| ()));
            assert_eq!(target, Err(()), "{text}");
        }
    }
}
