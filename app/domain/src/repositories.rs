//! Git repositories that tasks work on.

use crate::{DateTime, Edit, RepositoryId};
use serde::{Deserialize, Serialize};

/// The most executions at once that a repository can be limited to.
pub const MAX_RUNNING_LIMIT: u32 = 1_000;

/// What the last look at a repository found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RepositoryStatus {
    Ready,
    /// It has no commit yet: a task can start only once there is one.
    Empty,
    Unreachable,
}

/// Which network an execution on this repository has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Network {
    #[default]
    None,
    /// The internet, but never the machine's own loopback.
    Full,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repository {
    pub id: RepositoryId,
    pub name: String,
    /// A path under the operator's roots, or an `https://` or `ssh` URL.
    pub url: String,
    pub default_branch: String,
    pub setup_script: String,
    /// Only in the feed: the set-up script is longer than what stands here, and REST has the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    pub network: Network,
    pub status: RepositoryStatus,
    /// One sentence where the status is not `ready`, else empty.
    pub status_detail: String,
    /// How many of its executions may run at once; `null`: as many as there are slots.
    #[serde(default)]
    pub max_running: Option<u32>,
    /// The branches that its results are published on; `null`: as the workspace has it.
    #[serde(default)]
    pub branch_template: Option<String>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRepository {
    #[serde(default)]
    pub id: Option<RepositoryId>,
    /// Default: the last part of the path or URL.
    #[serde(default)]
    pub name: Option<String>,
    pub url: String,
    /// Default: the branch that HEAD names.
    #[serde(default)]
    pub default_branch: Option<String>,
    #[serde(default)]
    pub setup_script: Option<String>,
    #[serde(default)]
    pub network: Network,
    /// 1 to 1,000.
    #[serde(default)]
    pub max_running: Option<u32>,
    #[serde(default)]
    pub branch_template: Option<String>,
}

/// The fields to change; what is absent stays, and `null` takes a value off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepositoryPatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::edit::given")]
    pub default_branch: Option<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub setup_script: Edit<String>,
    /// `null` is `none`, the safest.
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Network>))]
    pub network: Edit<Network>,
    /// 1 to 1,000; `null`: as many as there are slots.
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub max_running: Edit<u32>,
    /// `null`: as the workspace has it.
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub branch_template: Edit<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}
