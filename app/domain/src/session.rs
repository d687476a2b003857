//! Who is signed in, in which workspace, with which role.

use crate::{ApiKeyId, DateTime, SessionId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A member's role, weakest first, so that roles compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    Viewer,
    Member,
    Admin,
    Owner,
    /// The role of jobs and of the operator's command line. No person or key has it.
    System,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::System => "system",
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "viewer" => Ok(Self::Viewer),
            "member" => Ok(Self::Member),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            "system" => Ok(Self::System),
            _ => Err("must be one of viewer, member, admin, owner".to_owned()),
        }
    }
}

/// What an API key may touch. `…:write` includes `…:read`; `admin` includes all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    #[serde(rename = "tasks:read")]
    TasksRead,
    #[serde(rename = "tasks:write")]
    TasksWrite,
    #[serde(rename = "leads:read")]
    LeadsRead,
    #[serde(rename = "leads:write")]
    LeadsWrite,
    #[serde(rename = "voice:use")]
    VoiceUse,
    #[serde(rename = "ai:use")]
    AiUse,
    #[serde(rename = "integrations:read")]
    IntegrationsRead,
    #[serde(rename = "integrations:write")]
    IntegrationsWrite,
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    pub const ALL: [Self; 9] = [
        Self::TasksRead,
        Self::TasksWrite,
        Self::LeadsRead,
        Self::LeadsWrite,
        Self::VoiceUse,
        Self::AiUse,
        Self::IntegrationsRead,
        Self::IntegrationsWrite,
        Self::Admin,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TasksRead => "tasks:read",
            Self::TasksWrite => "tasks:write",
            Self::LeadsRead => "leads:read",
            Self::LeadsWrite => "leads:write",
            Self::VoiceUse => "voice:use",
            Self::AiUse => "ai:use",
            Self::IntegrationsRead => "integrations:read",
            Self::IntegrationsWrite => "integrations:write",
            Self::Admin => "admin",
        }
    }

    /// Whether holding `self` is enough where `needed` is asked for.
    pub fn covers(self, needed: Self) -> bool {
        self == needed
            || self == Self::Admin
            || matches!(
                (self, needed),
                (Self::TasksWrite, Self::TasksRead)
                    | (Self::LeadsWrite, Self::LeadsRead)
                    | (Self::IntegrationsWrite, Self::IntegrationsRead)
            )
    }

    /// The scopes that a key of this role has where none are named.
    pub fn of(role: Role) -> Vec<Self> {
        match role {
            Role::Viewer => vec![Self::TasksRead, Self::LeadsRead, Self::IntegrationsRead],
            Role::Member => Self::ALL.into_iter().filter(|scope| *scope != Self::Admin).collect(),
            Role::Admin | Role::Owner | Role::System => Self::ALL.to_vec(),
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(|| {
            format!("unknown scope {text:?}; known are {}", Self::ALL.map(Self::as_str).join(", "))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub avatar_url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workspace {
    pub id: WorkspaceId,
    /// The name in URLs: lower case letters, digits and hyphens.
    pub slug: String,
    pub name: String,
}

/// `GET /session`: who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// `None` for an API key.
    pub user: Option<User>,
    /// The workspace of the request, or the session's last one.
    pub workspace: Option<Workspace>,
    pub role: Option<Role>,
    pub workspaces: Vec<Workspace>,
    pub expires_at: Option<DateTime>,
}

/// Where a person is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    pub id: SessionId,
    /// The one that asks.
    pub current: bool,
    /// The browser and its system, as far as it says so.
    pub device: String,
    /// From where it was opened.
    pub address: Option<String>,
    pub created_at: DateTime,
    pub last_seen_at: DateTime,
    pub expires_at: DateTime,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    pub user_id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
}

/// An API key as it is listed: never with its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub role: Role,
    pub scopes: Vec<Scope>,
    /// The first characters of the key, enough to recognise it by.
    pub prefix: String,
    pub created_at: DateTime,
    pub expires_at: Option<DateTime>,
    pub last_used_at: Option<DateTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_covers_read_and_nothing_else() {
        assert!(Scope::TasksWrite.covers(Scope::TasksRead));
        assert!(!Scope::TasksRead.covers(Scope::TasksWrite));
        assert!(!Scope::TasksWrite.covers(Scope::LeadsRead));
        assert!(Scope::ALL.into_iter().all(|scope| Scope::Admin.covers(scope)));
    }

    #[test]
    fn every_scope_reads_back_as_itself() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        assert!("tasks".parse::<Scope>().is_err());
    }

    #[test]
    fn a_viewer_reads_and_a_member_does_not_administer() {
        assert!(Scope::of(Role::Viewer).iter().all(|scope| scope.as_str().ends_with(":read")));
        assert!(!Scope::of(Role::Member).contains(&Scope::Admin));
        assert!(Role::Viewer < Role::Member && Role::Member < Role::Admin && Role::Admin < Role::Owner);
    }
}
