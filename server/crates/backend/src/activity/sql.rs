//! Statements on `activities`.

use domain::activity::{Activity, ActivityKind};
use domain::{ActivityId, DateTime, TaskId, UserId};
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

type Row = (Uuid, DateTime, String, String, Option<Uuid>);

pub(super) async fn insert(
    tx: &mut TenantTx,
    task: TaskId,
    kind: ActivityKind,
    detail: &str,
) -> Result<(), StoreError> {
    let (workspace, id, by) = (tx.caller().workspace(), tx.ids().make::<ActivityId>(), tx.caller().user());
    let now = tx.now();
    sqlx::query(
        "INSERT INTO activities (workspace_id, id, task_id, at, kind, detail, by_user)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(task.0)
    .bind(now)
    .bind(kind.as_str())
    .bind(detail)
    .bind(by.map(|user| user.0))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those before one, newest first.
pub(super) async fn list(
    tx: &mut TenantTx,
    task: TaskId,
    before: Option<ActivityId>,
    limit: i64,
) -> Result<Vec<Activity>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, at, kind, detail, by_user FROM activities
         WHERE task_id = $1 AND ($2::uuid IS NULL OR (at, id) < (SELECT at, id FROM activities WHERE id = $2))
         ORDER BY at DESC, id DESC LIMIT $3",
    )
    .bind(task.0)
    .bind(before.map(|id| id.0))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(read).collect()
}

fn read((id, at, kind, detail, by): Row) -> Result<Activity, StoreError> {
    let kind: ActivityKind =
        kind.parse().map_err(|_| StoreError::Corrupt(format!("an activity of the kind {kind:?}")))?;
    Ok(Activity { id: ActivityId(id), at, kind, detail, by: by.map(UserId) })
}
