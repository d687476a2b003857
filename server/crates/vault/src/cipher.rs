//! The one cipher: XChaCha20-Poly1305. Its nonce is long enough to be drawn at random for every seal.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// The form of what [`seal`] makes; another form would begin with another byte.
const FORM: u8 = 1;
const NONCE: usize = 24;

/// 256 bits that are wiped when they are dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// Why something stays closed. Nothing of it says more: who tampers learns no reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unopened {
    /// It was wrapped by a master key that is not among ours.
    #[error("it is wrapped by a master key that was not given")]
    UnknownKey,
    /// It was changed, cut, moved from another row, or never was a seal.
    #[error("it was changed, or does not belong where it stands")]
    Damaged,
}

/// Fills with the system's randomness.
#[expect(
    clippy::expect_used,
    reason = "without the kernel's randomness no key may be made, and nothing can go on"
)]
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).expect("the kernel gives randomness");
    bytes
}

/// The form, the nonce, the ciphertext with its tag.
#[expect(clippy::expect_used, reason = "the cipher refuses only what is larger than memory")]
pub(crate) fn seal(key: &Key, plain: &[u8], about: &[u8]) -> Vec<u8> {
    let nonce = random::<NONCE>();
    let cipher = XChaCha20Poly1305::new(&(**key).into());
    let sealed = cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: about });
    let mut bytes = Vec::with_capacity(1 + NONCE + plain.len() + 16);
    bytes.push(FORM);
    bytes.extend_from_slice(nonce.as_slice());
    bytes.extend_from_slice(&sealed.expect("it fits"));
    bytes
}

pub(crate) fn open(key: &Key, sealed: &[u8], about: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let rest = sealed.strip_prefix(&[FORM]).ok_or(Unopened::Damaged)?;
    let (nonce, body) = rest.split_at_checked(NONCE).ok_or(Unopened::Damaged)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Unopened::Damaged)?;
    let cipher = XChaCha20Poly1305::new(&(**key).into());
    let plain = cipher.decrypt(&XNonce::from(nonce), Payload { msg: body, aad: about });
    plain.map(Zeroizing::new).map_err(|_| Unopened::Damaged)
}

/// Joins parts so that no two lists of parts make the same bytes.
pub(crate) fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_closes_a_seal() {
        let key = random();
        let sealed = seal(&key, b"secret", b"row 1");
        assert_eq!(open(&key, &sealed, b"row 1").unwrap().as_slice(), b"secret");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut flipped = sealed.clone();
                flipped[at] ^= 1 << bit;
                assert_eq!(open(&key, &flipped, b"row 1"), Err(Unopened::Damaged), "byte {at} bit {bit}");
            }
        }
        for length in 0..sealed.len() {
            assert_eq!(open(&key, &sealed[..length], b"row 1"), Err(Unopened::Damaged), "cut to {length}");
        }
        assert_eq!(open(&key, &sealed, b"row 2"), Err(Unopened::Damaged));
        assert_eq!(open(&random(), &sealed, b"row 1"), Err(Unopened::Damaged));
    }

    #[test]
    fn the_same_secret_never_looks_the_same() {
        let key = random();
        assert_ne!(seal(&key, b"secret", b""), seal(&key, b"secret", b""));
    }

    #[test]
    fn parts_are_joined_without_ambiguity() {
        assert_ne!(joined(&[b"ab", b"c"]), joined(&[b"a", b"bc"]));
        assert_ne!(joined(&[b"a", b""]), joined(&[b"a"]));
    }
}
