//! Executions: the runs of a task, their output and what they changed.

use domain::executions::{Diff, EventPage, Execution};
use domain::{ExecutionId, TaskId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// The executions of one task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionsOf {
    pub workspace: String,
    pub task: TaskId,
}

/// One execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionAt {
    pub workspace: String,
    pub id: ExecutionId,
}

/// A page of an execution's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventQuery {
    pub workspace: String,
    pub id: ExecutionId,
    pub after: i64,
    pub limit: u32,
}

/// The most events in one answer.
pub const EVENTS_LIMIT: u32 = 1_000;

#[server(endpoint = "/executions/list", input = Json)]
pub async fn list_executions(query: ExecutionsOf) -> Result<Vec<Execution>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::list(&mut tx, query.task).await?)
}

#[server(endpoint = "/executions/get", input = Json)]
pub async fn get_execution(query: ExecutionAt) -> Result<Execution, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::get(&mut tx, query.id).await?)
}

#[server(endpoint = "/executions/events", input = Json)]
pub async fn list_events(query: EventQuery) -> Result<EventPage, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    let limit = query.limit.min(EVENTS_LIMIT);
    Ok(backend::executions::events(&mut tx, query.id, query.after, limit).await?)
}

#[server(endpoint = "/executions/diff", input = Json)]
pub async fn get_diff(query: ExecutionAt) -> Result<Diff, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::diff(&mut tx, query.id).await?)
}
