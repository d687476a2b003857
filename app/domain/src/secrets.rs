//! Secrets as they are listed: never with what they hold.

use crate::{DateTime, SecretId};
use serde::{Deserialize, Serialize};

/// Why a secret can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Unopened {
    /// It needs a master key that the server was not given.
    UnknownKey,
    /// It was changed in the database, or moved there from elsewhere.
    Damaged,
}

impl Unopened {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown_key",
            Self::Damaged => "damaged",
        }
    }
}

impl std::str::FromStr for Unopened {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::UnknownKey, Self::Damaged].into_iter().find(|reason| reason.as_str() == text).ok_or(())
    }
}

/// A secret that is kept sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretInfo {
    pub id: SecretId,
    /// What it is for.
    pub name: String,
    /// Set where it can't be opened: it is in quarantine until it is replaced, or its key is given again.
    pub unopened: Option<Unopened>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub last_used_at: Option<DateTime>,
    pub version: i64,
}
