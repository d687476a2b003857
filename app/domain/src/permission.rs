//! What each role may do: one closed table. Every operation of a facade asks for one of these, and nothing else
//! decides who may.

use crate::session::{Role, Scope};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $scope:ident, $least:ident;)+) => {
        /// Something that one may be allowed to do in a workspace.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $name),+
        }

        impl Permission {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word),+
                }
            }

            /// What an API key must hold for it, beside its role.
            pub fn scope(self) -> Scope {
                match self {
                    $(Self::$name => Scope::$scope),+
                }
            }

            /// The weakest role of a person who may.
            pub fn least(self) -> Role {
                match self {
                    $(Self::$name => Role::$least),+
                }
            }
        }
    };
}

permissions! {
    TaskRead = "tasks.read", TasksRead, Viewer;
    TaskCreate = "tasks.create", TasksWrite, Member;
    TaskUpdate = "tasks.update", TasksWrite, Member;
    TaskRemove = "tasks.remove", TasksWrite, Member;
    /// Start, pause, resume, cancel, retry.
    TaskControl = "tasks.control", TasksWrite, Member;
    CommentRead = "comments.read", TasksRead, Viewer;
    CommentWrite = "comments.write", TasksWrite, Member;
    ExecutionRead = "executions.read", TasksRead, Viewer;
    PublicationRead = "publications.read", TasksRead, Viewer;
    Publish = "publications.create", TasksWrite, Member;
    RepositoryRead = "repositories.read", TasksRead, Viewer;
    RepositoryWrite = "repositories.write", TasksWrite, Member;
    /// Let executions in a repository reach the network.
    RepositoryOpen = "repositories.open_network", Admin, Admin;
    TemplateRead = "templates.read", TasksRead, Viewer;
    TemplateWrite = "templates.write", TasksWrite, Member;
    ScheduleRead = "schedules.read", TasksRead, Viewer;
    ScheduleWrite = "schedules.write", TasksWrite, Member;
    ViewRead = "views.read", TasksRead, Viewer;
    /// A view of one's own.
    ViewKeep = "views.keep", TasksRead, Viewer;
    ViewShare = "views.share", TasksWrite, Member;
    AgentRead = "agents.read", TasksRead, Viewer;
    SettingsRead = "settings.read", TasksRead, Viewer;
    SettingsWrite = "settings.write", Admin, Admin;
    SecretRead = "secrets.read", IntegrationsRead, Viewer;
    SecretWrite = "secrets.write", IntegrationsWrite, Member;
    SecretUse = "secrets.use", IntegrationsWrite, Member;
    MemberRead = "members.read", TasksRead, Viewer;
    MemberInvite = "members.invite", Admin, Admin;
    MemberChange = "members.change", Admin, Admin;
    KeyRead = "keys.read", Admin, Admin;
    KeyCreate = "keys.create", Admin, Admin;
    KeyRevoke = "keys.revoke", Admin, Admin;
    AuditRead = "audit.read", Admin, Admin;
    AuditExport = "audit.export", Admin, Admin;
    WorkspaceRename = "workspace.rename", Admin, Admin;
    WorkspaceTransfer = "workspace.transfer", Admin, Owner;
    WorkspaceDelete = "workspace.delete", Admin, Owner;
}

impl Permission {
    /// Whether this role has it. `system` does the work of others, and gives nobody's workspace away.
    pub fn is_held_by(self, role: Role) -> bool {
        match role {
            Role::System => !matches!(self, Self::WorkspaceTransfer | Self::WorkspaceDelete),
            role => role >= self.least(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V: [bool; 5] = [true, true, true, true, true];
    const M: [bool; 5] = [false, true, true, true, true];
    const A: [bool; 5] = [false, false, true, true, true];
    const O: [bool; 5] = [false, false, false, true, false];

    /// Written out a second time, by hand: whoever changes the table above changes it here too, and means it.
    #[test]
    fn every_operation_by_every_role() {
        use Permission as P;
        let roles = [Role::Viewer, Role::Member, Role::Admin, Role::Owner, Role::System];
        let table = [
            (P::TaskRead, V),
            (P::TaskCreate, M),
            (P::TaskUpdate, M),
            (P::TaskRemove, M),
            (P::TaskControl, M),
            (P::CommentRead, V),
            (P::CommentWrite, M),
            (P::ExecutionRead, V),
            (P::PublicationRead, V),
            (P::Publish, M),
            (P::RepositoryRead, V),
            (P::RepositoryWrite, M),
            (P::RepositoryOpen, A),
            (P::TemplateRead, V),
            (P::TemplateWrite, M),
            (P::ScheduleRead, V),
            (P::ScheduleWrite, M),
            (P::ViewRead, V),
            (P::ViewKeep, V),
            (P::ViewShare, M),
            (P::AgentRead, V),
            (P::SettingsRead, V),
            (P::SettingsWrite, A),
            (P::SecretRead, V),
            (P::SecretWrite, M),
            (P::SecretUse, M),
            (P::MemberRead, V),
            (P::MemberInvite, A),
            (P::MemberChange, A),
            (P::KeyRead, A),
            (P::KeyCreate, A),
            (P::KeyRevoke, A),
            (P::AuditRead, A),
            (P::AuditExport, A),
            (P::WorkspaceRename, A),
            (P::WorkspaceTransfer, O),
            (P::WorkspaceDelete, O),
        ];
        assert_eq!(table.map(|(permission, _)| permission), Permission::ALL, "in the order of the table");
        for (permission, expected) in table {
            assert_eq!(roles.map(|role| permission.is_held_by(role)), expected, "{permission:?}");
        }
    }

    #[test]
    fn a_role_holds_the_scope_of_all_that_it_may() {
        for permission in Permission::ALL {
            let scopes = Scope::of(permission.least());
            let covered = scopes.iter().any(|scope| scope.covers(permission.scope()));
            assert!(covered, "{permission:?} could be used by nobody");
        }
    }
}
