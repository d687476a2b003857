//! The board: its columns, their further pages, and what ended tasks came to.

use domain::board::{Board, Column, Glance};
use domain::session::Member;
use domain::tasks::Task;
use domain::{Page, TaskId};
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
