//! Saved views: one's own, and the workspace's.

use domain::views::{NewView, SavedView, ViewPatch};
use domain::{Saved, ViewId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// A view to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewNew {
    pub workspace: String,
    pub view: NewView,
}

/// A view to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChange {
    pub workspace: String,
    pub id: ViewId,
    pub patch: ViewPatch,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewAt {
    pub workspace: String,
    pub id: ViewId,
}

#[server(endpoint = "/views/list", input = Json)]
pub async fn list_views(workspace: String) -> Result<Vec<SavedView>, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::views::list(&mut tx).await?)
}

#[server(endpoint = "/views/create", input = Json)]
pub async fn create_view(new: ViewNew) -> Result<Saved<SavedView>, ApiError> {
    let mut tx = crate::api::request::begin(&new.workspace).await?;
    let view = backend::views::create(&mut tx, new.view).await?;
    crate::api::request::save(tx, view).await
}

#[server(endpoint = "/views/update", input = Json)]
pub async fn update_view(change: ViewChange) -> Result<Saved<SavedView>, ApiError> {
    let mut tx = crate::api::request::begin(&change.workspace).await?;
    let view = backend::views::update(&mut tx, change.id, change.patch).await?;
    crate::api::request::save(tx, view).await
}

#[server(endpoint = "/views/remove", input = Json)]
pub async fn remove_view(view: ViewAt) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&view.workspace).await?;
    backend::views::remove(&mut tx, view.id).await?;
    crate::api::request::save(tx, ()).await
}
