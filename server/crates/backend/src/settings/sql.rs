//! Statements on `workspace_settings`.

use crate::patch::FieldVersions;
use domain::settings::Settings;
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};

#[derive(sqlx::FromRow)]
struct Row {
    preempt: bool,
    branch_template: String,
    author_name: String,
    author_email: String,
    version: i64,
    field_versions: Json<FieldVersions>,
}

impl Row {
    fn read(self) -> (Settings, FieldVersions) {
        let settings = Settings {
            preempt: self.preempt,
            branch_template: self.branch_template,
            author_name: self.author_name,
            author_email: self.author_email,
            version: self.version,
        };
        (settings, self.field_versions.0)
    }
}

pub(super) async fn find(tx: &mut TenantTx) -> Result<Option<Settings>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM workspace_settings").fetch_optional(tx.conn()).await?;
    Ok(row.map(|row| row.read().0))
}

/// Makes the workspace's row where there is none.
pub(super) async fn ensure(tx: &mut TenantTx, usual: &Settings) -> Result<(), StoreError> {
    let (workspace, now) = (tx.caller().workspace().0, tx.now());
    sqlx::query(
        "INSERT INTO workspace_settings (workspace_id, preempt, branch_template, author_name, author_email, updated_at,
                                         version)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (workspace_id) DO NOTHING",
    )
    .bind(workspace)
    .bind(usual.preempt)
    .bind(&usual.branch_template)
    .bind(&usual.author_name)
    .bind(&usual.author_email)
    .bind(now)
    .bind(usual.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The workspace's row, held until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<(Settings, FieldVersions), StoreError> {
    let row: Row = sqlx::query_as("SELECT * FROM workspace_settings FOR UPDATE").fetch_one(tx.conn()).await?;
    Ok(row.read())
}

pub(super) async fn update(
    tx: &mut TenantTx,
    settings: &Settings,
    versions: &FieldVersions,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "UPDATE workspace_settings SET preempt = $1, branch_template = $2, author_name = $3, author_email = $4,
                updated_at = $5, version = $6, field_versions = $7",
    )
    .bind(settings.preempt)
    .bind(&settings.branch_template)
    .bind(&settings.author_name)
    .bind(&settings.author_email)
    .bind(now)
    .bind(settings.version)
    .bind(Json(versions))
    .execute(tx.conn())
    .await?;
    Ok(())
}
