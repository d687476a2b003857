//! Which execution a worker takes next: fair between workspaces, by priority, by age.
//!
//! The order: those whose worker let the lease run out come first, since they have begun. Then the workspace with the
//! fewest at work, counting those it would be given before; then the most urgent, then the oldest. So a thousand
//! executions of one workspace never keep the only one of another waiting, and within a workspace urgency decides.
//! What waits for a task or for a place on its repository is not in the order at all.

use super::{Lease, Row, read};
use crate::{StoreError, WorkerTx};
use domain::DateTime;
use uuid::Uuid;

/// One worker decides at a time: two that look at once could each give away the last place of a repository.
const DECIDING: i64 = 0x5357_4c45_4153_4553;

/// Everything that could begin now, in its order. `$1` is the worker, `$2` the time.
macro_rules! in_order {
    ($rest:literal) => {
        concat!(
            "WITH busy AS (
                 SELECT workspace_id, repository_id, count(*) AS running FROM execution_leases
                 WHERE owner IS NOT NULL AND desired <> 'pause' AND NOT waiting GROUP BY 1, 2),
             ready AS (
                 SELECT l.workspace_id, l.execution_id, l.rank, l.queued_at,
                        l.lease_until IS NOT NULL AND l.lease_until < $2 AS abandoned,
                        l.repository_limit - coalesce(b.running, 0) AS places,
                        row_number() OVER (
                            PARTITION BY l.workspace_id, l.repository_id,
                                         l.lease_until IS NOT NULL AND l.lease_until < $2
                            ORDER BY l.rank, l.queued_at, l.execution_id) AS nth
                 FROM execution_leases l LEFT JOIN busy b
                   ON b.workspace_id = l.workspace_id AND b.repository_id = l.repository_id
                 WHERE l.owner IS NULL AND NOT l.blocked OR l.lease_until < $2 OR l.owner = $1 AND (l.preempted OR l.resuming)),
             ordered AS (
                 SELECT r.*, coalesce(w.running, 0)
                        + row_number() OVER (PARTITION BY r.workspace_id
                                             ORDER BY r.abandoned DESC, r.rank, r.queued_at, r.execution_id) AS turn
                 FROM ready r LEFT JOIN (SELECT workspace_id, sum(running) AS running FROM busy GROUP BY 1) w
                   ON w.workspace_id = r.workspace_id
                 WHERE r.abandoned OR r.places IS NULL OR r.nth <= r.places) ",
            $rest
        )
    };
}

/// Takes up to `limit` executions, and lets those go on that a more urgent one of this worker had paused.
pub async fn claim(
    tx: &mut WorkerTx,
    owner: Uuid,
    until: DateTime,
    limit: i64,
) -> Result<Vec<Lease>, StoreError> {
    let now = tx.now();
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(DECIDING).execute(tx.conn()).await?;
    let rows: Vec<Row> = sqlx::query_as(in_order!(
        ", taken AS (
             SELECT l.workspace_id, l.execution_id FROM execution_leases l
             JOIN ordered o ON o.workspace_id = l.workspace_id AND o.execution_id = l.execution_id
             WHERE l.owner IS NULL OR l.lease_until < $2 OR l.owner = $1 AND l.preempted
             ORDER BY o.abandoned DESC, o.turn, o.rank, o.queued_at, o.execution_id
             LIMIT $4 FOR UPDATE OF l SKIP LOCKED)
         UPDATE execution_leases l SET owner = $1, lease_until = $3, short_of_memory_at = NULL,
                desired = CASE WHEN l.owner = $1 AND l.preempted THEN 'run' ELSE l.desired END,
                preempted = l.preempted AND l.owner IS DISTINCT FROM $1
         FROM taken t WHERE l.workspace_id = t.workspace_id AND l.execution_id = t.execution_id
         RETURNING l.workspace_id, l.execution_id, l.started_by, l.desired, l.waiting, l.inbox"
    ))
    .bind(owner)
    .bind(now)
    .bind(until)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Lets those of this worker go on that were answered, or resumed by hand: people want them now, and what memory they
