//! Templates: what new tasks begin with.
//!
//! It owns templates alone: a task that was made from one knows nothing of it any more.
//! Start reading at [`create`]; [`filled`] is what a task is made from.

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::repositories;
use domain::permission::Permission;
use domain::tasks::{Agent, NewTask, Priority};
use domain::templates::{NewTemplate, TEMPLATES_LIMIT, Template, TemplatePatch};
use domain::{RepositoryId, TemplateId};
use tenancy::{StoreError, TenantTx};

crate::error::capability_error! {
    /// Why something could not be done with a template.
    TemplateError, "template"
}

/// Makes a template. The same id again returns the one that is there.
pub async fn create(tx: &mut TenantTx, new: NewTemplate) -> Result<Template, TemplateError> {
    tx.caller().require(Permission::TemplateWrite)?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, id).await?
    {
        return Ok(existing);
    }
    if sql::count(tx).await? >= TEMPLATES_LIMIT {
        let reason =
            format!("a workspace has at most {TEMPLATES_LIMIT} templates; remove one that nobody uses");
        return Err(TemplateError::Conflict(reason));
    }
    let now = tx.now();
    let fields = rules::fields(&new)?;
    let template = Template {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        name: fields.name,
        title: fields.title,
        description: fields.description,
        script: fields.script,
        agent: new.agent.unwrap_or(Agent::Shell),
        repository_id: repository(tx, new.repository.as_deref()).await?,
        labels: fields.labels,
        priority: new.priority.unwrap_or(Priority::Normal),
        created_by: tx.caller().user(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    sql::insert(tx, &template).await.map_err(name_taken)?;
    Ok(template)
}

/// The workspace's templates, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Template>, TemplateError> {
    tx.caller().require(Permission::TemplateRead)?;
    Ok(sql::list(tx).await?)
}

pub async fn get(tx: &mut TenantTx, id: TemplateId) -> Result<Template, TemplateError> {
    tx.caller().require(Permission::TemplateRead)?;
    sql::find(tx, id).await?.ok_or(TemplateError::NotFound)
}

/// Changes some fields. With `version`, a field that another changed since then to something else is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    id: TemplateId,
    patch: TemplatePatch,
) -> Result<Template, TemplateError> {
    tx.caller().require(Permission::TemplateWrite)?;
    let (before, mut versions) = sql::lock(tx, id).await?.ok_or(TemplateError::NotFound)?;
    let seen = patch.version;
    let mut template = before.clone();
    if let Some(named) = patch.repository.clone().or_empty() {
        template.repository_id = repository(tx, Some(&named)).await?;
    }
    rules::apply(&mut template, patch)?;
    let wishes = rules::wishes(&before, &template);
    let conflicts = crate::patch::conflicts(&wishes, &versions, seen);
    if !conflicts.is_empty() {
        return Err(TemplateError::Changed(conflicts));
    }
    if crate::patch::note(&wishes, &mut versions, before.version + 1) {
        template.version = before.version + 1;
        template.updated_at = tx.now();
        sql::update(tx, &template, &versions).await.map_err(name_taken)?;
    }
    Ok(template)
}

/// Removes a template. One that a schedule uses stays.
pub async fn remove(tx: &mut TenantTx, id: TemplateId) -> Result<(), TemplateError> {
    tx.caller().require(Permission::TemplateWrite)?;
    if let Some(schedule) = sql::user(tx, id).await? {
        let reason = format!("the schedule {schedule} makes tasks from this template; remove that first");
        return Err(TemplateError::Conflict(reason));
    }
    if sql::delete(tx, id).await? { Ok(()) } else { Err(TemplateError::NotFound) }
}

/// A new task as a template has it.
pub fn filled(template: &Template) -> NewTask {
    NewTask {
        title: template.title.clone(),
        description: Some(template.description.clone()),
        script: Some(template.script.clone()),
        agent: Some(template.agent),
        repository: template.repository_id.map(|id| id.to_string()),
        labels: Some(template.labels.clone()),
        priority: Some(template.priority),
        ..NewTask::default()
    }
}

/// The repository that a field names; a blank one names none.
async fn repository(tx: &mut TenantTx, named: Option<&str>) -> Result<Option<RepositoryId>, TemplateError> {
    let Some(named) = named.map(str::trim).filter(|named| !named.is_empty()) else {
        return Ok(None);
    };
    match repositories::named(tx, named).await {
        Ok(Some(repository)) => Ok(Some(repository.id)),
        Ok(None) => Err(TemplateError::invalid("repository", "names none that is here")),
        Err(repositories::RepositoriesError::Store(cause)) => Err(cause.into()),
        Err(other) => Err(TemplateError::invalid("repository", other)),
    }
}

fn name_taken(error: StoreError) -> TemplateError {
    match error.constraint() {
        Some("task_templates_name") => {
            TemplateError::Conflict("another template has this name; choose another name".to_owned())
        }
        Some("task_templates_pkey") => TemplateError::Conflict("this id is taken".to_owned()),
        _ => error.into(),
    }
}
