//! The audit trail as it is read: who did what, when, from where.

use crate::{AuditEntryId, DateTime};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What can be in the trail. A stored entry keeps its word also where a later version has no such action any more.
macro_rules! actions {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($name),+
        }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),+
                }
            }
        }
    };
}

actions! {
    SessionCreated = "session.created",
    SessionRefused = "session.refused",
    SessionRevoked = "session.revoked",
    LinkCreated = "link.created",
    KeyCreated = "key.created",
    KeyRevoked = "key.revoked",
    SecretStored = "secret.stored",
    SecretUsed = "secret.used",
    SecretRemoved = "secret.removed",
    SecretQuarantined = "secret.quarantined",
    InvitationCreated = "invitation.created",
    InvitationRevoked = "invitation.revoked",
    MemberAdded = "member.added",
    MemberRoleChanged = "member.role_changed",
    MemberRemoved = "member.removed",
    WorkspaceCreated = "workspace.created",
    WorkspaceRenamed = "workspace.renamed",
    WorkspaceTransferred = "workspace.transferred",
    PolicyChanged = "policy.changed",
    DataExported = "data.exported",
    DataDeleted = "data.deleted",
    AccessDenied = "access.denied",
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditActor {
    /// `person`, `key`, `job`, `operator` or `nobody`.
    pub kind: String,
    pub id: Option<Uuid>,
    /// As it was then.
    pub name: Option<String>,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditTarget {
    pub kind: String,
    pub id: Option<Uuid>,
}

/// One entry. `hash` is SHA-256 over the entry and `previous_hash`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    pub id: AuditEntryId,
    /// Its place in the workspace's chain: 1, 2, 3 …
    pub number: i64,
    pub at: DateTime,
    pub actor: AuditActor,
    pub action: String,
    pub target: Option<AuditTarget>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// `ok` or `refused`.
    pub result: String,
    pub detail: Option<String>,
    /// Hexadecimal.
    pub hash: String,
    pub previous_hash: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_a_word_of_its_own() {
        let words: HashSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        assert!(words.iter().all(|word| word.split('.').count() == 2));
    }
}
