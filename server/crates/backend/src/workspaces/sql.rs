//! Statements on workspaces, memberships as they change, and invitations.

use domain::session::{Member, Role, Workspace};
use domain::workspaces::Invitation;
use domain::{ApiKeyId, DateTime, InvitationId, UserId, WorkspaceId};
use tenancy::{AuthTx, Digest, StoreError, TenantTx, WorkerTx};
use uuid::Uuid;

type WorkspaceRow = (Uuid, String, String);

fn workspace((id, slug, name): WorkspaceRow) -> Workspace {
    Workspace { id: WorkspaceId(id), slug, name }
}

fn read_role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("a role {text:?}")))
}

/// The workspace, and what this person is in it.
pub(super) async fn find(
    tx: &mut AuthTx,
    id: WorkspaceId,
    user: UserId,
) -> Result<Option<(Workspace, Option<Role>)>, StoreError> {
    let row: Option<WorkspaceRow> = sqlx::query_as("SELECT id, slug, name FROM workspaces WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    match row {
        None => Ok(None),
        Some(row) => Ok(Some((workspace(row), role_of(tx, id, user).await?))),
    }
}

pub(super) async fn lock(tx: &mut AuthTx, id: WorkspaceId) -> Result<Option<Workspace>, StoreError> {
    let row: Option<WorkspaceRow> =
        sqlx::query_as("SELECT id, slug, name FROM workspaces WHERE id = $1 FOR UPDATE")
            .bind(id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(workspace))
}

pub(super) async fn owned_by(tx: &mut AuthTx, user: UserId) -> Result<i64, StoreError> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM memberships WHERE user_id = $1 AND role = 'owner'")
            .bind(user.0)
            .fetch_one(tx.conn())
            .await?;
    Ok(count)
}

/// `false` where the slug is taken.
pub(super) async fn insert(tx: &mut AuthTx, workspace: &Workspace) -> Result<bool, StoreError> {
    let now = tx.now();
    let done = sqlx::query(
        "INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (slug) DO NOTHING",
    )
    .bind(workspace.id.0)
    .bind(&workspace.slug)
    .bind(&workspace.name)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// `false` where the slug is taken.
pub(super) async fn rename(tx: &mut AuthTx, workspace: &Workspace) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE workspaces SET slug = $2, name = $3 WHERE id = $1")
        .bind(workspace.id.0)
        .bind(&workspace.slug)
        .bind(&workspace.name)
        .execute(tx.conn())
        .await
        .map_err(StoreError::from);
    match done {
        Ok(_) => Ok(true),
        Err(error) if error.constraint() == Some("workspaces_slug") => Ok(false),
        Err(error) => Err(error),
    }
}

/// All that belongs to it goes with it, which may take longer than a request usually may.
pub(super) async fn delete(tx: &mut AuthTx, id: WorkspaceId) -> Result<(), StoreError> {
    sqlx::raw_sql("SET LOCAL statement_timeout = '5min'").execute(tx.conn()).await?;
    sqlx::query("DELETE FROM workspaces WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn forget_feed(tx: &mut WorkerTx, id: WorkspaceId) -> Result<(), StoreError> {
    sqlx::raw_sql("SET LOCAL statement_timeout = '5min'").execute(tx.conn()).await?;
    sqlx::query("DELETE FROM changes WHERE workspace_id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn role_of(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<Role>, StoreError> {
    let row: Option<(String,)> =
        sqlx::query_as("SELECT role FROM memberships WHERE workspace_id = $1 AND user_id = $2")
            .bind(workspace.0)
            .bind(user.0)
            .fetch_optional(tx.conn())
            .await?;
    row.map(|(role,)| read_role(&role)).transpose()
}

/// Everybody with their role, locked until the commit: who is the last owner must not change meanwhile. The workspace
/// is locked too, so that nobody joins.
pub(super) async fn lock_members(
    tx: &mut AuthTx,
    id: WorkspaceId,
) -> Result<Vec<(UserId, Role)>, StoreError> {
    lock(tx, id).await?;
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "SELECT user_id, role FROM memberships WHERE workspace_id = $1 ORDER BY user_id FOR UPDATE",
    )
    .bind(id.0)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|(user, role)| Ok((UserId(user), read_role(&role)?))).collect()
}

