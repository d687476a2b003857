//! Going somewhere by a few words.

use domain::search::Found;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// What somebody has typed so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub workspace: String,
    pub words: String,
}

#[server(endpoint = "/search/find", input = Json)]
pub async fn find(query: Words) -> Result<Found, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::search::find(&mut tx, &query.words).await?)
}
