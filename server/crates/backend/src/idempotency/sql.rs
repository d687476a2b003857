//! Statements on `idempotency_keys`.

use domain::DateTime;
use tenancy::{StoreError, TenantTx, WorkerTx};

#[derive(sqlx::FromRow)]
pub(super) struct Kept {
    pub(super) request_hash: Vec<u8>,
    pub(super) status: i16,
    pub(super) response: serde_json::Value,
    pub(super) seq: Option<i64>,
}

/// `false` where the key is taken. Waits for a twin that has not committed yet.
pub(super) async fn insert(tx: &mut TenantTx, key: &str, request: &[u8]) -> Result<bool, StoreError> {
    let (workspace, owner, now) = (tx.caller().workspace().0, tx.caller().owner(), tx.now());
    sqlx::query(
        "SELECT set_config('app.idempotency_owner', $1, true), set_config('app.idempotency_key', $2, true)",
    )
    .bind(owner.to_string())
    .bind(key)
    .execute(tx.conn())
    .await?;
    let done = sqlx::query(
        "INSERT INTO idempotency_keys (workspace_id, owner, key, request_hash, status, response, created_at)
         VALUES ($1, $2, $3, $4, 0, 'null', $5) ON CONFLICT DO NOTHING",
    )
    .bind(workspace)
    .bind(owner)
    .bind(key)
    .bind(request)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn find(tx: &mut TenantTx, key: &str) -> Result<Option<Kept>, StoreError> {
    let owner = tx.caller().owner();
    let row = sqlx::query_as(
        "SELECT request_hash, status, response, seq FROM idempotency_keys WHERE owner = $1 AND key = $2",
    )
    .bind(owner)
    .bind(key)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn keep(
    tx: &mut TenantTx,
    key: &str,
    status: i16,
    response: &serde_json::Value,
) -> Result<(), StoreError> {
    let owner = tx.caller().owner();
    sqlx::query("UPDATE idempotency_keys SET status = $3, response = $4 WHERE owner = $1 AND key = $2")
        .bind(owner)
        .bind(key)
        .bind(status)
        .bind(response)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn sweep(tx: &mut WorkerTx, before: DateTime) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1")
        .bind(before)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}
