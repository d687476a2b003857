//! Statements on `repositories`.

use crate::patch::FieldVersions;
use domain::repositories::{Network, Repository, RepositoryStatus};
use domain::{DateTime, RepositoryId};
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    url: String,
    default_branch: String,
    setup_script: String,
    network: String,
    status: String,
    status_detail: String,
    max_running: Option<i32>,
    branch_template: Option<String>,
    created_at: DateTime,
    updated_at: DateTime,
    version: i64,
    field_versions: Json<FieldVersions>,
}

impl Row {
    fn read(self) -> (Repository, FieldVersions) {
        let repository = Repository {
            id: RepositoryId(self.id),
            name: self.name,
            url: self.url,
            default_branch: self.default_branch,
            setup_script: self.setup_script,
            truncated: false,
            network: if self.network == "full" { Network::Full } else { Network::None },
            status: match self.status.as_str() {
                "ready" => RepositoryStatus::Ready,
                "empty" => RepositoryStatus::Empty,
                _ => RepositoryStatus::Unreachable,
            },
            status_detail: self.status_detail,
            max_running: self.max_running.and_then(|most| u32::try_from(most).ok()),
            branch_template: self.branch_template,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        };
        (repository, self.field_versions.0)
    }
}

fn network(network: Network) -> &'static str {
    match network {
        Network::None => "none",
        Network::Full => "full",
    }
}

fn status(status: RepositoryStatus) -> &'static str {
    match status {
        RepositoryStatus::Ready => "ready",
        RepositoryStatus::Empty => "empty",
        RepositoryStatus::Unreachable => "unreachable",
    }
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<Repository>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM repositories ORDER BY lower(name), id LIMIT 1000")
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| row.read().0).collect())
}

pub(super) async fn find(tx: &mut TenantTx, id: RepositoryId) -> Result<Option<Repository>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM repositories WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| row.read().0))
}

pub(super) async fn find_named(tx: &mut TenantTx, name: &str) -> Result<Option<Repository>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM repositories WHERE lower(name) = lower($1)")
        .bind(name)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| row.read().0))
}

/// The repository, held until the transaction ends.
pub(super) async fn lock(
    tx: &mut TenantTx,
    id: RepositoryId,
) -> Result<Option<(Repository, FieldVersions)>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM repositories WHERE id = $1 FOR UPDATE")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(Row::read))
}

pub(super) async fn insert(tx: &mut TenantTx, repository: &Repository) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO repositories (workspace_id, id, name, url, default_branch, setup_script, network, status,
                                   status_detail, created_at, updated_at, version, max_running, branch_template)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(workspace)
    .bind(repository.id.0)
    .bind(&repository.name)
    .bind(&repository.url)
    .bind(&repository.default_branch)
    .bind(&repository.setup_script)
    .bind(network(repository.network))
    .bind(status(repository.status))
    .bind(&repository.status_detail)
    .bind(repository.created_at)
    .bind(repository.updated_at)
    .bind(repository.version)
    .bind(repository.max_running.and_then(|most| i32::try_from(most).ok()))
    .bind(&repository.branch_template)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update(
    tx: &mut TenantTx,
    repository: &Repository,
    versions: &FieldVersions,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE repositories SET name = $2, url = $3, default_branch = $4, setup_script = $5, network = $6, status = $7,
                status_detail = $8, updated_at = $9, version = $10, field_versions = $11, max_running = $12,
                branch_template = $13 WHERE id = $1",
    )
    .bind(repository.id.0)
    .bind(&repository.name)
    .bind(&repository.url)
    .bind(&repository.default_branch)
    .bind(&repository.setup_script)
    .bind(network(repository.network))
    .bind(status(repository.status))
    .bind(&repository.status_detail)
    .bind(repository.updated_at)
    .bind(repository.version)
    .bind(Json(versions))
    .bind(repository.max_running.and_then(|most| i32::try_from(most).ok()))
    .bind(&repository.branch_template)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_status(
    tx: &mut TenantTx,
    id: RepositoryId,
    to: RepositoryStatus,
    detail: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "UPDATE repositories SET status = $2, status_detail = $3, updated_at = $4, version = version + 1
         WHERE id = $1 AND (status, status_detail) IS DISTINCT FROM ($2, $3)",
    )
    .bind(id.0)
    .bind(status(to))
    .bind(detail)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether an execution that has not ended works on it.
pub(super) async fn is_in_use(tx: &mut TenantTx, id: RepositoryId) -> Result<bool, StoreError> {
    let (any,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM tasks WHERE repository_id = $1
                        AND status IN ('queued', 'running', 'paused', 'waiting'))",
    )
    .bind(id.0)
    .fetch_one(tx.conn())
    .await?;
    Ok(any)
}

pub(super) async fn delete(tx: &mut TenantTx, id: RepositoryId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM repositories WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}
