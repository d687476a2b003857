//! Statements on sessions.

use domain::{DateTime, SessionId, UserId, WorkspaceId};
use tenancy::{AuthTx, Digest, StoreError};
use uuid::Uuid;

pub(in crate::auth) struct NewSession {
    pub(in crate::auth) id: SessionId,
    pub(in crate::auth) user: UserId,
    pub(in crate::auth) workspace: WorkspaceId,
    pub(in crate::auth) user_agent: String,
    pub(in crate::auth) created_at: DateTime,
    pub(in crate::auth) expires_at: DateTime,
}

/// One that is neither revoked nor past its end. Whether it rested too long is asked where it is used.
pub(in crate::auth) struct OpenSession {
    pub(in crate::auth) id: SessionId,
    pub(in crate::auth) user_agent: String,
    pub(in crate::auth) address: Option<String>,
    pub(in crate::auth) created_at: DateTime,
    pub(in crate::auth) last_seen_at: DateTime,
    pub(in crate::auth) expires_at: DateTime,
}

pub(in crate::auth) async fn insert(
    tx: &mut AuthTx,
    digest: &Digest,
    session: &NewSession,
) -> Result<(), StoreError> {
    let address = tx.provenance().address.map(|address| address.to_string());
    sqlx::query(
        "INSERT INTO sessions
             (id, user_id, token_hash, last_workspace, user_agent, address, created_at, last_seen_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(session.id.0)
    .bind(session.user.0)
    .bind(&digest.0)
    .bind(session.workspace.0)
    .bind(&session.user_agent)
    .bind(address)
    .bind(session.created_at)
    .bind(session.expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

type OpenRow = (Uuid, String, Option<String>, DateTime, DateTime, DateTime);

pub(in crate::auth) async fn open_of(tx: &mut AuthTx, user: UserId) -> Result<Vec<OpenSession>, StoreError> {
    let now = tx.now();
    let rows: Vec<OpenRow> = sqlx::query_as(
        "SELECT id, user_agent, address, created_at, last_seen_at, expires_at FROM sessions
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
         ORDER BY last_seen_at DESC, id DESC LIMIT 1000",
    )
    .bind(user.0)
    .bind(now)
    .fetch_all(tx.conn())
    .await?;
    let read = |(id, user_agent, address, created_at, last_seen_at, expires_at)| OpenSession {
        id: SessionId(id),
        user_agent,
        address,
        created_at,
        last_seen_at,
        expires_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

pub(in crate::auth) async fn by_token(
    tx: &mut AuthTx,
    digest: &Digest,
) -> Result<Option<(UserId, SessionId)>, StoreError> {
    let row: Option<(Uuid, Uuid)> =
        sqlx::query_as("SELECT user_id, id FROM sessions WHERE token_hash = $1 AND revoked_at IS NULL")
            .bind(&digest.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(user, session)| (UserId(user), SessionId(session))))
}

pub(in crate::auth) async fn set_token(
    tx: &mut AuthTx,
    session: SessionId,
    digest: &Digest,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET token_hash = $2 WHERE id = $1")
        .bind(session.0)
        .bind(&digest.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Revokes it, and says which workspace it was used in last. `None` where there was nothing to revoke.
pub(in crate::auth) async fn revoke(
    tx: &mut AuthTx,
    user: UserId,
    session: SessionId,
    now: DateTime,
) -> Result<Option<Option<WorkspaceId>>, StoreError> {
    let row: Option<(Option<Uuid>,)> = sqlx::query_as(
        "UPDATE sessions SET revoked_at = $3 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL
         RETURNING last_workspace",
    )
    .bind(session.0)
    .bind(user.0)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(workspace,)| workspace.map(WorkspaceId)))
}

pub(in crate::auth) async fn state(
    tx: &mut AuthTx,
    session: SessionId,
) -> Result<Option<(Option<WorkspaceId>, DateTime)>, StoreError> {
    let row: Option<(Option<Uuid>, DateTime)> =
        sqlx::query_as("SELECT last_workspace, expires_at FROM sessions WHERE id = $1")
            .bind(session.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|(workspace, expires)| (workspace.map(WorkspaceId), expires)))
}

pub(in crate::auth) async fn set_last_workspace(
    tx: &mut AuthTx,
    session: SessionId,
    workspace: WorkspaceId,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET last_workspace = $2 WHERE id = $1")
        .bind(session.0)
        .bind(workspace.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}
