//! Comments: what people say about a task, or about a line of what an execution changed.

use crate::{CommentId, DateTime, ExecutionId, TaskId, UserId};
use serde::{Deserialize, Serialize};

/// The longest comment, in characters: its row in the feed stays small.
pub const TEXT_LIMIT: usize = 2_000;
/// The longest path, in characters.
pub const PATH_LIMIT: usize = 500;
/// The most comments of one task.
pub const COMMENTS_LIMIT: i64 = 1_000;

/// Which side of a diff a line stands on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Side {
    /// As the file was.
    Old,
    /// As it is now.
    #[default]
    New,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comment {
    pub id: CommentId,
    pub task_id: TaskId,
    pub text: String,
    /// The file it is about, as the execution's diff names it; none where it is about the task as a whole.
    pub path: Option<String>,
    pub line: Option<i64>,
    /// The side of the diff that the line is counted on.
    pub side: Option<Side>,
    /// The execution whose diff it is about.
    pub execution: Option<ExecutionId>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewComment {
    /// Made by the client: the same id again is the same comment.
    #[serde(default)]
    pub id: Option<CommentId>,
    pub text: String,
    #[serde(default)]
    pub path: Option<String>,
    /// 1, 2, 3 … of the file; only with `path`.
    #[serde(default)]
    pub line: Option<i64>,
    /// Default `new`.
    #[serde(default)]
    pub side: Option<Side>,
    /// An execution of the same task.
    #[serde(default)]
    pub execution: Option<ExecutionId>,
}
