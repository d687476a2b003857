//! A secret outside its seal.

use zeroize::Zeroizing;

/// A secret as it is used: wiped when it is dropped, and shown by no `Debug`. It has no `Display` and no `Serialize`,
/// so that it can get into a log, an answer or a job only by [`reveal`](Self::reveal).
#[derive(Clone)]
pub struct Plain(Zeroizing<Vec<u8>>);

impl Plain {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The secret itself, for the one who needs it.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }

    /// The same, where it is text.
    pub fn reveal_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl PartialEq for Plain {
    /// Takes as long for a near miss as for a far one.
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq as _;
        self.0.ct_eq(&other.0).into()
    }
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Plain(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_hides_itself() {
        let plain = Plain::new("hunter2");
        assert_eq!(format!("{plain:?} {:?}", Some(&plain)), "Plain(***) Some(Plain(***))");
        assert_eq!(plain.reveal_text(), Some("hunter2"));
        assert_eq!(Plain::new([0xff]).reveal_text(), None);
        assert!(plain == Plain::new("hunter2") && plain != Plain::new("hunter3"));
    }
}
