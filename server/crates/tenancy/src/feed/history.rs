//! The past of a workspace's feed.

use crate::{StoreError, TenantTx, WorkerTx};
use domain::{Change, DateTime, Operation, Seq};
use uuid::Uuid;

/// A part of the past, and where it stands in the whole.
#[derive(Debug, Clone)]
pub struct History {
    pub epoch: String,
    /// The last seq there is; 0 where nothing has changed yet.
    pub head: Seq,
    /// The first seq that is still kept.
    pub oldest: Seq,
    /// Changes after the asked place, in order.
    pub items: Vec<Change>,
}

impl History {
    /// Whether a reader who has everything up to `after` can go on from there.
    pub fn reaches(&self, after: Seq) -> bool {
        after <= self.head && after + 1 >= self.oldest
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct ChangeRow {
    seq: i64,
    entity: String,
    id: Uuid,
    op: String,
    row: serde_json::Value,
    by: Option<Uuid>,
    at: DateTime,
}

impl TryFrom<ChangeRow> for Change {
    type Error = StoreError;

    fn try_from(row: ChangeRow) -> Result<Self, StoreError> {
        let op = match row.op.as_str() {
            "insert" => Operation::Insert,
            "update" => Operation::Update,
            "delete" => Operation::Delete,
            other => {
                return Err(StoreError::Corrupt(format!("an operation {other:?} in the change feed")));
            }
        };
        let (id, by) = (row.id.into(), row.by.map(Into::into));
        Ok(Self { seq: row.seq, entity: row.entity, id, op, row: row.row, by, at: row.at })
    }
}

/// Up to `limit` changes of the caller's workspace after `after`.
pub async fn history(tx: &mut TenantTx, after: Seq, limit: i64) -> Result<History, StoreError> {
    let workspace = tx.caller().workspace().0;
    // The head is read first: a change that is committed in between is then beyond it, never missing before it.
    let (epoch, head, oldest): (String, i64, i64) = sqlx::query_as(
        "SELECT (SELECT epoch FROM feed_epoch),
                coalesce((SELECT seq FROM feed_counters WHERE workspace_id = $1), 0),
                coalesce((SELECT min(seq) FROM changes WHERE workspace_id = $1), 1)",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    let rows: Vec<ChangeRow> = sqlx::query_as(
        "SELECT seq, entity, id, op, row, by, at FROM changes
         WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
    )
    .bind(workspace)
    .bind(after)
    .bind(head)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    let items = rows.into_iter().map(Change::try_from).collect::<Result<_, _>>()?;
    Ok(History { epoch, head, oldest, items })
}

/// Forgets changes from before `before`, but never the last of a workspace: its seq says where the log begins.
pub async fn trim(tx: &mut WorkerTx, before: DateTime) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "DELETE FROM changes c USING feed_counters f
         WHERE f.workspace_id = c.workspace_id AND c.at < $1 AND c.seq < f.seq",
    )
    .bind(before)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
