//! What may be sealed, and for which place. Pure.

use super::LARGEST;
use domain::SecretId;
use domain::secrets::Unopened;
use vault::{Place, Plain};

/// A secret opens in its own row alone.
pub(super) fn place(id: SecretId) -> Place {
    Place { table: "secrets", row: id.0, column: "sealed" }
}

pub(super) fn size(plain: &Plain) -> Result<(), &'static str> {
    match plain.reveal().len() {
        0 => Err("must not be empty"),
        length if length > LARGEST => Err("must be at most 64 KiB"),
        _ => Ok(()),
    }
}

pub(super) fn reason(unopened: vault::Unopened) -> Unopened {
    match unopened {
        vault::Unopened::UnknownKey => Unopened::UnknownKey,
        vault::Unopened::Damaged => Unopened::Damaged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_neither_empty_nor_huge() {
        for (length, good) in [(0, false), (1, true), (LARGEST, true), (LARGEST + 1, false)] {
            assert_eq!(size(&Plain::new(vec![b'x'; length])).is_ok(), good, "{length}");
        }
    }
}
