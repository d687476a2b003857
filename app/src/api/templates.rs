//! Templates of tasks: the list, and the form that adds and changes one.

use domain::tasks::Priority;
use domain::templates::{NewTemplate, Template, TemplatePatch};
use domain::{Blank, Edit, Saved, TemplateId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;
use crate::api::tasks::{labels, unix_lines};

/// One template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateAt {
    pub workspace: String,
    pub id: TemplateId,
}

/// The form, as a browser posts it with or without script. Without `id` it adds one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateForm {
    pub workspace: String,
    #[serde(default)]
    pub id: Blank<TemplateId>,
    #[serde(default)]
    pub version: Blank<i64>,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub script: String,
    #[serde(default)]
    pub repository: Blank<String>,
    /// Separated by commas.
    #[serde(default)]
    pub labels: String,
    #[serde(default)]
    pub priority: Blank<Priority>,
}

impl From<TemplateForm> for NewTemplate {
    fn from(form: TemplateForm) -> Self {
        Self {
            name: form.name,
            title: form.title,
            description: Some(unix_lines(&form.description)),
            script: Some(unix_lines(&form.script)),
            repository: form.repository.0,
            labels: Some(labels(&form.labels)),
            priority: form.priority.0,
            ..Self::default()
        }
    }
}

impl From<TemplateForm> for TemplatePatch {
    fn from(form: TemplateForm) -> Self {
        Self {
            name: Some(form.name),
            title: Some(form.title),
            description: Edit::Set(unix_lines(&form.description)),
            script: Edit::Set(unix_lines(&form.script)),
            repository: form.repository.0.map_or(Edit::Clear, Edit::Set),
            labels: Edit::Set(labels(&form.labels)),
            priority: form.priority.0,
            version: form.version.0,
            ..Self::default()
        }
    }
}

#[server(endpoint = "/templates/list", input = Json)]
pub async fn list_templates(workspace: String) -> Result<Vec<Template>, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::templates::list(&mut tx).await?)
}

#[server(endpoint = "/templates/get", input = Json)]
pub async fn get_template(query: TemplateAt) -> Result<Template, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::templates::get(&mut tx, query.id).await?)
}

#[server(endpoint = "/templates/save")]
pub async fn save_template(template: TemplateForm) -> Result<Saved<Template>, ApiError> {
    let mut tx = crate::api::request::begin(&template.workspace).await?;
    let saved = match template.id.0 {
        Some(id) => backend::templates::update(&mut tx, id, template.into()).await?,
        None => backend::templates::create(&mut tx, template.into()).await?,
    };
    crate::api::request::save(tx, saved).await
}

#[server(endpoint = "/templates/remove")]
pub async fn remove_template(template: TemplateAt) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&template.workspace).await?;
    backend::templates::remove(&mut tx, template.id).await?;
    crate::api::request::save(tx, ()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Posted {
        template: TemplateForm,
    }

    /// As a browser without script posts it, with every optional field left empty.
    #[test]
    fn an_empty_optional_field_is_not_given() {
        let body = "template[workspace]=demo&template[id]=&template[version]=&template[name]=n&template[title]=t\
            &template[description]=&template[script]=a%0D%0Ab&template[repository]=&template[labels]=\
            &template[priority]=";
        let posted: Posted = serde_qs::Config::new(5, false).deserialize_str(body).unwrap();
        let patch = TemplatePatch::from(posted.template.clone());
        assert_eq!((patch.repository, patch.priority), (Edit::Clear, None));
        let new = NewTemplate::from(posted.template);
        assert_eq!((new.script.as_deref(), new.repository), (Some("a\nb"), None));
    }
}
