//! The change feed's wire form: one committed change of one row.

use crate::{DateTime, EventId, UserId};
use serde::{Deserialize, Serialize};

/// A place in a workspace's change feed: 1, 2, 3 … without gaps, in commit order.
pub type Seq = i64;

/// Names one life of the feed. It changes only when the log is rebuilt, so that a client starts over.
pub type Epoch = String;

/// What was done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Operation {
    Insert,
    Update,
    Delete,
}

/// One committed change of one row.
///
/// `row` is the resource as REST gives it (on delete, as it last was); long text and output are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub seq: Seq,
    /// `task`, `execution`, `repository`, …
    pub entity: String,
    pub id: EventId,
    pub op: Operation,
    pub row: serde_json::Value,
    pub by: Option<UserId>,
    pub at: DateTime,
}

/// What a write returns: the object, and its place in the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Saved<T> {
    #[serde(flatten)]
    pub value: T,
    /// `None` where the write changed nothing that is fed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub seq: Option<Seq>,
}
