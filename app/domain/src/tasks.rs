//! Tasks: units of work that agents carry out.

use crate::{DateTime, Edit, RepositoryId, TaskId, UserId};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("must be one of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How urgent, least first.
    Priority { Low = "low", Normal = "normal", High = "high", Urgent = "urgent" }
}

words! {
    TaskStatus {
        Draft = "draft",
        Queued = "queued",
        Running = "running",
        Paused = "paused",
        /// It needs a person: an approval, an answer.
        Waiting = "waiting",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

words! {
    /// Who executes.
    Agent {
        /// Commands, no model.
        Shell = "shell",
        /// The operator's own program, which speaks the agents' wire.
        Custom = "custom",
    }
}

impl Agent {
    /// Whether it hears what people say while it runs. A script doesn't.
    pub fn listens(self) -> bool {
        match self {
            Self::Shell => false,
            Self::Custom => true,
        }
    }
}

impl TaskStatus {
    /// Nothing runs and nothing will by itself.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Draft | Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// The longest title, in characters.
pub const TITLE_LIMIT: usize = 200;
/// The longest description, in characters.
pub const DESCRIPTION_LIMIT: usize = 65_536;
/// The longest script, in characters.
pub const SCRIPT_LIMIT: usize = 65_536;
/// The most labels on one task, and the longest of them.
pub const LABELS_LIMIT: usize = 10;
pub const LABEL_LIMIT: usize = 40;
/// The most tasks that one waits for.
pub const BLOCKERS_LIMIT: usize = 20;
/// In the feed, description and script are cut at this many characters each, and the task says so.
pub const FED_TEXT_LIMIT: usize = 1_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    pub id: TaskId,
    /// 1, 2, 3 … in its workspace: what people say aloud.
    pub number: i64,
    pub title: String,
    pub description: String,
    pub priority: Priority,
    pub status: TaskStatus,
    pub repository_id: Option<RepositoryId>,
    pub agent: Agent,
    /// What the shell agent runs, and what another agent may read beside the description.
    pub script: String,
    /// Only in the feed: description or script is longer than what stands here, and REST has the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    pub labels: Vec<String>,
    pub assignee_id: Option<UserId>,
    /// Tasks that must be completed before this one begins.
    #[serde(default)]
    pub blocked_by: Vec<TaskId>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub started_at: Option<DateTime>,
    pub completed_at: Option<DateTime>,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTask {
    /// Made by the client (UUID v7), so that the same request twice makes one task.
    #[serde(default)]
    pub id: Option<TaskId>,
    pub title: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Id or name.
    #[serde(default)]
    pub repository: Option<String>,
    #[serde(default)]
    pub agent: Option<Agent>,
    #[serde(default)]
    pub script: Option<String>,
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    #[serde(default)]
    pub assignee_id: Option<UserId>,
    /// Tasks that must be completed before this one begins: at most 20.
    #[serde(default)]
    pub blocked_by: Option<Vec<TaskId>>,
    /// Queue it now.
    #[serde(default)]
    pub start: bool,
}

/// The fields to change; what is absent stays, and `null` takes a value off. `version` is the one that the changes were
/// made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskPatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Edit<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub priority: Option<Priority>,
    /// Id or name; `null` or an empty text takes the repository off.
    #[serde(default, alias = "repository_id", skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub repository: Edit<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub agent: Option<Agent>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub script: Edit<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub labels: Edit<Vec<String>>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UserId>))]
    pub assignee_id: Edit<UserId>,
    /// All the tasks that must be completed before this one begins; `null` or none: it waits for none.
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<TaskId>>))]
    pub blocked_by: Edit<Vec<TaskId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// A filter over the workspace's tasks. Every part that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct TaskFilter {
    /// One or more, separated by commas.
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub priority: Option<Priority>,
    /// Id or name.
    #[serde(default)]
    pub repository: Option<String>,
    /// A label that the task has.
    #[serde(default)]
    pub label: Option<String>,
    /// A member's id, `me`, or `none` for tasks that nobody has.
    #[serde(default)]
    pub assignee: Option<String>,
    #[serde(default)]
    pub agent: Option<Agent>,
    /// Words in title or description, or a number.
    #[serde(default)]
    pub q: Option<String>,
    /// `created_at`, `updated_at`, `number` or `priority`; a leading `-` is descending. Default `-created_at`.
    #[serde(default)]
    pub sort: Option<String>,
    /// 1 to 200, default 50.
    #[serde(default)]
    pub limit: Option<u32>,
    #[serde(default)]
    pub cursor: Option<String>,
}
