//! Activity: who did what with a task, and when.

use crate::tasks::words;
use crate::{ActivityId, DateTime, UserId};
use serde::{Deserialize, Serialize};

/// The longest detail, in characters.
pub const DETAIL_LIMIT: usize = 200;
/// The most in one page.
pub const ACTIVITY_LIMIT: u32 = 100;

words! {
    ActivityKind {
        Created = "created",
        /// `detail`: the fields, with commas between them.
        Edited = "edited",
        Started = "started",
        Retried = "retried",
        Paused = "paused",
        Resumed = "resumed",
        Cancelled = "cancelled",
        /// A run has ended. `detail`: the status that the task took.
        Ended = "ended",
        /// The agent asked. `detail`: what.
        Asked = "asked",
        /// A person allowed what the agent asked for. `detail`: what.
        Approved = "approved",
        Denied = "denied",
        /// A person answered the agent's question. `detail`: the question.
        Answered = "answered",
        /// A person said something to the agent.
        Told = "told",
        /// `detail`: the file and line, where it is about one.
        Commented = "commented",
        /// `detail`: `branch`, `push` or `merge`, and into which branch.
        Published = "published",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    pub id: ActivityId,
    pub at: DateTime,
    pub kind: ActivityKind,
    /// What exactly; may be empty.
    pub detail: String,
    /// Nobody where it happened by itself, or a program did it.
    pub by: Option<UserId>,
}
