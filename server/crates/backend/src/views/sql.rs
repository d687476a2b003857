//! Statements on `saved_views`.

use domain::views::{Filters, SavedView};
use domain::{DateTime, UserId, ViewId};
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    entity: String,
    name: String,
    filters: Json<Filters>,
    shared: bool,
    owner_id: Option<Uuid>,
    position: i64,
    created_at: DateTime,
    updated_at: DateTime,
    version: i64,
}

impl From<Row> for SavedView {
    fn from(row: Row) -> Self {
        Self {
            id: ViewId(row.id),
            entity: row.entity,
            name: row.name,
            filters: row.filters.0,
            shared: row.shared,
            owner_id: row.owner_id.map(UserId),
            position: row.position,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

pub(super) async fn list(tx: &mut TenantTx, me: Option<UserId>) -> Result<Vec<SavedView>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM saved_views WHERE shared OR owner_id = $1 ORDER BY position, lower(name), id LIMIT 1000",
    )
    .bind(me.map(|user| user.0))
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(SavedView::from).collect())
}

pub(super) async fn find(tx: &mut TenantTx, id: ViewId) -> Result<Option<SavedView>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM saved_views WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(SavedView::from))
}

/// The view, held until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx, id: ViewId) -> Result<Option<SavedView>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM saved_views WHERE id = $1 FOR UPDATE")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(SavedView::from))
}

/// How many views one person has, or the workspace.
pub(super) async fn count(tx: &mut TenantTx, me: Option<UserId>, shared: bool) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM saved_views WHERE shared = $1 AND (shared OR owner_id = $2)")
            .bind(shared)
            .bind(me.map(|user| user.0))
            .fetch_one(tx.conn())
            .await?;
    Ok(count)
}

pub(super) async fn last_position(tx: &mut TenantTx) -> Result<i64, StoreError> {
    let (last,): (i64,) =
        sqlx::query_as("SELECT coalesce(max(position), 0) FROM saved_views").fetch_one(tx.conn()).await?;
    Ok(last)
}

/// `false` where the id is taken.
pub(super) async fn insert(tx: &mut TenantTx, view: &SavedView) -> Result<bool, StoreError> {
    let workspace = tx.caller().workspace().0;
    let done = sqlx::query(
        "INSERT INTO saved_views (workspace_id, id, entity, name, filters, shared, owner_id, position, created_at,
                                  updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (workspace_id, id) DO NOTHING",
    )
    .bind(workspace)
    .bind(view.id.0)
    .bind(&view.entity)
    .bind(&view.name)
    .bind(Json(&view.filters))
    .bind(view.shared)
    .bind(view.owner_id.map(|user| user.0))
    .bind(view.position)
    .bind(view.created_at)
    .bind(view.updated_at)
    .bind(view.version)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn update(tx: &mut TenantTx, view: &SavedView) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE saved_views SET name = $2, filters = $3, shared = $4, owner_id = $5, position = $6, updated_at = $7,
                version = $8 WHERE id = $1",
    )
    .bind(view.id.0)
    .bind(&view.name)
    .bind(Json(&view.filters))
    .bind(view.shared)
    .bind(view.owner_id.map(|user| user.0))
    .bind(view.position)
    .bind(view.updated_at)
    .bind(view.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: ViewId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM saved_views WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(())
}
