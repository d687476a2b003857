//! Who did what with a task.

use domain::activity::Activity;
use domain::{Page, TaskId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// A page of a task's activity; an empty cursor is the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityOf {
    pub workspace: String,
    pub task: TaskId,
    pub cursor: String,
}

#[server(endpoint = "/activity/list", input = Json)]
pub async fn list_activity(query: ActivityOf) -> Result<Page<Activity>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::activity::list(&mut tx, query.task, 20, &query.cursor).await?)
}
