//! The vocabulary that browser and server share: ids, resources, changes and problems.
//!
//! It owns the wire form of every resource (`design: contract, section 6`) and the pure parsing of what people type.
//! It must never know Leptos, axum, sqlx, tokio, the time of day or randomness: times and ids are passed in.
//! Start reading at [`tasks`] and [`change`].

pub mod activity;
pub mod ansi;
pub mod asks;
pub mod audit;
pub mod blank;
pub mod board;
pub mod branch;
pub mod bulk;
pub mod change;
pub mod comments;
pub mod diff;
pub mod edit;
pub mod executions;
pub mod id;
pub mod log;
pub mod permission;
pub mod presence;
pub mod problem;
pub mod progress;
pub mod publish;
pub mod repositories;
pub mod search;
pub mod secrets;
pub mod session;
pub mod settings;
pub mod tasks;
pub mod templates;
pub mod text;
pub mod views;
pub mod workspaces;

pub use blank::Blank;
pub use change::{Change, Epoch, Operation, Saved, Seq};
pub use edit::Edit;
pub use id::{
    ActivityId, ApiKeyId, AskId, AuditEntryId, CommentId, EventId, ExecutionId, InvitationId, PublicationId,
    RepositoryId, ScheduleId, SecretId, SessionId, TaskId, TemplateId, UserId, ViewId, WorkspaceId,
};
pub use problem::{Code, Problem};

/// An instant in UTC, as RFC 3339 on the wire. The name is the one that schemas are recognised by.
pub type DateTime = chrono::DateTime<chrono::Utc>;

/// One page of a list, and the cursor of the next.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}
