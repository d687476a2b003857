//! Publishing what an execution changed: a branch, a push, a merge.

use crate::tasks::words;
use crate::{DateTime, PublicationId, UserId};
use serde::{Deserialize, Serialize};

words! {
    /// What is done with a result. A request to merge at a forge will be one more.
    PublishAction {
        /// A new branch in a repository of this machine.
        Branch = "branch",
        /// A new branch, pushed to the remote.
        Push = "push",
        /// Into the default branch of a repository of this machine.
        Merge = "merge",
    }
}

words! {
    PublishStatus { Queued = "queued", Running = "running", Done = "done", Failed = "failed" }
}

impl PublishStatus {
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed)
    }
}

/// The longest message of a commit.
pub const MESSAGE_LIMIT: usize = 10_000;
/// So many of the newest are kept of an execution.
pub const PUBLICATIONS_LIMIT: usize = 8;
/// The longest sentence on how one went.
pub const DETAIL_LIMIT: usize = 600;

/// One try to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Publication {
    pub id: PublicationId,
    pub action: PublishAction,
    /// The branch that is made or merged into.
    pub branch: String,
    pub status: PublishStatus,
    /// One sentence where it failed or is tried again, else empty.
    pub detail: String,
    /// The commit that was published.
    pub commit: Option<String>,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
    pub finished_at: Option<DateTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPublication {
    /// Made by the client (UUID v7), so that the same request twice publishes once.
    #[serde(default)]
    pub id: Option<PublicationId>,
    pub action: PublishAction,
    /// Default: by the repository's or the workspace's template. A merge is into the default branch alone.
    #[serde(default)]
    pub branch: Option<String>,
    /// Of the commit. Default: the task's title and description.
    #[serde(default)]
    pub message: Option<String>,
}
