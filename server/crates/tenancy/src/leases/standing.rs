//! Where an execution stands in the queue, for its own workspace.

use super::SHORT_SECONDS;
use crate::{StoreError, TenantTx};
use domain::ExecutionId;
use std::collections::HashMap;
use uuid::Uuid;

/// Where an execution stands that is in the queue or at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// A worker has it.
    pub held: bool,
    pub blocked: bool,
    /// A more urgent one took its slot.
    pub preempted: bool,
    /// It was answered, or resumed by hand, and waits for a slot.
    pub resuming: bool,
    /// Its repository has no place left: how many run there, and how many may.
    pub repository_busy: Option<(i64, i32)>,
    /// A worker had a slot and not the memory for it, just now.
    pub short_of_memory: bool,
    /// How many of its workspace could begin before it.
    pub before: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    execution_id: Uuid,
    held: bool,
    blocked: bool,
    preempted: bool,
    resuming: bool,
    repository_limit: Option<i32>,
    running: i64,
    short_of_memory: bool,
    before: i64,
}

impl From<Row> for Standing {
    fn from(row: Row) -> Self {
        let full = row.repository_limit.filter(|limit| !row.held && row.running >= i64::from(*limit));
        Self {
            held: row.held,
            blocked: row.blocked,
            preempted: row.preempted,
            resuming: row.resuming,
            repository_busy: full.map(|limit| (row.running, limit)),
            short_of_memory: row.short_of_memory,
            before: row.before,
        }
    }
}

/// Of these executions, those that have not ended.
pub async fn standings(
    tx: &mut TenantTx,
    executions: &[ExecutionId],
) -> Result<HashMap<ExecutionId, Standing>, StoreError> {
    if executions.is_empty() {
        return Ok(HashMap::new());
    }
    let since = tx.now() - chrono::Duration::seconds(SHORT_SECONDS);
    let ids: Vec<Uuid> = executions.iter().map(|execution| execution.0).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT l.execution_id, l.owner IS NOT NULL AS held, l.blocked, l.preempted, l.resuming, l.repository_limit,
                coalesce(r.running, 0) AS running, coalesce(l.short_of_memory_at > $2, false) AS short_of_memory,
                coalesce(q.before, 0) AS before
         FROM execution_leases l
         LEFT JOIN (SELECT execution_id, row_number() OVER (ORDER BY rank, queued_at, execution_id) - 1 AS before
                    FROM execution_leases WHERE owner IS NULL AND NOT blocked) q ON q.execution_id = l.execution_id
         LEFT JOIN (SELECT repository_id, count(*) AS running FROM execution_leases
                    WHERE owner IS NOT NULL AND desired <> 'pause' AND NOT waiting GROUP BY 1) r ON r.repository_id = l.repository_id
         WHERE l.execution_id = ANY($1)",
    )
    .bind(ids)
    .bind(since)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (ExecutionId(row.execution_id), row.into())).collect())
}
