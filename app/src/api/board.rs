//! The board: its columns, their further pages, and what ended tasks came to.

use domain::board::{Board, Column, Glance};
use domain::bulk::{BulkAnswer, BulkRequest};
use domain::session::Member;
use domain::tasks::{Task, TaskPatch};
use domain::{Page, Saved, TaskId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;
use crate::api::tasks::TaskQuery;

/// Tasks of which something is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TasksOf {
    pub workspace: String,
    pub ids: Vec<TaskId>,
}

/// A change of one task from where it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskEdit {
    pub workspace: String,
    pub id: TaskId,
    pub patch: TaskPatch,
}

/// One change to many tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkOf {
    pub workspace: String,
    pub request: BulkRequest,
}

#[server(endpoint = "/board/read", input = Json)]
pub async fn read_board(query: TaskQuery) -> Result<Board, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::read(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/board/list", input = Json)]
pub async fn read_list(query: TaskQuery) -> Result<Board, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::read_list(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/board/page", input = Json)]
pub async fn read_page(query: TaskQuery) -> Result<Page<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::page(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/board/totals", input = Json)]
pub async fn count_board(query: TaskQuery) -> Result<Vec<(Column, i64)>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::totals(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/board/glances", input = Json)]
pub async fn glance_at(query: TasksOf) -> Result<Vec<Glance>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::glances(&mut tx, &query.ids).await?)
}

#[server(endpoint = "/board/members", input = Json)]
pub async fn list_members(workspace: String) -> Result<Vec<Member>, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::auth::members(&mut tx).await?)
}

/// Every task of a filter, up to what can be chosen at once.
#[server(endpoint = "/board/tasks", input = Json)]
pub async fn every_task(query: TaskQuery) -> Result<Vec<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::board::all(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/board/edit", input = Json)]
pub async fn edit_task(edit: TaskEdit) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&edit.workspace).await?;
    let task = backend::tasks::update(&mut tx, edit.id, edit.patch).await?;
    crate::api::request::save(tx, task).await
}

#[server(endpoint = "/board/bulk", input = Json)]
pub async fn bulk_tasks(bulk: BulkOf) -> Result<Saved<BulkAnswer>, ApiError> {
    let mut tx = crate::api::request::begin(&bulk.workspace).await?;
    let answer = backend::bulk::change(&mut tx, bulk.request).await?;
    crate::api::request::save(tx, answer).await
}
