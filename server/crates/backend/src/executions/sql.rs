//! Statements on `executions`, `execution_events` and `execution_results`.

use domain::board::Glance;
use domain::executions::{
    Cost, Diff, EventBody, Evidence, Execution, ExecutionEvent, ExecutionStatus, Outcome, Tokens,
};
use domain::publish::Publication;
use domain::{DateTime, ExecutionId, TaskId};
use sqlx::types::Json;
use std::collections::HashMap;
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    task_id: Uuid,
    number: i64,
    agent: String,
    agent_session_id: Option<String>,
    model: Option<String>,
    status: String,
    detail: String,
    outcome: Option<Json<Outcome>>,
    exit_code: Option<i32>,
    isolation: Vec<String>,
    cost: Option<Json<Cost>>,
    tokens: Option<Json<Tokens>>,
    publications: Json<Vec<Publication>>,
    created_at: DateTime,
    started_at: Option<DateTime>,
    completed_at: Option<DateTime>,
    evidence: Json<Evidence>,
    last_seq: i64,
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("an execution with {text:?}")))
}

impl TryFrom<Row> for Execution {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: ExecutionId(row.id),
            task_id: TaskId(row.task_id),
            number: row.number,
            agent: word(&row.agent)?,
            agent_session_id: row.agent_session_id,
            model: row.model,
            status: word(&row.status)?,
            detail: row.detail,
            outcome: row.outcome.map(|outcome| outcome.0),
            evidence: row.evidence.0,
            exit_code: row.exit_code,
            isolation: row.isolation,
            stdout: String::new(),
            stderr: String::new(),
            cost: row.cost.map(|cost| cost.0),
            tokens: row.tokens.map(|tokens| tokens.0),
            created_at: row.created_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            last_seq: row.last_seq,
            publications: row.publications.0,
            progress: None,
        })
    }
}

pub(super) async fn next_number(tx: &mut TenantTx, task: TaskId) -> Result<i64, StoreError> {
    // The task's row is locked by whoever queues it, so no twin can take the same number.
    let (number,): (i64,) =
        sqlx::query_as("SELECT coalesce(max(number), 0) + 1 FROM executions WHERE task_id = $1")
            .bind(task.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(number)
}

pub(super) async fn insert(tx: &mut TenantTx, execution: &Execution) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO executions (workspace_id, id, task_id, number, agent, status, detail, isolation, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(workspace)
    .bind(execution.id.0)
    .bind(execution.task_id.0)
    .bind(execution.number)
    .bind(execution.agent.as_str())
    .bind(execution.status.as_str())
    .bind(&execution.detail)
    .bind(&execution.isolation)
    .bind(execution.created_at)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "INSERT INTO execution_results (workspace_id, execution_id, last_seq, spool_seq, evidence)
         VALUES ($1, $2, 0, 0, $3)",
    )
    .bind(workspace)
    .bind(execution.id.0)
    .bind(Json(&execution.evidence))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The execution of a task that has not ended.
pub(super) async fn unfinished(tx: &mut TenantTx, task: TaskId) -> Result<Option<ExecutionId>, StoreError> {
    let row: Option<(Uuid,)> = sqlx::query_as(
        "SELECT id FROM executions WHERE task_id = $1 AND completed_at IS NULL ORDER BY number DESC LIMIT 1",
    )
    .bind(task.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(id,)| ExecutionId(id)))
}

/// All executions of a task.
pub(super) async fn ids(tx: &mut TenantTx, task: TaskId) -> Result<Vec<ExecutionId>, StoreError> {
    let rows: Vec<(Uuid,)> = sqlx::query_as("SELECT id FROM executions WHERE task_id = $1")
        .bind(task.0)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|(id,)| ExecutionId(id)).collect())
}

#[derive(sqlx::FromRow)]
struct GlanceRow {
    task_id: Uuid,
    outcome: Json<Outcome>,
    exit_code: Option<i32>,
    evidence: Json<Evidence>,
}

/// What the last execution of each task came to, for those that have ended.
pub(super) async fn glances(tx: &mut TenantTx, tasks: &[TaskId]) -> Result<Vec<Glance>, StoreError> {
    let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
    let rows: Vec<GlanceRow> = sqlx::query_as(
        "SELECT e.task_id, e.outcome, e.exit_code, r.evidence
         FROM (SELECT DISTINCT ON (task_id) * FROM executions WHERE task_id = ANY($1)
               ORDER BY task_id, number DESC) e
         JOIN execution_results r ON r.execution_id = e.id
         WHERE e.outcome IS NOT NULL",
    )
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    let glance = |row: GlanceRow| Glance {
        task_id: TaskId(row.task_id),
        class: row.outcome.0.class,
        exit_code: row.exit_code,
        insertions: row.evidence.0.insertions,
        deletions: row.evidence.0.deletions,
    };
    Ok(rows.into_iter().map(glance).collect())
}