pub(super) async fn member(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<Member>, StoreError> {
    let row: Option<(Uuid, String, String, String)> = sqlx::query_as(
        "SELECT u.id, u.email, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.workspace_id = $1 AND m.user_id = $2",
    )
    .bind(workspace.0)
    .bind(user.0)
    .fetch_optional(tx.conn())
    .await?;
    row.map(|(id, email, name, role)| {
        Ok(Member { user_id: UserId(id), email, name, role: read_role(&role)? })
    })
    .transpose()
}

/// Makes somebody a member, or gives them another role.
pub(super) async fn join(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO memberships (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role",
    )
    .bind(workspace.0)
    .bind(user.0)
    .bind(role.as_str())
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn leave(tx: &mut AuthTx, workspace: WorkspaceId, user: UserId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM memberships WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace.0)
        .bind(user.0)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Revokes the keys of these roles that somebody made.
pub(super) async fn revoke_keys(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    made_by: UserId,
    roles: &[&str],
) -> Result<Vec<ApiKeyId>, StoreError> {
    let now = tx.now();
    let rows: Vec<(Uuid,)> = sqlx::query_as(
        "UPDATE api_keys SET revoked_at = $4
         WHERE workspace_id = $1 AND created_by = $2 AND role = ANY ($3) AND revoked_at IS NULL RETURNING id",
    )
    .bind(workspace.0)
    .bind(made_by.0)
    .bind(roles)
    .bind(now)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(id,)| ApiKeyId(id)).collect())
}

pub(super) struct OpenInvitation {
    pub(super) id: InvitationId,
    pub(super) workspace: Workspace,
    pub(super) email: String,
    pub(super) role: Role,
}

pub(super) async fn is_member(tx: &mut TenantTx, email: &str) -> Result<bool, StoreError> {
    let (there,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = $1)",
    )
    .bind(email)
    .fetch_one(tx.conn())
    .await?;
    Ok(there)
}

pub(super) async fn count_open(tx: &mut TenantTx) -> Result<i64, StoreError> {
    let now = tx.now();
    let (count,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM invitations WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $1",
    )
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

pub(super) async fn insert_invitation(
    tx: &mut TenantTx,
    invitation: &Invitation,
    digest: &Digest,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO invitations (workspace_id, id, token_hash, email, role, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tx.caller().workspace().0)
    .bind(invitation.id.0)
    .bind(&digest.0)
    .bind(&invitation.email)
    .bind(invitation.role.as_str())
    .bind(invitation.created_by.map(|user| user.0))
    .bind(invitation.created_at)
    .bind(invitation.expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

type InvitationRow = (Uuid, String, String, Option<Uuid>, DateTime, DateTime);

pub(super) async fn open_invitations(tx: &mut TenantTx) -> Result<Vec<Invitation>, StoreError> {
    let now = tx.now();
    let rows: Vec<InvitationRow> = sqlx::query_as(
        "SELECT id, email, role, created_by, created_at, expires_at FROM invitations
         WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $1
         ORDER BY created_at DESC, id DESC LIMIT 1000",
    )
    .bind(now)
    .fetch_all(tx.conn())
    .await?;
    let read = |(id, email, role, created_by, created_at, expires_at): InvitationRow| {
        let (id, created_by) = (InvitationId(id), created_by.map(UserId));
        Ok(Invitation { id, email, role: read_role(&role)?, created_by, created_at, expires_at })
    };
    rows.into_iter().map(read).collect()
}

pub(super) async fn revoke_invitation(tx: &mut TenantTx, id: InvitationId) -> Result<bool, StoreError> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE invitations SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL AND accepted_at IS NULL",
    )
    .bind(id.0)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The invitation of this secret, if it can still be used; two who use it at once wait for each other.
pub(super) async fn lock_invitation(
    tx: &mut AuthTx,
    digest: &Digest,
) -> Result<Option<OpenInvitation>, StoreError> {
    let now = tx.now();
    let row: Option<(Uuid, String, String, Uuid, String, String)> = sqlx::query_as(
        "SELECT i.id, i.email, i.role, w.id, w.slug, w.name FROM invitations i
         JOIN workspaces w ON w.id = i.workspace_id
         WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2
         FOR UPDATE OF i",
    )
    .bind(&digest.0)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    let Some((id, email, role, workspace_id, slug, name)) = row else {
        return Ok(None);
    };
    let workspace = workspace((workspace_id, slug, name));
    Ok(Some(OpenInvitation { id: InvitationId(id), workspace, email, role: read_role(&role)? }))
}

pub(super) async fn mark_accepted(
    tx: &mut AuthTx,
    (workspace, id): (WorkspaceId, InvitationId),
    user: UserId,
) -> Result<(), StoreError> {
    let now = tx.now();
    sqlx::query(
        "UPDATE invitations SET accepted_at = $3, accepted_by = $4 WHERE workspace_id = $1 AND id = $2",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(now)
    .bind(user.0)
    .execute(tx.conn())
    .await?;
    Ok(())
}
