//! Bearer secrets: random, shown once, and kept only as their digest.

use sha2::Digest as _;

/// A secret of 256 random bits, as text. Its `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// SHA-256 of a secret: what the database holds. A random 256-bit secret needs no slow hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(pub Vec<u8>);

impl Secret {
    /// A new secret behind a prefix that tells what it opens, such as `sb_`.
    pub fn make(prefix: &str) -> Self {
        let mut bytes = [0_u8; 32];
        fill(&mut bytes);
        let mut text = String::with_capacity(prefix.len() + 64);
        text.push_str(prefix);
        for byte in bytes {
            text.push_str(&format!("{byte:02x}"));
        }
        Self(text)
    }

    /// What somebody sent us. Any text: it is only ever digested.
    pub fn received(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn digest(&self) -> Digest {
        Digest(sha2::Sha256::digest(self.0.as_bytes()).to_vec())
    }

    /// The secret itself, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

/// Fills with the system's randomness.
#[expect(
    clippy::expect_used,
    reason = "without the kernel's randomness no secret may be made, and nothing can go on"
)]
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the kernel gives randomness");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_random_and_hides_itself() {
        let (one, two) = (Secret::make("sb_"), Secret::make("sb_"));
        assert_ne!(one.reveal(), two.reveal());
        assert_eq!(one.reveal().len(), 67);
        assert_eq!(one.digest().0.len(), 32);
        assert!(!format!("{one:?}").contains(&one.reveal()[3..]));
        assert_eq!(Secret::received(one.reveal()).digest(), one.digest());
    }
}
