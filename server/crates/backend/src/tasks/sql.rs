//! Statements on `tasks` and `task_counters`. Those on what waits for what are in `waiting`.

mod waiting;

pub(super) use waiting::{
    all, blockers, by_numbers, lock_blockers, queued_dependents, release_dependents, statuses, waits_for,
};

use super::rules::{Assignee, Cursor, Query, Sort};
use super::{TaskCounts, TaskRef};
use crate::patch::FieldVersions;
use domain::tasks::{Agent, Task, TaskStatus};
use domain::{DateTime, Page, RepositoryId, TaskId, UserId};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    number: i64,
    title: String,
    description: String,
    priority: String,
    status: String,
    repository_id: Option<Uuid>,
    agent: String,
    script: String,
    labels: Vec<String>,
    assignee_id: Option<Uuid>,
    blocked_by: Vec<Uuid>,
    created_by: Option<Uuid>,
    created_at: DateTime,
    updated_at: DateTime,
    started_at: Option<DateTime>,
    completed_at: Option<DateTime>,
    version: i64,
    rank: i16,
    field_versions: Json<FieldVersions>,
}

fn ids(tasks: &[TaskId]) -> Vec<Uuid> {
    tasks.iter().map(|task| task.0).collect()
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("a task with {text:?}")))
}

impl TryFrom<Row> for Task {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: TaskId(row.id),
            number: row.number,
            priority: word(&row.priority)?,
            status: word(&row.status)?,
            agent: word::<Agent>(&row.agent)?,
            title: row.title,
            description: row.description,
            repository_id: row.repository_id.map(RepositoryId),
            script: row.script,
            truncated: false,
            labels: row.labels,
            assignee_id: row.assignee_id.map(UserId),
            blocked_by: row.blocked_by.into_iter().map(TaskId).collect(),
            created_by: row.created_by.map(UserId),
            created_at: row.created_at,
            updated_at: row.updated_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            version: row.version,
        })
    }
}

/// The next number of the workspace. Numbers of transactions that fail are not lost: the counter rolls back with them.
pub(super) async fn next_number(tx: &mut TenantTx) -> Result<i64, StoreError> {
    let workspace = tx.caller().workspace().0;
    let (number,): (i64,) = sqlx::query_as(
        "INSERT INTO task_counters AS c (workspace_id, last_number) VALUES ($1, 1)
         ON CONFLICT (workspace_id) DO UPDATE SET last_number = c.last_number + 1 RETURNING last_number",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    Ok(number)
}

/// `false` where the id is taken.
pub(super) async fn insert(tx: &mut TenantTx, task: &Task) -> Result<bool, StoreError> {
    let workspace = tx.caller().workspace().0;
    let done = sqlx::query(
        "INSERT INTO tasks (workspace_id, id, number, title, description, priority, status, repository_id, agent, script,
                            labels, assignee_id, created_by, created_at, updated_at, version, blocked_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (workspace_id, id) DO NOTHING",
    )
    .bind(workspace)
    .bind(task.id.0)
    .bind(task.number)
    .bind(&task.title)
    .bind(&task.description)
    .bind(task.priority.as_str())
    .bind(task.status.as_str())
    .bind(task.repository_id.map(|id| id.0))
    .bind(task.agent.as_str())
    .bind(&task.script)
    .bind(&task.labels)
    .bind(task.assignee_id.map(|id| id.0))
    .bind(task.created_by.map(|id| id.0))
    .bind(task.created_at)
    .bind(task.updated_at)
    .bind(task.version)
    .bind(ids(&task.blocked_by))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn find(tx: &mut TenantTx, task: TaskRef) -> Result<Option<Task>, StoreError> {
    let (id, number) = match task {
        TaskRef::Id(id) => (Some(id.0), None),
        TaskRef::Number(number) => (None, Some(number)),
    };
    let row: Option<Row> = sqlx::query_as("SELECT * FROM tasks WHERE id = $1 OR number = $2")
        .bind(id)
        .bind(number)
        .fetch_optional(tx.conn())
        .await?;
    row.map(Task::try_from).transpose()
}

/// The task, held until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx, id: TaskId) -> Result<Option<(Task, FieldVersions)>, StoreError> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM tasks WHERE id = $1 FOR UPDATE")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    let Some(mut row) = row else { return Ok(None) };
    let versions = std::mem::take(&mut row.field_versions.0);
    Ok(Some((Task::try_from(row)?, versions)))
}

pub(super) async fn update(
    tx: &mut TenantTx,
    task: &Task,
    versions: &FieldVersions,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE tasks SET title = $2, description = $3, priority = $4, repository_id = $5, agent = $6, script = $7,
                labels = $8, assignee_id = $9, updated_at = $10, version = $11, field_versions = $12,
                blocked_by = $13 WHERE id = $1",
    )
    .bind(task.id.0)
    .bind(&task.title)
    .bind(&task.description)
    .bind(task.priority.as_str())
    .bind(task.repository_id.map(|id| id.0))
    .bind(task.agent.as_str())
    .bind(&task.script)
    .bind(&task.labels)
    .bind(task.assignee_id.map(|id| id.0))
    .bind(task.updated_at)
    .bind(task.version)
    .bind(Json(versions))
    .bind(ids(&task.blocked_by))
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_status(tx: &mut TenantTx, task: &Task) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE tasks SET status = $2, started_at = $3, completed_at = $4, updated_at = $5, version = $6 WHERE id = $1",
    )
    .bind(task.id.0)
    .bind(task.status.as_str())
    .bind(task.started_at)
    .bind(task.completed_at)
    .bind(task.updated_at)
    .bind(task.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: TaskId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM tasks WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn counts(tx: &mut TenantTx) -> Result<TaskCounts, StoreError> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT status, count(*) FROM tasks GROUP BY status").fetch_all(tx.conn()).await?;
    rows.into_iter().map(|(status, count)| Ok((word::<TaskStatus>(&status)?, count))).collect()
}

