//! Statements on which task waits for which.

use super::{Row, ids, word};
use crate::tasks::Blocker;
use domain::TaskId;
use domain::tasks::{Task, TaskStatus};
use std::collections::HashMap;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

/// How many tasks are looked at for a cycle. A chain that is longer is refused by what it finds until then.
const MOST_WALKED: i64 = 10_000;

/// One change at a time, in this workspace, of what waits for what.
pub(in crate::tasks) async fn lock_blockers(tx: &mut TenantTx) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('blockers:' || $1, 0))")
        .bind(workspace.to_string())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The statuses of those that are there.
pub(in crate::tasks) async fn statuses(
    tx: &mut TenantTx,
    tasks: &[TaskId],
) -> Result<Vec<TaskStatus>, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT status FROM tasks WHERE id = ANY($1)")
        .bind(ids(tasks))
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter().map(|(status,)| word(&status)).collect()
}

/// These tasks, by their numbers.
pub(in crate::tasks) async fn all(tx: &mut TenantTx, tasks: &[TaskId]) -> Result<Vec<Task>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM tasks WHERE id = ANY($1) ORDER BY number")
        .bind(ids(tasks))
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// The tasks that have these numbers.
pub(in crate::tasks) async fn by_numbers(
    tx: &mut TenantTx,
    numbers: &[i64],
) -> Result<HashMap<i64, TaskId>, StoreError> {
    let rows: Vec<(i64, Uuid)> = sqlx::query_as("SELECT number, id FROM tasks WHERE number = ANY($1)")
        .bind(numbers)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|(number, id)| (number, TaskId(id))).collect())
}

/// The number of one of `blockers` that waits for `task`, straight or by way of others.
pub(in crate::tasks) async fn waits_for(
    tx: &mut TenantTx,
    blockers: &[TaskId],
    task: TaskId,
) -> Result<Option<i64>, StoreError> {
    let row: Option<(i64,)> = sqlx::query_as(
        "WITH RECURSIVE waits (first, number, id) AS (
             SELECT t.id, t.number, b.id FROM tasks t, unnest(t.blocked_by) AS b (id) WHERE t.id = ANY($1)
             UNION
             SELECT w.first, w.number, b.id
             FROM waits w JOIN tasks t ON t.id = w.id, unnest(t.blocked_by) AS b (id))
         SELECT number FROM (SELECT * FROM waits LIMIT $3) walked WHERE id = $2 ORDER BY number LIMIT 1",
    )
    .bind(ids(blockers))
    .bind(task.0)
    .bind(MOST_WALKED)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(number,)| number))
}

/// Queued tasks that wait for this one, whether they still have to or not.
pub(in crate::tasks) async fn queued_dependents(
    tx: &mut TenantTx,
    blocker: TaskId,
) -> Result<Vec<Task>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM tasks WHERE blocked_by @> ARRAY[$1] AND status = 'queued' ORDER BY id")
            .bind(blocker.0)
            .fetch_all(tx.conn())
            .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Takes a task off all that wait for it, and gives these.
pub(in crate::tasks) async fn release_dependents(
    tx: &mut TenantTx,
    blocker: TaskId,
) -> Result<Vec<Task>, StoreError> {
    let now = tx.now();
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE tasks SET blocked_by = array_remove(blocked_by, $1), version = version + 1, updated_at = $2,
                field_versions = field_versions || jsonb_build_object('blocked_by', version + 1)
         WHERE blocked_by @> ARRAY[$1] RETURNING *",
    )
    .bind(blocker.0)
    .bind(now)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Task::try_from).collect()
}

/// Of these tasks, those that wait for others, with all of these.
pub(in crate::tasks) async fn blockers(
    tx: &mut TenantTx,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, Vec<Blocker>>, StoreError> {
    let rows: Vec<(Uuid, i64, String)> = sqlx::query_as(
        "SELECT t.id, b.number, b.status FROM tasks t JOIN tasks b ON b.id = ANY(t.blocked_by)
         WHERE t.id = ANY($1) AND t.blocked_by <> '{}' ORDER BY b.number",
    )
    .bind(ids(tasks))
    .fetch_all(tx.conn())
    .await?;
    let mut found: HashMap<TaskId, Vec<Blocker>> = HashMap::new();
    for (task, number, status) in rows {
        found.entry(TaskId(task)).or_default().push(Blocker { number, status: word(&status)? });
    }
    Ok(found)
}
