//! Statements on `execution_logs` and `execution_log_marks`.

use domain::ExecutionId;
use domain::log::Scan;
use sqlx::types::Json;
use tenancy::{StoreError, TenantTx};

use super::index::Edge;

/// How far a log is counted.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) scan: Scan,
    /// Bytes of text since the last mark.
    pub(super) unmarked: i64,
    /// Lines before the last mark.
    pub(super) marked: i64,
}

/// How the log stood after an event.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) scan: Scan,
    pub(super) command: Option<Edge>,
}

type Row = (Json<Scan>, i64, i64);

fn of(row: Option<Row>) -> Head {
    row.map(|(scan, unmarked, marked)| Head { scan: scan.0, unmarked, marked }).unwrap_or_default()
}

pub(super) async fn head(tx: &mut TenantTx, id: ExecutionId) -> Result<Head, StoreError> {
    let row = sqlx::query_as("SELECT scan, unmarked, marked FROM execution_logs WHERE execution_id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(of(row))
}

/// The same, held until the transaction ends, and made where it is not there.
pub(super) async fn lock_head(tx: &mut TenantTx, id: ExecutionId) -> Result<Head, StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO execution_logs (workspace_id, execution_id, scan, unmarked, marked)
         VALUES ($1, $2, $3, 0, 0) ON CONFLICT DO NOTHING",
    )
    .bind(workspace)
    .bind(id.0)
    .bind(Json(Scan::default()))
    .execute(tx.conn())
    .await?;
    let row = sqlx::query_as(
        "SELECT scan, unmarked, marked FROM execution_logs WHERE execution_id = $1 FOR UPDATE",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(of(row))
}

pub(super) async fn save_head(tx: &mut TenantTx, id: ExecutionId, head: &Head) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO execution_logs (workspace_id, execution_id, scan, unmarked, marked)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id, execution_id)
         DO UPDATE SET scan = excluded.scan, unmarked = excluded.unmarked, marked = excluded.marked",
    )
    .bind(workspace)
    .bind(id.0)
    .bind(Json(&head.scan))
    .bind(head.unmarked)
    .bind(head.marked)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert_marks(
    tx: &mut TenantTx,
    id: ExecutionId,
    marks: &[Mark],
) -> Result<(), StoreError> {
    if marks.is_empty() {
        return Ok(());
    }
    let workspace = tx.caller().workspace().0;
    let seqs: Vec<i64> = marks.iter().map(|mark| mark.scan.seq).collect();
    let lines: Vec<i64> = marks.iter().map(|mark| mark.scan.lines).collect();
    let scans: Vec<Json<&Scan>> = marks.iter().map(|mark| Json(&mark.scan)).collect();
    let commands: Vec<Option<Json<&Edge>>> =
        marks.iter().map(|mark| mark.command.as_ref().map(Json)).collect();
    sqlx::query(
        "INSERT INTO execution_log_marks (workspace_id, execution_id, seq, line, scan, command)
         SELECT $1, $2, t.* FROM unnest($3::bigint[], $4::bigint[], $5::jsonb[], $6::jsonb[]) AS t
         ON CONFLICT DO NOTHING",
    )
    .bind(workspace)
    .bind(id.0)
    .bind(seqs)
    .bind(lines)
    .bind(scans)
    .bind(commands)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last mark from which a line can be read whole; the begin of the log where there is none.
pub(super) async fn mark_before(tx: &mut TenantTx, id: ExecutionId, line: i64) -> Result<Scan, StoreError> {
    let row: Option<(Json<Scan>,)> = sqlx::query_as(
        "SELECT scan FROM execution_log_marks WHERE execution_id = $1 AND line < $2
         ORDER BY line DESC, seq DESC LIMIT 1",
    )
    .bind(id.0)
    .bind(line)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(scan,)| scan.0).unwrap_or_default())
}

/// Begins and ends of commands with the lines they stand in, in order.
pub(super) async fn commands(
    tx: &mut TenantTx,
    id: ExecutionId,
    limit: u32,
) -> Result<Vec<(i64, Edge)>, StoreError> {
    let rows: Vec<(i64, Json<Edge>)> = sqlx::query_as(
        "SELECT line, command FROM execution_log_marks WHERE execution_id = $1 AND command IS NOT NULL
         ORDER BY seq LIMIT $2",
    )
    .bind(id.0)
    .bind(i64::from(limit) * 2)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(line, edge)| (line, edge.0)).collect())
}