pub(super) async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Execution>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.*, r.evidence, r.last_seq FROM executions e JOIN execution_results r ON r.execution_id = e.id
         WHERE e.task_id = $1 ORDER BY e.number DESC LIMIT 200",
    )
    .bind(task.0)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Execution::try_from).collect()
}

pub(super) async fn active(tx: &mut TenantTx) -> Result<Vec<Execution>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT e.*, r.evidence, r.last_seq FROM execution_leases l
         JOIN executions e ON e.id = l.execution_id JOIN execution_results r ON r.execution_id = e.id
         ORDER BY e.created_at, e.id LIMIT 200",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Execution::try_from).collect()
}

pub(super) async fn find(tx: &mut TenantTx, id: ExecutionId) -> Result<Option<Execution>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT e.*, r.evidence, r.last_seq FROM executions e JOIN execution_results r ON r.execution_id = e.id
         WHERE e.id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    row.map(Execution::try_from).transpose()
}

/// The status, and the last stored event.
pub(super) async fn progress(
    tx: &mut TenantTx,
    id: ExecutionId,
) -> Result<Option<(ExecutionStatus, i64)>, StoreError> {
    let row: Option<(String, i64)> = sqlx::query_as(
        "SELECT e.status, r.last_seq FROM executions e JOIN execution_results r ON r.execution_id = e.id WHERE e.id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|(status, last)| Ok((word(&status)?, last))).transpose()
}

/// The newest command of each, where it ran one.
pub(super) async fn commands(
    tx: &mut TenantTx,
    executions: &[ExecutionId],
) -> Result<HashMap<ExecutionId, u32>, StoreError> {
    let ids: Vec<Uuid> = executions.iter().map(|execution| execution.0).collect();
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "SELECT e.id, c.command FROM unnest($1::uuid[]) AS e (id), LATERAL (
             SELECT (v.body->>'command')::bigint AS command FROM execution_events v
             WHERE v.execution_id = e.id AND v.body->>'kind' = 'tool' ORDER BY v.seq DESC LIMIT 1) c",
    )
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    let read = |(id, command)| Some((ExecutionId(id), u32::try_from(command).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// The commits that it began from and that it left.
pub(super) async fn result(
    tx: &mut TenantTx,
    id: ExecutionId,
) -> Result<Option<(String, String)>, StoreError> {
    let row: Option<(Option<String>, Option<String>)> =
        sqlx::query_as("SELECT diff->>'base', diff->>'head' FROM execution_results WHERE execution_id = $1")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.and_then(|(base, head)| base.zip(head)))
}

pub(super) async fn hold_publications(
    tx: &mut TenantTx,
    id: ExecutionId,
) -> Result<Option<Vec<Publication>>, StoreError> {
    let row: Option<(Json<Vec<Publication>>,)> =
        sqlx::query_as("SELECT publications FROM executions WHERE id = $1 FOR UPDATE")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(publications,)| publications.0))
}

pub(super) async fn set_publications(
    tx: &mut TenantTx,
    id: ExecutionId,
    publications: &[Publication],
) -> Result<(), StoreError> {
    sqlx::query("UPDATE executions SET publications = $2 WHERE id = $1")
        .bind(id.0)
        .bind(Json(publications))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What is shown of an execution that still waits.
pub(super) async fn say_queued(tx: &mut TenantTx, id: ExecutionId, detail: &str) -> Result<(), StoreError> {
    sqlx::query("UPDATE executions SET detail = $2 WHERE id = $1 AND status = 'queued' AND detail <> $2")
        .bind(id.0)
        .bind(detail)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn events(
    tx: &mut TenantTx,
    id: ExecutionId,
    after: i64,
    limit: u32,
) -> Result<Vec<ExecutionEvent>, StoreError> {
    let rows: Vec<(i64, DateTime, Json<EventBody>)> = sqlx::query_as(
        "SELECT seq, at, body FROM execution_events WHERE execution_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(id.0)
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(seq, at, body)| ExecutionEvent { seq, at, body: body.0 }).collect())
}

/// The last bytes of stdout and of stderr, cut at a character.
pub(super) async fn tails(
    tx: &mut TenantTx,
    id: ExecutionId,
    bytes: usize,
) -> Result<(String, String), StoreError> {
    // The newest output events are enough: a piece is seldom shorter than a line, and older ones are in the events.
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT stream, text FROM (
             SELECT seq, body->>'stream' AS stream, body->>'text' AS text FROM execution_events
             WHERE execution_id = $1 AND body->>'kind' = 'tool_output' ORDER BY seq DESC LIMIT 4000) newest
         ORDER BY seq",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?;
    let of = |wanted: &str| {
        let pieces = rows.iter().filter(|(stream, _)| stream == wanted).map(|(_, text)| text.as_str());
        tail(pieces.collect(), bytes)
    };
    Ok((of("stdout"), of("stderr")))
}

fn tail(text: String, bytes: usize) -> String {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or_default().to_owned()
}

/// How far the events are stored.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(super) struct Stored {
    pub(super) last_seq: i64,
    pub(super) spool_seq: i64,
}

