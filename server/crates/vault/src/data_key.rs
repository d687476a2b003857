//! The key of one workspace, and what it seals.

use crate::cipher::{self, Key, Unopened, joined};
use crate::plain::Plain;
use domain::WorkspaceId;
use uuid::Uuid;

/// Seals the secrets of one workspace. Its `Debug` does not show it.
pub struct DataKey {
    pub(crate) id: Uuid,
    pub(crate) workspace: WorkspaceId,
    pub(crate) key: Key,
}

/// Where a secret stands: a seal opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub table: &'static str,
    pub row: Uuid,
    pub column: &'static str,
}

/// A sealed secret, to be stored as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl DataKey {
    /// The name under which it is stored.
    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn seal(&self, place: &Place, plain: &Plain) -> Sealed {
        Sealed(cipher::seal(&self.key, plain.reveal(), &self.about(place)))
    }

    /// # Errors
    /// [`Unopened::Damaged`] where it was sealed for another place, by another key, or was changed since.
    pub fn open(&self, place: &Place, sealed: &Sealed) -> Result<Plain, Unopened> {
        let opened = cipher::open(&self.key, &sealed.0, &self.about(place))?;
        Ok(Plain::new(opened.as_slice()))
    }

    fn about(&self, place: &Place) -> Vec<u8> {
        joined(&[
            b"switchboard secret",
            self.workspace.0.as_bytes(),
            self.id.as_bytes(),
            place.table.as_bytes(),
            place.row.as_bytes(),
            place.column.as_bytes(),
        ])
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DataKey").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cipher::random;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_seal_opens_in_its_own_place_alone() {
        let key = DataKey { id: id(1), workspace: WorkspaceId(id(2)), key: random() };
        let place = Place { table: "secrets", row: id(3), column: "sealed" };
        let sealed = key.seal(&place, &Plain::new("hunter2"));
        assert_eq!(key.open(&place, &sealed).unwrap().reveal(), b"hunter2");
        for other in [
            Place { row: id(4), ..place },
            Place { column: "note", ..place },
            Place { table: "connections", ..place },
        ] {
            assert_eq!(key.open(&other, &sealed), Err(Unopened::Damaged), "{other:?}");
        }
        for (id, workspace) in [(id(9), key.workspace), (key.id, WorkspaceId(id(9)))] {
            let other = DataKey { id, workspace, key: key.key.clone() };
            assert_eq!(other.open(&place, &sealed), Err(Unopened::Damaged));
        }
        assert!(!format!("{key:?}").contains("key: ["));
    }
}
