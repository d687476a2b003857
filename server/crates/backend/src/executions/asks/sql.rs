//! Statements on `asks` and `execution_messages`.

use super::Resolution;
use agents::{Delivery, Request};
use domain::asks::{Ask, AskKind, AskState, Decision, Risk};
use domain::{AskId, DateTime, ExecutionId, TaskId, UserId};
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    task_id: Uuid,
    execution_id: Uuid,
    number: i64,
    kind: String,
    title: String,
    detail: String,
    risk: Option<String>,
    can_remember: bool,
    choices: Vec<String>,
    free_text: bool,
    state: String,
    decision: Option<String>,
    answer: Option<String>,
    asked_at: DateTime,
    expires_at: DateTime,
    resolved_at: Option<DateTime>,
    resolved_by: Option<Uuid>,
    delivered_at: Option<DateTime>,
}

fn word<T: std::str::FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("an ask with {text:?}")))
}

impl TryFrom<Row> for Ask {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: AskId(row.id),
            task_id: TaskId(row.task_id),
            execution_id: ExecutionId(row.execution_id),
            number: row.number,
            kind: word(&row.kind)?,
            title: row.title,
            detail: row.detail,
            risk: row.risk.as_deref().map(word::<Risk>).transpose()?,
            can_remember: row.can_remember,
            choices: row.choices,
            free_text: row.free_text,
            state: word(&row.state)?,
            decision: row.decision.as_deref().map(word::<Decision>).transpose()?,
            answer: row.answer,
            asked_at: row.asked_at,
            expires_at: row.expires_at,
            resolved_at: row.resolved_at,
            resolved_by: row.resolved_by.map(UserId),
            delivered_at: row.delivered_at,
        })
    }
}

fn read(row: Option<Row>) -> Result<Option<Ask>, StoreError> {
    row.map(Ask::try_from).transpose()
}

pub(super) async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Ask>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM asks WHERE task_id = $1 ORDER BY asked_at DESC, number DESC LIMIT 200")
            .bind(task.0)
            .fetch_all(tx.conn())
            .await?;
    rows.into_iter().map(Ask::try_from).collect()
}

pub(super) async fn find(tx: &mut TenantTx, id: AskId) -> Result<Option<Ask>, StoreError> {
    read(sqlx::query_as("SELECT * FROM asks WHERE id = $1").bind(id.0).fetch_optional(tx.conn()).await?)
}

pub(super) async fn insert(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
    request: &Request,
) -> Result<Ask, StoreError> {
    let (workspace, id, now) = (tx.caller().workspace(), tx.ids().make::<AskId>(), tx.now());
    let row: Row = sqlx::query_as(
        "INSERT INTO asks (workspace_id, id, task_id, execution_id, number, kind, title, detail, risk, can_remember,
                           choices, free_text, state, asked_at, expires_at)
         SELECT $1, $2, e.task_id, e.id, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, $13
         FROM executions e WHERE e.id = $3 RETURNING *",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(execution.0)
    .bind(number)
    .bind(request.kind.as_str())
    .bind(&request.title)
    .bind(&request.detail)
    .bind(request.risk.map(Risk::as_str).filter(|_| request.kind == AskKind::Approval))
    .bind(request.can_remember)
    .bind(&request.choices)
    .bind(request.free_text)
    .bind(now)
    .bind(now + chrono::Duration::seconds(request.timeout_seconds))
    .fetch_one(tx.conn())
    .await?;
    row.try_into()
}

/// `None` where it is not open any more.
pub(super) async fn resolve(
    tx: &mut TenantTx,
    id: AskId,
    resolution: &Resolution,
) -> Result<Option<Ask>, StoreError> {
    let (by, now) = (tx.caller().user(), tx.now());
    let row = sqlx::query_as(
        "UPDATE asks SET state = 'resolved', decision = $2, answer = $3, resolved_by = $4, resolved_at = $5
         WHERE id = $1 AND state = 'open' RETURNING *",
    )
    .bind(id.0)
    .bind(resolution.decision.map(Decision::as_str))
    .bind(&resolution.answer)
    .bind(by.map(|user| user.0))
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    read(row)
}

