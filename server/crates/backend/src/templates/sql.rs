//! Statements on `task_templates`.

use crate::patch::FieldVersions;
use domain::templates::{TEMPLATES_LIMIT, Template};
use domain::{DateTime, RepositoryId, TemplateId, UserId};
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    title: String,
    description: String,
    script: String,
    agent: String,
    repository_id: Option<Uuid>,
    labels: Vec<String>,
    priority: String,
    created_by: Option<Uuid>,
    created_at: DateTime,
    updated_at: DateTime,
    version: i64,
    field_versions: Json<FieldVersions>,
}

impl Row {
    fn read(self) -> Result<(Template, FieldVersions), StoreError> {
        let template = Template {
            id: TemplateId(self.id),
            name: self.name,
            title: self.title,
            description: self.description,
            script: self.script,
            agent: word(&self.agent)?,
            repository_id: self.repository_id.map(RepositoryId),
            labels: self.labels,
            priority: word(&self.priority)?,
            created_by: self.created_by.map(UserId),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        };
        Ok((template, self.field_versions.0))
    }
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("a template with {text:?}")))
}

pub(super) async fn count(tx: &mut TenantTx) -> Result<usize, StoreError> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM task_templates").fetch_one(tx.conn()).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<Template>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM task_templates ORDER BY lower(name), id LIMIT $1")
        .bind(i64::try_from(TEMPLATES_LIMIT).unwrap_or(i64::MAX))
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter().map(|row| row.read().map(|(template, _)| template)).collect()
}

pub(super) async fn find(tx: &mut TenantTx, id: TemplateId) -> Result<Option<Template>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM task_templates WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    row.map(|row| row.read().map(|(template, _)| template)).transpose()
}

/// The template, held until the transaction ends.
pub(super) async fn lock(
    tx: &mut TenantTx,
    id: TemplateId,
) -> Result<Option<(Template, FieldVersions)>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM task_templates WHERE id = $1 FOR UPDATE")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    row.map(Row::read).transpose()
}

pub(super) async fn insert(tx: &mut TenantTx, template: &Template) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO task_templates (workspace_id, id, name, title, description, script, agent, repository_id, labels,
                                     priority, created_by, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(workspace)
    .bind(template.id.0)
    .bind(&template.name)
    .bind(&template.title)
    .bind(&template.description)
    .bind(&template.script)
    .bind(template.agent.as_str())
    .bind(template.repository_id.map(|id| id.0))
    .bind(&template.labels)
    .bind(template.priority.as_str())
    .bind(template.created_by.map(|id| id.0))
    .bind(template.created_at)
    .bind(template.updated_at)
    .bind(template.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update(
    tx: &mut TenantTx,
    template: &Template,
    versions: &FieldVersions,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE task_templates SET name = $2, title = $3, description = $4, script = $5, agent = $6,
                repository_id = $7, labels = $8, priority = $9, updated_at = $10, version = $11, field_versions = $12
         WHERE id = $1",
    )
    .bind(template.id.0)
    .bind(&template.name)
    .bind(&template.title)
    .bind(&template.description)
    .bind(&template.script)
    .bind(template.agent.as_str())
    .bind(template.repository_id.map(|id| id.0))
    .bind(&template.labels)
    .bind(template.priority.as_str())
    .bind(template.updated_at)
    .bind(template.version)
    .bind(Json(versions))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The name of a schedule that makes tasks from it.
pub(super) async fn user(tx: &mut TenantTx, id: TemplateId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT name FROM task_schedules WHERE template_id = $1 ORDER BY lower(name) LIMIT 1")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(name,)| name))
}

pub(super) async fn delete(tx: &mut TenantTx, id: TemplateId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM task_templates WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}
