//! Who is signed in, and how they like to see things.

use domain::Blank;
use domain::session::Session;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;
use crate::api::preferences::{Language, Theme};

/// Whose session, seen from which workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionQuery {
    /// The slug in the page's path; `None` outside any workspace.
    pub workspace: Option<String>,
}

/// What the frame of a page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionView {
    pub session: Session,
    /// The refusal of a form that was sent without script, shown once.
    pub flash: Option<ApiError>,
}

/// A choice of appearance; what is empty stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appearance {
    #[serde(default)]
    pub theme: Blank<Theme>,
    #[serde(default)]
    pub language: Blank<Language>,
}

#[server(endpoint = "/session/get", input = Json)]
pub async fn get_session(query: SessionQuery) -> Result<SessionView, ApiError> {
    let session = crate::api::request::session(query.workspace.as_deref()).await?;
    Ok(SessionView { session, flash: crate::api::request::flash() })
}

#[server(endpoint = "/session/appearance")]
pub async fn set_appearance(appearance: Appearance) -> Result<(), ApiError> {
    crate::api::request::remember(appearance)
}