/// How many of each status a query lets through, whatever its page.
pub(super) async fn counts_of(tx: &mut TenantTx, query: &Query) -> Result<TaskCounts, StoreError> {
    let me = tx.caller().user();
    let mut sql = QueryBuilder::<Postgres>::new("SELECT status, count(*) FROM tasks WHERE true");
    push_filters(&mut sql, query, me);
    sql.push(" GROUP BY status");
    let rows: Vec<(String, i64)> = sql.build_query_as().fetch_all(tx.conn()).await?;
    rows.into_iter().map(|(status, count)| Ok((word::<TaskStatus>(&status)?, count))).collect()
}

/// One page, by the place after the cursor.
pub(super) async fn list(tx: &mut TenantTx, query: &Query) -> Result<Page<Task>, StoreError> {
    let me = tx.caller().user();
    let mut sql = QueryBuilder::<Postgres>::new("SELECT * FROM tasks WHERE true");
    push_filters(&mut sql, query, me);
    push_order(&mut sql, query);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.conn()).await?;
    read_page(rows, query)
}

fn push_filters(sql: &mut QueryBuilder<Postgres>, query: &Query, me: Option<UserId>) {
    if !query.statuses.is_empty() {
        let words: Vec<&str> = query.statuses.iter().copied().map(TaskStatus::as_str).collect();
        sql.push(" AND status = ANY(").push_bind(words).push(")");
    }
    if let Some(priority) = query.priority {
        sql.push(" AND priority = ").push_bind(priority.as_str());
    }
    if let Some(repository) = query.repository {
        sql.push(" AND repository_id = ").push_bind(repository.0);
    }
    if let Some(label) = &query.label {
        sql.push(" AND ").push_bind(label.clone()).push(" = ANY(labels)");
    }
    if let Some(agent) = query.agent {
        sql.push(" AND agent = ").push_bind(agent.as_str());
    }
    match query.assignee {
        Some(Assignee::Nobody) => drop(sql.push(" AND assignee_id IS NULL")),
        // A program is nobody, and has no tasks of its own.
        Some(Assignee::Me) => drop(sql.push(" AND assignee_id = ").push_bind(me.map(|user| user.0))),
        Some(Assignee::Member(user)) => drop(sql.push(" AND assignee_id = ").push_bind(user.0)),
        None => {}
    }
    if let Some(words) = &query.words {
        push_words(sql, words);
    }
}

/// Each word must stand in the title or the description; a number is also the task's own.
fn push_words(sql: &mut QueryBuilder<Postgres>, words: &str) {
    sql.push(" AND (number = ")
        .push_bind(words.trim_start_matches('#').parse::<i64>().ok())
        .push(" OR (true");
    for word in words.split_whitespace().take(10) {
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        sql.push(" AND (title ILIKE ").push_bind(pattern.clone());
        sql.push(" OR description ILIKE ").push_bind(pattern).push(")");
    }
    sql.push("))");
}

/// Every sort value is compared as a whole number, so that a cursor is one number and an id.
fn push_order(sql: &mut QueryBuilder<Postgres>, query: &Query) {
    let column = match query.sort {
        Sort::Created => "created_at",
        Sort::Updated => "updated_at",
        Sort::Number => "number",
        Sort::Priority => "rank",
    };
    // A rank of 0 is the most urgent, so the highest priority first is the lowest rank first.
    let descending = query.descending != (query.sort == Sort::Priority);
    if let Some(Cursor { value, id }) = query.cursor {
        let sign = if descending { "<" } else { ">" };
        sql.push(format_args!(" AND ({column}, id) {sign} ("));
        match query.sort {
            Sort::Created | Sort::Updated => {
                sql.push_bind(DateTime::from_timestamp_micros(value).unwrap_or_default())
            }
            Sort::Number => sql.push_bind(value),
            Sort::Priority => sql.push_bind(i16::try_from(value).unwrap_or_default()),
        };
        sql.push(", ").push_bind(id.0).push(")");
    }
    let direction = if descending { "DESC" } else { "ASC" };
    sql.push(format_args!(" ORDER BY {column} {direction}, id {direction} LIMIT "))
        .push_bind(query.limit + 1);
}

fn read_page(mut rows: Vec<Row>, query: &Query) -> Result<Page<Task>, StoreError> {
    let limit = usize::try_from(query.limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more).map(|row| Cursor {
        value: match query.sort {
            Sort::Created => row.created_at.timestamp_micros(),
            Sort::Updated => row.updated_at.timestamp_micros(),
            Sort::Number => row.number,
            Sort::Priority => i64::from(row.rank),
        },
        id: TaskId(row.id),
    });
    let items = rows.into_iter().map(Task::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: last.map(Cursor::encode) })
}
