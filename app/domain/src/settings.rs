//! How a workspace works: what its administrators choose.

use crate::Edit;
use crate::edit::given;
use serde::{Deserialize, Serialize};

/// The branches that results are published on, where nothing else is chosen.
pub const BRANCH_TEMPLATE: &str = "switchboard/{number}-{slug}";
/// The longest branch template, and the longest name of an author.
pub const TEMPLATE_LIMIT: usize = 200;
pub const AUTHOR_LIMIT: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// A more urgent task may pause one that runs; that one goes on by itself when there is room.
    pub preempt: bool,
    /// The branches that results are published on. `{number}`, `{slug}`, `{execution}` and `{priority}` stand for the
    /// task's own.
    pub branch_template: String,
    /// Who the commits of published results are by.
    pub author_name: String,
    pub author_email: String,
    pub version: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            preempt: false,
            branch_template: BRANCH_TEMPLATE.to_owned(),
            author_name: "Switchboard".to_owned(),
            author_email: "switchboard@localhost".to_owned(),
            version: 0,
        }
    }
}

/// The fields to change; what is absent stays, and `null` is the default again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsPatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub preempt: Option<bool>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub branch_template: Edit<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub author_name: Edit<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub author_email: Edit<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}
