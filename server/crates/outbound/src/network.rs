//! Which addresses are public, and what the others are. Pure.
//!
//! An address is judged, never a name: whoever dials resolves once and connects to the very address that was judged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address it is that is reached by permission alone; `None` for a public one.
pub(crate) fn special(address: IpAddr) -> Option<&'static str> {
    match plain(address) {
        IpAddr::V4(four) => special_four(four),
        IpAddr::V6(six) => special_six(six),
    }
}

/// The address that would be reached: an IPv4 address can be dressed as an IPv6 one.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    let last = |six: Ipv6Addr| {
        let [.., a, b, c, d] = six.octets();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, _, _] | [0x64, 0xff9b, 0, 0, 0, 0, _, _] => last(six),
        _ => address,
    }
}

fn special_four(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "unspecified",
        [127, ..] => "loopback",
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => "private",
        [100, 64..=127, ..] => "shared",
        [169, 254, ..] => "link-local",
        [224..=239, ..] => "multicast",
        [240..=255, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => "reserved",
        _ => return None,
    })
}

fn special_six(address: Ipv6Addr) -> Option<&'static str> {
    Some(match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => "unspecified",
        [0, 0, 0, 0, 0, 0, 0, 1] => "loopback",
        [0xfc00..=0xfdff, ..] => "private",
        [0xfe80..=0xfebf, ..] => "link-local",
        [0xff00..=0xffff, ..] => "multicast",
        // Tunnels hold an IPv4 address that nobody here would judge; the rest is for documents and protocols.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => "reserved",
        [0x2000..=0x3fff, ..] => return None,
        _ => "reserved",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_not_special() {
        let table = [
            ("0.0.0.0", Some("unspecified")),
            ("0.1.2.3", Some("unspecified")),
            ("127.0.0.1", Some("loopback")),
            ("127.255.0.77", Some("loopback")),
            ("10.1.2.3", Some("private")),
            ("172.15.255.255", None),
            ("172.16.0.1", Some("private")),
            ("172.31.255.255", Some("private")),
            ("172.32.0.1", None),
            ("192.168.1.1", Some("private")),
            ("100.63.255.255", None),
            ("100.64.0.1", Some("shared")),
            ("100.127.255.255", Some("shared")),
            ("169.254.169.254", Some("link-local")),
            ("192.0.0.170", Some("reserved")),
            ("198.18.0.1", Some("reserved")),
            ("203.0.113.9", Some("reserved")),
            ("224.0.0.1", Some("multicast")),
            ("255.255.255.255", Some("reserved")),
            ("1.1.1.1", None),
            ("140.82.121.4", None),
            ("::", Some("unspecified")),
            ("::1", Some("loopback")),
            ("::ffff:127.0.0.1", Some("loopback")),
            ("::ffff:169.254.169.254", Some("link-local")),
            ("::ffff:1.1.1.1", None),
            ("64:ff9b::7f00:1", Some("loopback")),
            ("64:ff9b::a9fe:a9fe", Some("link-local")),
            ("64:ff9b::101:101", None),
            ("64:ff9b:1::1", Some("reserved")),
            ("::7f00:1", Some("reserved")),
            ("fd00:ec2::254", Some("private")),
            ("fe80::1", Some("link-local")),
            ("fec0::1", Some("reserved")),
            ("ff02::1", Some("multicast")),
            ("2001::1", Some("reserved")),
            ("2001:db8::1", Some("reserved")),
            ("2002:7f00:1::", Some("reserved")),
            ("2606:4700::1111", None),
        ];
        for (address, expected) in table {
            assert_eq!(special(address.parse().unwrap()), expected, "{address}");
        }
    }
}
