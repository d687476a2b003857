//! Saved views: filters under a name, one's own or the workspace's.

use crate::{DateTime, UserId, ViewId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The longest name, in characters.
pub const VIEW_NAME_LIMIT: usize = 60;
/// The most views of one person or of a workspace's own.
pub const VIEWS_LIMIT: usize = 100;
/// The most filters of a view, and the longest of their values.
pub const FILTERS_LIMIT: usize = 20;
pub const FILTER_LIMIT: usize = 400;

/// Filters as the page's address has them: `{"status": "queued,running"}`.
pub type Filters = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    pub id: ViewId,
    /// What it lists: `task`.
    pub entity: String,
    pub name: String,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub filters: Filters,
    /// Seen by the whole workspace; else by its owner alone.
    pub shared: bool,
    pub owner_id: Option<UserId>,
    /// Views stand in this order, then by name.
    pub position: i64,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewView {
    /// Made by the client (UUID v7), so that the same request twice makes one view.
    #[serde(default)]
    pub id: Option<ViewId>,
    /// `task`, which is also the default.
    #[serde(default)]
    pub entity: Option<String>,
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub filters: Filters,
    #[serde(default)]
    pub shared: bool,
    /// Default: behind the others.
    #[serde(default)]
    pub position: Option<i64>,
}

/// The fields to change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub filters: Option<Filters>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}
