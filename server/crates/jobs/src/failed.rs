//! Jobs that used up their attempts. They stay until somebody tries them again or forgets them.

use domain::{DateTime, UserId, WorkspaceId};
use tenancy::claimed::JobId;
use tenancy::{StoreError, TenantTx, WorkerTx};
use uuid::Uuid;

/// The list is for a person's eyes; a thousand failures of one kind say no more than a hundred.
const MOST: i32 = 200;

/// A job that has used up its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedJob {
    pub id: JobId,
    pub name: String,
    /// None for upkeep.
    pub workspace: Option<WorkspaceId>,
    /// The person who caused it, where there is one.
    pub by: Option<UserId>,
    pub attempts: u16,
    /// What the last attempt said.
    pub error: String,
    pub at: DateTime,
}

/// What the queue holds now, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub running: i64,
    pub failed: i64,
}

/// The newest failed jobs of every workspace, and upkeep.
pub async fn failed(tx: &mut WorkerTx) -> Result<Vec<FailedJob>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT j.id, t.identifier, (j.payload->>'workspace')::uuid, (j.payload->>'by')::uuid, j.attempts,
                coalesce(j.last_error, ''), j.updated_at
         FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
         WHERE j.attempts >= j.max_attempts AND j.locked_at IS NULL
         ORDER BY j.updated_at DESC, j.id DESC LIMIT $1",
    )
    .bind(MOST)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(read).collect())
}

/// The newest failed jobs of the caller's workspace.
pub async fn failed_of(tx: &mut TenantTx) -> Result<Vec<FailedJob>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM failed_jobs($1)").bind(MOST).fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Gives a failed job all its attempts again. `false` where there is no such failed job.
pub async fn retry(tx: &mut WorkerTx, job: JobId) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE graphile_worker._private_jobs SET attempts = 0, run_at = now(), updated_at = now()
         WHERE id = $1 AND attempts >= max_attempts AND locked_at IS NULL",
    )
    .bind(job.0)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The same for a job of the caller's workspace; `false` for any other.
pub async fn retry_of(tx: &mut TenantTx, job: JobId) -> Result<bool, StoreError> {
    let (done,) = sqlx::query_as("SELECT retry_job($1)").bind(job.0).fetch_one(tx.conn()).await?;
    tx.wake_workers();
    Ok(done)
}

/// Deletes what failed before this time, and returns how many. For an upkeep.
pub async fn forget(tx: &mut WorkerTx, before: DateTime) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM graphile_worker._private_jobs
         WHERE attempts >= max_attempts AND locked_at IS NULL AND updated_at < $1",
    )
    .bind(before)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// How many jobs wait, run and have failed.
pub async fn count(tx: &mut WorkerTx) -> Result<Counts, StoreError> {
    let (waiting, running, failed) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE is_available), count(*) FILTER (WHERE locked_at IS NOT NULL),
                count(*) FILTER (WHERE locked_at IS NULL AND NOT is_available)
         FROM graphile_worker._private_jobs",
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Counts { waiting, running, failed })
}

type Row = (i64, String, Option<Uuid>, Option<Uuid>, i16, String, DateTime);

fn read((id, name, workspace, by, attempts, error, at): Row) -> FailedJob {
    FailedJob {
        id: JobId(id),
        name,
        workspace: workspace.map(WorkspaceId),
        by: by.map(UserId),
        attempts: u16::try_from(attempts).unwrap_or_default(),
        error: plain(&error),
        at,
    }
}

/// The queue stores `TaskError("what went wrong")`, with escapes; this is what went wrong.
fn plain(stored: &str) -> String {
    let quoted = stored.strip_prefix("TaskError(").and_then(|rest| rest.strip_suffix(')'));
    quoted.and_then(|quoted| serde_json::from_str(quoted).ok()).unwrap_or_else(|| stored.to_owned())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn the_stored_error_is_shown_as_it_was_said() {
        let cases = [
            (r#"TaskError("no \"such\" host\n(twice)")"#, "no \"such\" host\n(twice)"),
            ("Job recovered after worker interruption", "Job recovered after worker interruption"),
            (r#"FnNotFound("x")"#, r#"FnNotFound("x")"#),
            ("", ""),
        ];
        for (stored, said) in cases {
            assert_eq!(plain(stored), said);
        }
    }
}
