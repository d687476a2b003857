//! Workspaces as they are made, changed and joined.

use crate::session::{Role, Workspace};
use crate::{DateTime, InvitationId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A workspace to make. Whoever makes it owns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewWorkspace {
    /// Made by the client, so that sending it twice makes one.
    #[serde(default)]
    pub id: Option<WorkspaceId>,
    pub name: String,
    /// The name in URLs; default: made of the name.
    #[serde(default)]
    pub slug: Option<String>,
}

/// What of a workspace changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkspacePatch {
    #[serde(default)]
    pub name: Option<String>,
    /// Old links stop working.
    #[serde(default)]
    pub slug: Option<String>,
}

/// Somebody to invite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    /// Only who has this address can use the invitation.
    pub email: String,
    /// Not above one's own.
    pub role: Role,
}

/// An invitation that was neither used nor revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
    pub expires_at: DateTime,
}

/// What came of accepting one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Joined {
    pub workspace: Workspace,
    pub role: Role,
}
