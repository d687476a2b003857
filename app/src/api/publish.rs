//! Publishing what an execution changed.

use domain::publish::{NewPublication, Publication, PublishAction};
use domain::{Blank, ExecutionId, Saved};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// The form, as a browser posts it with or without script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishForm {
    pub workspace: String,
    pub execution: ExecutionId,
    pub action: PublishAction,
    /// Left empty: by the template.
    #[serde(default)]
    pub branch: Blank<String>,
}

impl From<PublishForm> for NewPublication {
    fn from(form: PublishForm) -> Self {
        // A merge is into the default branch, whatever name was typed for a new one.
        let branch = form.branch.0.filter(|_| form.action != PublishAction::Merge);
        Self { id: None, action: form.action, branch, message: None }
    }
}

#[server(endpoint = "/executions/publish")]
pub async fn publish_execution(publication: PublishForm) -> Result<Saved<Publication>, ApiError> {
    let mut tx = crate::api::request::begin(&publication.workspace).await?;
    let ordered = backend::publish::publish(&mut tx, publication.execution, publication.into()).await?;
    crate::api::request::save(tx, ordered).await
}
