//! Statements on `task_schedules`.

use crate::patch::FieldVersions;
use domain::templates::{SCHEDULES_LIMIT, Schedule};
use domain::{DateTime, ScheduleId, TaskId, TemplateId, UserId};
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    template_id: Uuid,
    cron: String,
    time_zone: String,
    enabled: bool,
    start: bool,
    last_run_at: Option<DateTime>,
    last_task_id: Option<Uuid>,
    last_task_number: Option<i64>,
    last_problem: String,
    created_by: Option<Uuid>,
    created_at: DateTime,
    updated_at: DateTime,
    version: i64,
    field_versions: Json<FieldVersions>,
}

impl Row {
    fn read(self) -> (Schedule, FieldVersions) {
        let schedule = Schedule {
            id: ScheduleId(self.id),
            name: self.name,
            template_id: TemplateId(self.template_id),
            cron: self.cron,
            time_zone: self.time_zone,
            enabled: self.enabled,
            start: self.start,
            next_runs: Vec::new(),
            last_run_at: self.last_run_at,
            last_task_id: self.last_task_id.map(TaskId),
            last_task_number: self.last_task_number,
            last_problem: self.last_problem,
            created_by: self.created_by.map(UserId),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        };
        (schedule, self.field_versions.0)
    }
}

pub(super) async fn count(tx: &mut TenantTx) -> Result<usize, StoreError> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM task_schedules").fetch_one(tx.conn()).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<Schedule>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.*, t.number AS last_task_number FROM task_schedules s LEFT JOIN tasks t ON t.id = s.last_task_id
         ORDER BY lower(s.name), s.id LIMIT $1",
    )
    .bind(i64::try_from(SCHEDULES_LIMIT).unwrap_or(i64::MAX))
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.read().0).collect())
}

pub(super) async fn find(tx: &mut TenantTx, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.*, t.number AS last_task_number FROM task_schedules s LEFT JOIN tasks t ON t.id = s.last_task_id
         WHERE s.id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| row.read().0))
}

/// The schedule, held until the transaction ends.
pub(super) async fn lock(
    tx: &mut TenantTx,
    id: ScheduleId,
) -> Result<Option<(Schedule, FieldVersions)>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT s.*, t.number AS last_task_number FROM task_schedules s LEFT JOIN tasks t ON t.id = s.last_task_id
         WHERE s.id = $1 FOR UPDATE OF s",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Row::read))
}

pub(super) async fn next_run(tx: &mut TenantTx, id: ScheduleId) -> Result<Option<DateTime>, StoreError> {
    let row: Option<(Option<DateTime>,)> =
        sqlx::query_as("SELECT next_run_at FROM task_schedules WHERE id = $1")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.and_then(|(next,)| next))
}

pub(super) async fn insert(tx: &mut TenantTx, schedule: &Schedule) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO task_schedules (workspace_id, id, name, template_id, cron, time_zone, enabled, start, next_run_at,
                                     last_problem, created_by, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', $10, $11, $12, $13)",
    )
    .bind(workspace)
    .bind(schedule.id.0)
    .bind(&schedule.name)
    .bind(schedule.template_id.0)
    .bind(&schedule.cron)
    .bind(&schedule.time_zone)
    .bind(schedule.enabled)
    .bind(schedule.start)
    .bind(schedule.next_runs.first())
    .bind(schedule.created_by.map(|id| id.0))
    .bind(schedule.created_at)
    .bind(schedule.updated_at)
    .bind(schedule.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn update(
    tx: &mut TenantTx,
    schedule: &Schedule,
    versions: &FieldVersions,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE task_schedules SET name = $2, template_id = $3, cron = $4, time_zone = $5, enabled = $6, start = $7,
                next_run_at = $8, updated_at = $9, version = $10, field_versions = $11 WHERE id = $1",
    )
    .bind(schedule.id.0)
    .bind(&schedule.name)
    .bind(schedule.template_id.0)
    .bind(&schedule.cron)
    .bind(&schedule.time_zone)
    .bind(schedule.enabled)
    .bind(schedule.start)
    .bind(schedule.next_runs.first())
    .bind(schedule.updated_at)
    .bind(schedule.version)
    .bind(Json(versions))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes how its last run went, and when it is due next.
pub(super) async fn note_run(
    tx: &mut TenantTx,
    schedule: &Schedule,
    next: Option<DateTime>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE task_schedules SET next_run_at = $2, last_run_at = $3, last_task_id = $4, last_problem = $5
         WHERE id = $1",
    )
    .bind(schedule.id.0)
    .bind(next)
    .bind(schedule.last_run_at)
    .bind(schedule.last_task_id.map(|id| id.0))
    .bind(&schedule.last_problem)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: ScheduleId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM task_schedules WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}
