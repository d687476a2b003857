//! `Idempotency-Key`: the same request twice has one effect and one answer.
//!
//! The key is claimed and the answer kept in the transaction of the effect itself, so that there is never one without
//! the other. A twin that comes meanwhile waits for the first (at most as long as a lock may be waited for).

mod sql;

use domain::Seq;
use tenancy::{StoreError, TenantTx};

/// The longest key.
pub const KEY_LIMIT: usize = 255;
/// How long an answer is kept.
pub const KEPT_HOURS: i64 = 24;

/// What became of a key that was claimed.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Nobody came with it before: do the work, then [`keep`] the answer.
    Fresh,
    /// It was done before, with this answer.
    Replay { status: u16, response: serde_json::Value, seq: Option<Seq> },
    /// It was used for another request.
    Mismatch,
    /// A twin is at it, and did not end in time.
    Busy,
}

/// Claims a key for a request, told by the digest of its method, path and body.
pub async fn claim(tx: &mut TenantTx, key: &str, request: &[u8]) -> Result<Claim, StoreError> {
    let fresh = match sql::insert(tx, key, request).await {
        Ok(fresh) => fresh,
        Err(StoreError::Unavailable(_)) => return Ok(Claim::Busy),
        Err(error) => return Err(error),
    };
    if fresh {
        tx.stamp_idempotency();
        return Ok(Claim::Fresh);
    }
    let Some(kept) = sql::find(tx, key).await? else {
        return Ok(Claim::Busy);
    };
    if kept.request_hash != request {
        return Ok(Claim::Mismatch);
    }
    let status = u16::try_from(kept.status).unwrap_or_default();
    Ok(Claim::Replay { status, response: kept.response, seq: kept.seq })
}

/// Keeps the answer to a key that was claimed in this transaction.
pub async fn keep(
    tx: &mut TenantTx,
    key: &str,
    status: u16,
    response: &serde_json::Value,
) -> Result<(), StoreError> {
    sql::keep(tx, key, i16::try_from(status).unwrap_or_default(), response).await
}

/// Forgets answers older than [`KEPT_HOURS`].
pub async fn sweep(tx: &mut tenancy::WorkerTx) -> Result<u64, StoreError> {
    let before = tx.now() - chrono::Duration::hours(KEPT_HOURS);
    sql::sweep(tx, before).await
}
