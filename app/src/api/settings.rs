//! How the workspace works.

use domain::settings::{Settings, SettingsPatch};
use domain::{Blank, Edit, Saved};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// The form, as a browser posts it with or without script: all fields, or none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsForm {
    pub workspace: String,
    #[serde(default)]
    pub version: Blank<i64>,
    /// A box that is not checked is not sent.
    #[serde(default)]
    pub preempt: Blank<bool>,
    #[serde(default)]
    pub branch_template: String,
    #[serde(default)]
    pub author_name: String,
    #[serde(default)]
    pub author_email: String,
}

impl From<SettingsForm> for SettingsPatch {
    fn from(form: SettingsForm) -> Self {
        Self {
            preempt: Some(form.preempt.0.unwrap_or_default()),
            branch_template: Edit::Set(form.branch_template),
            author_name: Edit::Set(form.author_name),
            author_email: Edit::Set(form.author_email),
            version: form.version.0,
        }
    }
}

#[server(endpoint = "/settings/get", input = Json)]
pub async fn get_settings(workspace: String) -> Result<Settings, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::settings::get(&mut tx).await?)
}

#[server(endpoint = "/settings/save")]
pub async fn save_settings(settings: SettingsForm) -> Result<Saved<Settings>, ApiError> {
    let mut tx = crate::api::request::begin(&settings.workspace).await?;
    let saved = backend::settings::update(&mut tx, settings.into()).await?;
    crate::api::request::save(tx, saved).await
}