/// Closes what is open of an execution; with a time, only what expires by then. Tells how many.
pub(super) async fn close_open(
    tx: &mut TenantTx,
    execution: ExecutionId,
    state: AskState,
    by: Option<DateTime>,
) -> Result<u64, StoreError> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE asks SET state = $2, resolved_at = $3
         WHERE execution_id = $1 AND state = 'open' AND ($4::timestamptz IS NULL OR expires_at <= $4)",
    )
    .bind(execution.0)
    .bind(state.as_str())
    .bind(now)
    .bind(by)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn next_expiry(
    tx: &mut TenantTx,
    execution: ExecutionId,
) -> Result<Option<DateTime>, StoreError> {
    let (first,): (Option<DateTime>,) =
        sqlx::query_as("SELECT min(expires_at) FROM asks WHERE execution_id = $1 AND state = 'open'")
            .bind(execution.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(first)
}

pub(super) async fn count_open(tx: &mut TenantTx, execution: ExecutionId) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM asks WHERE execution_id = $1 AND state = 'open'")
            .bind(execution.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(count)
}

/// Notes that the agent was told.
pub(super) async fn told(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
) -> Result<Option<Ask>, StoreError> {
    let now = tx.now();
    let row = sqlx::query_as(
        "UPDATE asks SET delivered_at = $3 WHERE execution_id = $1 AND number = $2 AND delivered_at IS NULL RETURNING *",
    )
    .bind(execution.0)
    .bind(number)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    read(row)
}

/// What was decided, answered or has expired and the agent was not told.
pub(super) async fn untold(tx: &mut TenantTx, execution: ExecutionId) -> Result<Vec<Delivery>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM asks WHERE execution_id = $1 AND state <> 'open' AND delivered_at IS NULL
         ORDER BY resolved_at, number",
    )
    .bind(execution.0)
    .fetch_all(tx.conn())
    .await?;
    let delivery = |row| {
        let ask = Ask::try_from(row)?;
        let Ask { number, state, decision, answer, .. } = ask;
        Ok(Delivery::Resolution { number, state, decision, answer })
    };
    rows.into_iter().map(delivery).collect()
}

pub(super) async fn say(tx: &mut TenantTx, execution: ExecutionId, text: &str) -> Result<(), StoreError> {
    let (workspace, by, now) = (tx.caller().workspace(), tx.caller().user(), tx.now());
    // The lease is held, so no twin takes the same number.
    sqlx::query(
        "INSERT INTO execution_messages (workspace_id, execution_id, number, text, created_by, created_at)
         SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5 FROM execution_messages WHERE execution_id = $2",
    )
    .bind(workspace.0)
    .bind(execution.0)
    .bind(text)
    .bind(by.map(|user| user.0))
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn count_unheard(tx: &mut TenantTx, execution: ExecutionId) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM execution_messages WHERE execution_id = $1 AND delivered_at IS NULL",
    )
    .bind(execution.0)
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

pub(super) async fn unheard(tx: &mut TenantTx, execution: ExecutionId) -> Result<Vec<Delivery>, StoreError> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT number, text FROM execution_messages WHERE execution_id = $1 AND delivered_at IS NULL ORDER BY number",
    )
    .bind(execution.0)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(number, text)| Delivery::Message { number, text }).collect())
}

/// Notes that the agent was given a message, and tells what it was and whose.
pub(super) async fn heard(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
) -> Result<Option<(String, Option<UserId>)>, StoreError> {
    let now = tx.now();
    let row: Option<(String, Option<Uuid>)> = sqlx::query_as(
        "UPDATE execution_messages SET delivered_at = $3
         WHERE execution_id = $1 AND number = $2 AND delivered_at IS NULL RETURNING text, created_by",
    )
    .bind(execution.0)
    .bind(number)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(text, by)| (text, by.map(UserId))))
}

/// The newest row as the feed shows it.
#[cfg(test)]
pub(super) async fn image_for_tests(tx: &mut TenantTx) -> serde_json::Value {
    let newest = "SELECT row_image(a) FROM asks a ORDER BY asked_at DESC LIMIT 1";
    sqlx::query_scalar(newest).fetch_one(tx.conn()).await.unwrap()
}
