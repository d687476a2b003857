//! Typed ids. Each is a UUID v7 on the wire; none is interchangeable with another.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A workspace, the tenant.
    WorkspaceId,
    /// A person, in any number of workspaces.
    UserId,
    /// A browser session of a person.
    SessionId,
    /// A program's key to one workspace.
    ApiKeyId,
    /// An entry of the audit trail.
    AuditEntryId,
    /// A secret that is kept sealed.
    SecretId,
    /// An invitation into a workspace.
    InvitationId,
    /// A task.
    TaskId,
    /// A repository that tasks work on.
    RepositoryId,
    /// A saved view: filters under a name.
    ViewId,
    /// One run of a task by one agent.
    ExecutionId,
    /// One try to publish what an execution changed.
    PublicationId,
    /// What new tasks begin with.
    TemplateId,
    /// Times at which tasks are made.
    ScheduleId,
    /// What somebody said about a task.
    CommentId,
    /// What an agent asks a person.
    AskId,
    /// Something that somebody did with a task.
    ActivityId,
    /// Any row of the feed, where its kind is known from the entity beside it.
    EventId,
}