/// need they have already. A place on their repository they need as all others do.
pub async fn go_on(
    tx: &mut WorkerTx,
    owner: Uuid,
    until: DateTime,
    limit: i64,
) -> Result<Vec<Lease>, StoreError> {
    let now = tx.now();
    let (any,): (bool,) =
        sqlx::query_as("SELECT EXISTS (SELECT FROM execution_leases WHERE owner = $1 AND resuming)")
            .bind(owner)
            .fetch_one(tx.conn())
            .await?;
    if !any {
        return Ok(Vec::new());
    }
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(DECIDING).execute(tx.conn()).await?;
    let rows: Vec<Row> = sqlx::query_as(in_order!(
        ", taken AS (
             SELECT l.workspace_id, l.execution_id FROM execution_leases l
             JOIN ordered o ON o.workspace_id = l.workspace_id AND o.execution_id = l.execution_id
             WHERE l.owner = $1 AND l.resuming
             ORDER BY o.turn, o.rank, o.queued_at, o.execution_id LIMIT $4 FOR UPDATE OF l SKIP LOCKED)
         UPDATE execution_leases l SET lease_until = $3, desired = 'run', resuming = false, waiting = false
         FROM taken t WHERE l.workspace_id = t.workspace_id AND l.execution_id = t.execution_id
         RETURNING l.workspace_id, l.execution_id, l.started_by, l.desired, l.waiting, l.inbox"
    ))
    .bind(owner)
    .bind(now)
    .bind(until)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Notes of the next `count` executions that there was a slot for them and not the memory, for whoever asks why they
/// wait. A note that is fresh is not written again.
pub async fn note_short_of_memory(tx: &mut WorkerTx, owner: Uuid, count: i64) -> Result<(), StoreError> {
    let now = tx.now();
    let stale = now - chrono::Duration::seconds(super::SHORT_SECONDS / 3);
    sqlx::query(in_order!(
        ", short AS (
             SELECT o.workspace_id, o.execution_id FROM ordered o
             ORDER BY o.abandoned DESC, o.turn, o.rank, o.queued_at, o.execution_id LIMIT $3)
         UPDATE execution_leases l SET short_of_memory_at = $2 FROM short s
         WHERE l.workspace_id = s.workspace_id AND l.execution_id = s.execution_id
           AND (l.short_of_memory_at IS NULL OR l.short_of_memory_at < $4)"
    ))
    .bind(owner)
    .bind(now)
    .bind(count)
    .bind(stale)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives slots of what runs here to something more urgent that waits in the same workspace, where that workspace wants
/// it so: the least urgent and newest stands still for the most urgent that waits. Returns both kinds.
pub async fn preempt(
    tx: &mut WorkerTx,
    owner: Uuid,
    until: DateTime,
    most: i64,
) -> Result<Vec<Lease>, StoreError> {
    let now = tx.now();
    let (any,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM execution_leases
                        WHERE owner = $1 AND desired = 'run' AND preemptible AND NOT waiting)",
    )
    .bind(owner)
    .fetch_one(tx.conn())
    .await?;
    if !any {
        return Ok(Vec::new());
    }
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(DECIDING).execute(tx.conn()).await?;
    let rows: Vec<Row> = sqlx::query_as(in_order!(
        ", waiting AS (
             SELECT o.workspace_id, o.execution_id, o.rank,
                    row_number() OVER (PARTITION BY o.workspace_id ORDER BY o.rank, o.queued_at, o.execution_id) AS nth
             FROM ordered o WHERE NOT o.abandoned),
         running AS (
             SELECT l.workspace_id, l.execution_id, l.rank,
                    row_number() OVER (PARTITION BY l.workspace_id
                                       ORDER BY l.rank DESC, l.queued_at DESC, l.execution_id DESC) AS nth
             FROM execution_leases l
             WHERE l.owner = $1 AND l.desired = 'run' AND l.preemptible AND NOT l.waiting),
         pairs AS (
             SELECT r.workspace_id, r.execution_id AS stops, w.execution_id AS begins FROM running r
             JOIN waiting w ON w.workspace_id = r.workspace_id AND w.nth = r.nth AND w.rank < r.rank
             ORDER BY w.rank, r.nth LIMIT $4),
         moves AS (
             SELECT workspace_id, stops AS execution_id, true AS stops FROM pairs
             UNION ALL SELECT workspace_id, begins, false FROM pairs)
         UPDATE execution_leases l SET owner = $1, lease_until = $3, preempted = m.stops, resuming = false,
                waiting = l.waiting AND NOT (l.owner IS NOT DISTINCT FROM $1 AND l.resuming),
                desired = CASE WHEN m.stops THEN 'pause' WHEN l.preempted OR l.resuming THEN 'run' ELSE l.desired END
         FROM moves m WHERE l.workspace_id = m.workspace_id AND l.execution_id = m.execution_id
         RETURNING l.workspace_id, l.execution_id, l.started_by, l.desired, l.waiting, l.inbox"
    ))
    .bind(owner)
    .bind(now)
    .bind(until)
    .bind(most)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}
