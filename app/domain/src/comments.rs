//! Comments: what people say about a task, or about a line of what an execution changed.

use crate::tasks::{Task, words};
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

words! {
    /// What became of comments that were sent to an agent as one.
    ReviewTo {
        /// The agent that runs was told.
        Told = "told",
        /// The task runs again, and its agent was told.
        Retried = "retried",
        /// A script can't be told anything: they stand in a new task.
        FollowUp = "follow_up",
    }
}

/// Comments on lines, sent as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Review {
    pub to: ReviewTo,
    /// How many comments it holds.
    pub comments: u32,
    /// The task that goes on with them.
    pub task: Task,
}

/// How comments are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewReview {
    /// The id of the follow-up task, where there will be one: the same again makes one task.
    #[serde(default)]
    pub id: Option<TaskId>,
}
