//! Who is asking. A [`Person`] is signed in; a [`Caller`] is somebody in one workspace, with a role and scopes.
//!
//! Both have private fields and no public constructor: only this crate makes them, from evidence.
//!
//! ```compile_fail
//! // Nothing outside can claim to be somebody.
//! let caller = tenancy::Caller { workspace: todo!(), actor: todo!(), role: todo!(), scopes: todo!() };
//! ```
//!
//! ```compile_fail
//! let person = tenancy::Person { user: todo!(), session: todo!() };
//! ```

use domain::permission::Permission;
use domain::session::{Role, Scope};
use domain::{ApiKeyId, SessionId, UserId, WorkspaceId};

/// A signed-in user who has not entered a workspace yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

impl Person {
    pub fn user(&self) -> UserId {
        self.user
    }

    pub fn session(&self) -> SessionId {
        self.session
    }
}

/// What kind of somebody a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    Person {
        user: UserId,
        session: SessionId,
    },
    Key {
        key: ApiKeyId,
        made_by: Option<UserId>,
    },
    /// A job that was claimed from the queue, for the person who caused it where there is one.
    Job {
        by: Option<UserId>,
    },
    Operator,
}

/// Somebody in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub(crate) workspace: WorkspaceId,
    pub(crate) actor: Actor,
    pub(crate) role: Role,
    pub(crate) scopes: Vec<Scope>,
}

/// The caller may not do this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this needs {needed:?}, which the role {role} or this key does not have")]
pub struct Refusal {
    pub needed: Permission,
    pub role: Role,
}

impl Caller {
    pub(crate) fn in_role(workspace: WorkspaceId, actor: Actor, role: Role) -> Self {
        Self { workspace, actor, role, scopes: Scope::of(role) }
    }

    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    pub fn actor(&self) -> Actor {
        self.actor
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The person behind it, whom a change is signed with.
    pub fn user(&self) -> Option<UserId> {
        match self.actor {
            Actor::Person { user, .. } => Some(user),
            Actor::Key { made_by, .. } => made_by,
            Actor::Job { by } => by,
            Actor::Operator => None,
        }
    }

    /// Whose idempotency keys these are: the session's or the API key's own.
    pub fn owner(&self) -> uuid::Uuid {
        match self.actor {
            Actor::Person { session, .. } => session.0,
            Actor::Key { key, .. } => key.0,
            Actor::Job { .. } | Actor::Operator => uuid::Uuid::nil(),
        }
    }

    /// Whether role and scopes reach this far: for what is shown. What is done asks for [`require`](Self::require).
    pub fn may(&self, needed: Scope) -> bool {
        let by_role = Scope::of(self.role).iter().any(|held| held.covers(needed));
        by_role && self.scopes.iter().any(|held| held.covers(needed))
    }

    /// Refuses what neither the role nor the key's scopes allow. Every operation of a facade begins with it.
    pub fn require(&self, needed: Permission) -> Result<(), Refusal> {
        let allowed = needed.is_held_by(self.role) && self.may(needed.scope());
        if allowed { Ok(()) } else { Err(Refusal { needed, role: self.role }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, scopes: &[Scope]) -> Caller {
        let id = uuid::Uuid::nil();
        let actor = Actor::Key { key: id.into(), made_by: None };
        Caller { workspace: id.into(), actor, role, scopes: scopes.to_vec() }
    }

    #[test]
    fn a_key_has_no_more_than_both_its_role_and_its_scopes() {
        let cases = [
            (Role::Viewer, vec![Scope::TasksWrite], Scope::TasksWrite, false),
            (Role::Viewer, vec![Scope::TasksWrite], Scope::TasksRead, true),
            (Role::Member, vec![Scope::TasksRead], Scope::TasksWrite, false),
            (Role::Member, vec![Scope::TasksWrite], Scope::TasksWrite, true),
            (Role::Owner, vec![], Scope::TasksRead, false),
            (Role::Admin, vec![Scope::Admin], Scope::LeadsWrite, true),
        ];
        for (role, scopes, needed, expected) in cases {
            assert_eq!(caller(role, &scopes).may(needed), expected, "{role} {scopes:?} {needed:?}");
        }
    }

    #[test]
    fn an_operation_needs_both_the_role_and_the_scope() {
        let cases = [
            (Role::Member, vec![Scope::TasksWrite], Permission::TaskCreate, true),
            (Role::Member, vec![Scope::TasksRead], Permission::TaskCreate, false),
            (Role::Viewer, vec![Scope::TasksWrite], Permission::TaskCreate, false),
            (Role::Admin, vec![Scope::Admin], Permission::WorkspaceDelete, false),
            (Role::Owner, vec![Scope::Admin], Permission::WorkspaceDelete, true),
            (Role::System, vec![Scope::Admin], Permission::WorkspaceDelete, false),
        ];
        for (role, scopes, needed, expected) in cases {
            let caller = caller(role, &scopes);
            assert_eq!(caller.require(needed).is_ok(), expected, "{role} {scopes:?} {needed:?}");
        }
    }
}
