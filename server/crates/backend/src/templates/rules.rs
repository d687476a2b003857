//! What a template's fields may be: as those of the tasks that are made from it. Pure.

use super::TemplateError;
use crate::patch::Wish;
use crate::tasks::{self, TaskError};
use domain::tasks::NewTask;
use domain::templates::{NAME_LIMIT, NewTemplate, Template, TemplatePatch};
use domain::text;
use serde_json::json;

/// The texts of a template, as they are stored.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) script: String,
    pub(super) labels: Vec<String>,
}

pub(super) fn fields(new: &NewTemplate) -> Result<Fields, TemplateError> {
    let checked = tasks::checked(&NewTask {
        title: new.title.clone(),
        description: new.description.clone(),
        script: new.script.clone(),
        labels: new.labels.clone(),
        ..NewTask::default()
    });
    let checked = checked.map_err(refused)?;
    Ok(Fields {
        name: name(&new.name)?,
        title: checked.title,
        description: checked.description,
        script: checked.script,
        labels: checked.labels,
    })
}

pub(super) fn apply(template: &mut Template, patch: TemplatePatch) -> Result<(), TemplateError> {
    let wanted = NewTemplate {
        name: patch.name.unwrap_or_else(|| template.name.clone()),
        title: patch.title.unwrap_or_else(|| template.title.clone()),
        description: Some(patch.description.or_empty().unwrap_or_else(|| template.description.clone())),
        script: Some(patch.script.or_empty().unwrap_or_else(|| template.script.clone())),
        labels: Some(patch.labels.or_empty().unwrap_or_else(|| template.labels.clone())),
        ..NewTemplate::default()
    };
    let fields = fields(&wanted)?;
    template.name = fields.name;
    template.title = fields.title;
    template.description = fields.description;
    template.script = fields.script;
    template.labels = fields.labels;
    template.agent = patch.agent.unwrap_or(template.agent);
    template.priority = patch.priority.unwrap_or(template.priority);
    Ok(())
}

pub(super) fn wishes(before: &Template, after: &Template) -> Vec<Wish> {
    let wish = |field, now, wanted| Wish { field, now, wanted };
    vec![
        wish("name", json!(before.name), json!(after.name)),
        wish("title", json!(before.title), json!(after.title)),
        wish("description", json!(before.description), json!(after.description)),
        wish("script", json!(before.script), json!(after.script)),
        wish("agent", json!(before.agent), json!(after.agent)),
        wish("repository", json!(before.repository_id), json!(after.repository_id)),
        wish("labels", json!(before.labels), json!(after.labels)),
        wish("priority", json!(before.priority), json!(after.priority)),
    ]
}

fn name(name: &str) -> Result<String, TemplateError> {
    text::line(name, NAME_LIMIT).map_err(|reason| TemplateError::invalid("name", reason))
}

fn refused(error: TaskError) -> TemplateError {
    match error {
        TaskError::Invalid { field, reason } => TemplateError::Invalid { field, reason },
        TaskError::Store(cause) => TemplateError::Store(cause),
        other => TemplateError::Conflict(other.to_string()),
    }
}
