//! Statements on data keys and what they seal.

use domain::secrets::{SecretInfo, Unopened};
use domain::{DateTime, SecretId, WorkspaceId};
use tenancy::{StoreError, TenantTx, WorkerTx};
use uuid::Uuid;
use vault::{DataKey, KeyId, Sealed, Wrapped};

pub(super) struct StoredKey {
    pub(super) id: Uuid,
    pub(super) wrapped: Wrapped,
}

pub(super) struct SealedRow {
    pub(super) key: StoredKey,
    pub(super) sealed: Sealed,
}

/// A data key among those of all workspaces.
pub(super) type KeyPlace = (WorkspaceId, Uuid);

pub(super) struct StaleKey {
    pub(super) workspace: WorkspaceId,
    pub(super) stored: StoredKey,
}

#[derive(sqlx::FromRow)]
struct InfoRow {
    id: Uuid,
    name: String,
    unopened: Option<String>,
    created_at: DateTime,
    updated_at: DateTime,
    last_used_at: Option<DateTime>,
    version: i64,
}

impl From<InfoRow> for SecretInfo {
    fn from(row: InfoRow) -> Self {
        Self {
            id: SecretId(row.id),
            name: row.name,
            // A reason that this version does not know is still one: it can't be opened.
            unopened: row.unopened.map(|reason| reason.parse().unwrap_or(Unopened::Damaged)),
            created_at: row.created_at,
            updated_at: row.updated_at,
            last_used_at: row.last_used_at,
            version: row.version,
        }
    }
}

fn stored(id: Uuid, master: &str, bytes: Vec<u8>) -> StoredKey {
    StoredKey { id, wrapped: Wrapped { master: KeyId::stored(master), bytes } }
}

pub(super) async fn data_key(tx: &mut TenantTx) -> Result<Option<StoredKey>, StoreError> {
    let row: Option<(Uuid, String, Vec<u8>)> =
        sqlx::query_as("SELECT id, master_key, wrapped FROM data_keys WHERE workspace_id = $1")
            .bind(tx.caller().workspace().0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(id, master, bytes)| stored(id, &master, bytes)))
}