/// How far the events are stored, held until the transaction ends.
pub(super) async fn lock_result(tx: &mut TenantTx, id: ExecutionId) -> Result<Stored, StoreError> {
    let row = sqlx::query_as(
        "SELECT last_seq, spool_seq FROM execution_results WHERE execution_id = $1 FOR UPDATE",
    )
    .bind(id.0)
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn append(
    tx: &mut TenantTx,
    id: ExecutionId,
    events: &[ExecutionEvent],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let workspace = tx.caller().workspace().0;
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    let times: Vec<DateTime> = events.iter().map(|event| event.at).collect();
    let bodies: Vec<Json<&EventBody>> = events.iter().map(|event| Json(&event.body)).collect();
    sqlx::query(
        "INSERT INTO execution_events (workspace_id, execution_id, seq, at, body)
         SELECT $1, $2, seq, at, body FROM unnest($3::bigint[], $4::timestamptz[], $5::jsonb[]) AS t (seq, at, body)",
    )
    .bind(workspace)
    .bind(id.0)
    .bind(seqs)
    .bind(times)
    .bind(bodies)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_progress(
    tx: &mut TenantTx,
    id: ExecutionId,
    last_seq: i64,
    spool_seq: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_results SET last_seq = $2, spool_seq = $3 WHERE execution_id = $1")
        .bind(id.0)
        .bind(last_seq)
        .bind(spool_seq)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Shows what is happening now, in an execution that has not ended; returns its task.
pub(super) async fn show(
    tx: &mut TenantTx,
    id: ExecutionId,
    status: Option<ExecutionStatus>,
    detail: &str,
    now: DateTime,
) -> Result<Option<TaskId>, StoreError> {
    let row: Option<(Uuid,)> = sqlx::query_as(
        "UPDATE executions SET status = coalesce($2, status), detail = $3,
                started_at = CASE WHEN $2 IN ('starting', 'running') THEN coalesce(started_at, $4) ELSE started_at END
         WHERE id = $1 AND completed_at IS NULL RETURNING task_id",
    )
    .bind(id.0)
    .bind(status.map(ExecutionStatus::as_str))
    .bind(detail)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(task,)| TaskId(task)))
}

pub(super) async fn set_isolation(
    tx: &mut TenantTx,
    id: ExecutionId,
    layers: &[String],
) -> Result<(), StoreError> {
    sqlx::query("UPDATE executions SET isolation = $2 WHERE id = $1")
        .bind(id.0)
        .bind(layers)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) struct Closing<'a> {
    pub(super) status: ExecutionStatus,
    pub(super) outcome: &'a Outcome,
    pub(super) exit_code: Option<i32>,
    pub(super) at: DateTime,
}

/// Writes the last status; returns the task.
pub(super) async fn close(
    tx: &mut TenantTx,
    id: ExecutionId,
    closing: &Closing<'_>,
) -> Result<Option<TaskId>, StoreError> {
    let row: Option<(Uuid,)> = sqlx::query_as(
        "UPDATE executions SET status = $2, detail = $3, outcome = $4, exit_code = $5, completed_at = $6
         WHERE id = $1 AND completed_at IS NULL RETURNING task_id",
    )
    .bind(id.0)
    .bind(closing.status.as_str())
    .bind(&closing.outcome.reason)
    .bind(Json(closing.outcome))
    .bind(closing.exit_code)
    .bind(closing.at)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(task,)| TaskId(task)))
}

pub(super) async fn set_result(
    tx: &mut TenantTx,
    id: ExecutionId,
    evidence: &Evidence,
    diff: Option<&Diff>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE execution_results SET evidence = $2, diff = $3 WHERE execution_id = $1")
        .bind(id.0)
        .bind(Json(evidence))
        .bind(diff.map(Json))
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn diff(tx: &mut TenantTx, id: ExecutionId) -> Result<Option<Diff>, StoreError> {
    let row: Option<(Option<Json<Diff>>,)> =
        sqlx::query_as("SELECT diff FROM execution_results WHERE execution_id = $1")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.and_then(|(diff,)| diff).map(|diff| diff.0))
}

pub(super) async fn are_under_way(tx: &mut TenantTx) -> Result<bool, StoreError> {
    let (any,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM executions WHERE status NOT IN ('succeeded', 'failed', 'cancelled'))",
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(any)
}
