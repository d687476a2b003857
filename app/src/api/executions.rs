//! Executions: the runs of a task, their output and what they changed.

use domain::diff::{ShownDiff, ShownFile};
use domain::executions::Execution;
use domain::log::{LogCommand, LogHits, LogPage};
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

#[server(endpoint = "/executions/diff", input = Json)]
pub async fn get_diff(query: ExecutionAt) -> Result<ShownDiff, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::diff::shown(&mut tx, query.id).await?)
}

/// One file of an execution's diff, by its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileAt {
    pub workspace: String,
    pub id: ExecutionId,
    pub place: usize,
}

#[server(endpoint = "/executions/diff/file", input = Json)]
pub async fn get_file(query: FileAt) -> Result<ShownFile, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::executions::diff::file(&mut tx, query.id, query.place).await?)
}

/// Lines of an execution's log from one on; from 0: the last ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogQuery {
    pub workspace: String,
    pub id: ExecutionId,
    pub line: i64,
    pub limit: u32,
}

/// What to find in an execution's log, after a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSearch {
    pub workspace: String,
    pub id: ExecutionId,
    pub q: String,
    pub after: i64,
    pub limit: u32,
}

#[server(endpoint = "/executions/log", input = Json)]
pub async fn read_log(query: LogQuery) -> Result<LogPage, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    let page = backend::executions::log::log(&mut tx, query.id, query.line, query.limit).await?;
    tx.commit().await?;
    Ok(page)
}

#[server(endpoint = "/executions/log/commands", input = Json)]
pub async fn list_commands(query: ExecutionAt) -> Result<Vec<LogCommand>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    let commands = backend::executions::log::commands(&mut tx, query.id).await?;
    tx.commit().await?;
    Ok(commands)
}

#[server(endpoint = "/executions/log/search", input = Json)]
pub async fn search_log(search: LogSearch) -> Result<LogHits, ApiError> {
    let LogSearch { workspace, id, q, after, limit } = search;
    let mut tx = crate::api::request::begin(&workspace).await?;
    let hits = backend::executions::log::search(&mut tx, id, &q, after, limit).await?;
    tx.commit().await?;
    Ok(hits)
}