/// Does nothing where there is one already.
pub(super) async fn insert_data_key(
    tx: &mut TenantTx,
    id: Uuid,
    wrapped: &Wrapped,
) -> Result<(), StoreError> {
    let (workspace, now) = (tx.caller().workspace(), tx.now());
    sqlx::query(
        "INSERT INTO data_keys (workspace_id, id, master_key, wrapped, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (workspace_id) DO NOTHING",
    )
    .bind(workspace.0)
    .bind(id)
    .bind(wrapped.master.as_str())
    .bind(&wrapped.bytes)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn insert(
    tx: &mut TenantTx,
    id: SecretId,
    name: &str,
    (key, sealed): (&DataKey, &Sealed),
) -> Result<SecretInfo, StoreError> {
    let (workspace, by, now) = (tx.caller().workspace(), tx.caller().user(), tx.now());
    let row: InfoRow = sqlx::query_as(
        "INSERT INTO secrets
             (workspace_id, id, name, data_key_id, sealed, created_by, created_at, updated_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 1)
         RETURNING id, name, unopened, created_at, updated_at, last_used_at, version",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(name)
    .bind(key.id())
    .bind(&sealed.0)
    .bind(by.map(|user| user.0))
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    Ok(row.into())
}

pub(super) async fn replace(
    tx: &mut TenantTx,
    id: SecretId,
    (key, sealed): (&DataKey, &Sealed),
) -> Result<Option<SecretInfo>, StoreError> {
    let now = tx.now();
    let row: Option<InfoRow> = sqlx::query_as(
        "UPDATE secrets SET data_key_id = $2, sealed = $3, unopened = NULL, updated_at = $4, version = version + 1
         WHERE id = $1 RETURNING id, name, unopened, created_at, updated_at, last_used_at, version",
    )
    .bind(id.0)
    .bind(key.id())
    .bind(&sealed.0)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(SecretInfo::from))
}

pub(super) async fn find(tx: &mut TenantTx, id: SecretId) -> Result<Option<SealedRow>, StoreError> {
    let row: Option<(Vec<u8>, Uuid, String, Vec<u8>)> = sqlx::query_as(
        "SELECT s.sealed, k.id, k.master_key, k.wrapped FROM secrets s
         JOIN data_keys k ON k.workspace_id = s.workspace_id AND k.id = s.data_key_id WHERE s.id = $1",
    )
    .bind(id.0)
    .fetch_optional(tx.conn())
    .await?;
    let read = |(sealed, key, master, bytes): (_, _, String, _)| SealedRow {
        key: stored(key, &master, bytes),
        sealed: Sealed(sealed),
    };
    Ok(row.map(read))
}

pub(super) async fn used(tx: &mut TenantTx, id: SecretId) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query("UPDATE secrets SET last_used_at = $2, unopened = NULL WHERE id = $1")
        .bind(id.0)
        .bind(now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn quarantine(tx: &mut TenantTx, id: SecretId, reason: Unopened) -> Result<(), StoreError> {
    sqlx::query("UPDATE secrets SET unopened = $2 WHERE id = $1")
        .bind(id.0)
        .bind(reason.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn list(tx: &mut TenantTx) -> Result<Vec<SecretInfo>, StoreError> {
    let rows: Vec<InfoRow> = sqlx::query_as(
        "SELECT s.id, s.name, coalesce(s.unopened, k.unopened) AS unopened, s.created_at, s.updated_at,
                s.last_used_at, s.version
         FROM secrets s JOIN data_keys k ON k.workspace_id = s.workspace_id AND k.id = s.data_key_id
         ORDER BY s.created_at DESC, s.id DESC LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(SecretInfo::from).collect())
}

pub(super) async fn delete(tx: &mut TenantTx, id: SecretId) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM secrets WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(done.rows_affected() > 0)
}

/// The next data keys, of all workspaces, that another master key than the newest wraps.
pub(super) async fn stale(
    tx: &mut WorkerTx,
    newest: &KeyId,
    after: Option<KeyPlace>,
    limit: i64,
) -> Result<Vec<StaleKey>, StoreError> {
    let (workspace, id) = after.unwrap_or((WorkspaceId(Uuid::nil()), Uuid::nil()));
    let rows: Vec<(Uuid, Uuid, String, Vec<u8>)> = sqlx::query_as(
        "SELECT workspace_id, id, master_key, wrapped FROM data_keys
         WHERE master_key <> $1 AND (workspace_id, id) > ($2, $3)
         ORDER BY workspace_id, id LIMIT $4 FOR UPDATE SKIP LOCKED",
    )
    .bind(newest.as_str())
    .bind(workspace.0)
    .bind(id)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    let read = |(workspace, id, master, bytes): (_, _, String, _)| StaleKey {
        workspace: WorkspaceId(workspace),
        stored: stored(id, &master, bytes),
    };
    Ok(rows.into_iter().map(read).collect())
}

pub(super) async fn rewrap(
    tx: &mut WorkerTx,
    (workspace, id): KeyPlace,
    wrapped: &Wrapped,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "UPDATE data_keys SET master_key = $3, wrapped = $4, rewrapped_at = $5, unopened = NULL
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(workspace.0)
    .bind(id)
    .bind(wrapped.master.as_str())
    .bind(&wrapped.bytes)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn mark_unopened(
    tx: &mut WorkerTx,
    (workspace, id): KeyPlace,
    reason: Unopened,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE data_keys SET unopened = $3 WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.0)
        .bind(id)
        .bind(reason.as_str())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn under_other_keys(tx: &mut WorkerTx, known: &[String]) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM data_keys WHERE master_key <> ALL ($1)")
        .bind(known)
        .fetch_one(tx.conn())
        .await?;
    Ok(count)
}
