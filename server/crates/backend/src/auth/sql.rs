//! Statements on users, sessions, sign-in links, workspaces, memberships and API keys.

pub(super) mod sessions;

use domain::session::{ApiKey, Member, Role, Scope, User, Workspace};
use domain::{ApiKeyId, DateTime, UserId, WorkspaceId};
use tenancy::{AuthTx, Digest, StoreError, TenantTx, WorkspaceRef};
use uuid::Uuid;

pub(super) struct LinkRow {
    pub(super) email: String,
    pub(super) workspace: WorkspaceId,
    pub(super) role: Role,
    pub(super) created_at: DateTime,
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    avatar_url: Option<String>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self { id: UserId(row.id), name: row.name, email: row.email, avatar_url: row.avatar_url }
    }
}

type WorkspaceRow = (Uuid, String, String);

fn read_workspace((id, slug, name): WorkspaceRow) -> Workspace {
    Workspace { id: WorkspaceId(id), slug, name }
}

fn read_role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("a role {text:?}")))
}

pub(super) async fn user_by_email(tx: &mut AuthTx, email: &str) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> =
        sqlx::query_as("SELECT id, email, name, avatar_url FROM users WHERE email = $1")
            .bind(email)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(User::from))
}

pub(super) async fn user(tx: &mut AuthTx, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = sqlx::query_as("SELECT id, email, name, avatar_url FROM users WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(User::from))
}

/// Inserts, or returns the person who was there first.
pub(super) async fn insert_user(tx: &mut AuthTx, user: &User, now: DateTime) -> Result<User, StoreError> {
    let row: UserRow = sqlx::query_as(
        "INSERT INTO users (id, email, name, avatar_url, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (email) DO UPDATE SET email = excluded.email RETURNING id, email, name, avatar_url",
    )
    .bind(user.id.0)
    .bind(&user.email)
    .bind(&user.name)
    .bind(&user.avatar_url)
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    Ok(row.into())
}

pub(super) async fn sweep(tx: &mut AuthTx, before: DateTime) -> Result<u64, StoreError> {
    let links = sqlx::query("DELETE FROM sign_in_links WHERE expires_at < $1")
        .bind(before)
        .execute(tx.conn())
        .await?;
    let sessions = sqlx::query("DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1")
        .bind(before)
        .execute(tx.conn())
        .await?;
    Ok(links.rows_affected() + sessions.rows_affected())
}

pub(super) async fn has_signed_in(tx: &mut AuthTx) -> Result<bool, StoreError> {
    let (any,): (bool,) = sqlx::query_as("SELECT EXISTS (SELECT FROM sessions)").fetch_one(tx.conn()).await?;
    Ok(any)
}

pub(super) async fn workspace(
    tx: &mut AuthTx,
    named: &WorkspaceRef,
) -> Result<Option<Workspace>, StoreError> {
    let (id, slug) = match named {
        WorkspaceRef::Id(id) => (Some(id.0), None),
        WorkspaceRef::Slug(slug) => (None, Some(slug.replace('\0', ""))),
    };
    let row: Option<WorkspaceRow> =
        sqlx::query_as("SELECT id, slug, name FROM workspaces WHERE id = $1 OR slug = $2")
            .bind(id)
            .bind(slug)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(read_workspace))
}

pub(super) async fn own_workspace(
    tx: &mut TenantTx,
    id: WorkspaceId,
) -> Result<Option<Workspace>, StoreError> {
    let row: Option<WorkspaceRow> = sqlx::query_as("SELECT id, slug, name FROM workspaces WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(read_workspace))
}

/// `false` where the slug is taken.
pub(super) async fn insert_workspace(
    tx: &mut AuthTx,
    workspace: &Workspace,
    now: DateTime,
) -> Result<bool, StoreError> {
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

pub(super) async fn first_workspace_of(
    tx: &mut AuthTx,
    user: UserId,
) -> Result<Option<Workspace>, StoreError> {
    let row: Option<WorkspaceRow> = sqlx::query_as(
        "SELECT w.id, w.slug, w.name FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
         WHERE m.user_id = $1 ORDER BY m.created_at, w.id LIMIT 1",
    )
    .bind(user.0)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(read_workspace))
}

pub(super) async fn workspaces_of(
    tx: &mut AuthTx,
    user: UserId,
) -> Result<Vec<(Workspace, Role)>, StoreError> {
    let rows: Vec<(Uuid, String, String, String)> = sqlx::query_as(
        "SELECT w.id, w.slug, w.name, m.role FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
         WHERE m.user_id = $1 ORDER BY lower(w.name), w.id",
    )
    .bind(user.0)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(id, slug, name, role)| Ok((read_workspace((id, slug, name)), read_role(&role)?)))
        .collect()
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

pub(super) async fn upsert_membership(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    user: UserId,
    role: Role,
    now: DateTime,
) -> Result<(), StoreError> {
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

pub(super) async fn insert_link(
    tx: &mut AuthTx,
    digest: &Digest,
    link: &LinkRow,
    expires_at: DateTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_in_links (token_hash, email, target_workspace, role, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&digest.0)
    .bind(&link.email)
    .bind(link.workspace.0)
    .bind(link.role.as_str())
    .bind(link.created_at)
    .bind(expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn link_is_open(
    tx: &mut AuthTx,
    digest: &Digest,
    now: DateTime,
) -> Result<bool, StoreError> {
    let (open,): (bool,) = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM sign_in_links WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2)",
    )
    .bind(&digest.0)
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    Ok(open)
}

/// Marks a link as used and returns it; two at once can't both have it.
pub(super) async fn use_link(
    tx: &mut AuthTx,
    digest: &Digest,
    now: DateTime,
) -> Result<Option<LinkRow>, StoreError> {
    let row: Option<(String, Option<Uuid>, String, DateTime)> = sqlx::query_as(
        "UPDATE sign_in_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING email, target_workspace, role, created_at",
    )
    .bind(&digest.0)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    let Some((email, Some(workspace), role, created_at)) = row else {
        return Ok(None);
    };
    Ok(Some(LinkRow { email, workspace: WorkspaceId(workspace), role: read_role(&role)?, created_at }))
}

pub(super) async fn members(tx: &mut TenantTx) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<(Uuid, String, String, String)> = sqlx::query_as(
        "SELECT u.id, u.email, u.name, m.role FROM memberships m JOIN users u ON u.id = m.user_id
         ORDER BY lower(u.name), u.id LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(id, email, name, role)| {
            Ok(Member { user_id: UserId(id), email, name, role: read_role(&role)? })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: Uuid,
    name: String,
    role: String,
    scopes: Vec<String>,
    prefix: String,
    created_at: DateTime,
    expires_at: Option<DateTime>,
    last_used_at: Option<DateTime>,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ApiKeyId(row.id),
            name: row.name,
            role: read_role(&row.role)?,
            scopes: row.scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
            prefix: row.prefix,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        })
    }
}

pub(super) async fn insert_key(tx: &mut TenantTx, key: &ApiKey, digest: &Digest) -> Result<(), StoreError> {
    let (workspace, by) = (tx.caller().workspace(), tx.caller().user());
    let scopes: Vec<&str> = key.scopes.iter().copied().map(Scope::as_str).collect();
    sqlx::query(
        "INSERT INTO api_keys (workspace_id, id, name, role, scopes, prefix, key_hash, created_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(workspace.0)
    .bind(key.id.0)
    .bind(&key.name)
    .bind(key.role.as_str())
    .bind(scopes)
    .bind(&key.prefix)
    .bind(&digest.0)
    .bind(by.map(|user| user.0))
    .bind(key.created_at)
    .bind(key.expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn keys(tx: &mut TenantTx) -> Result<Vec<ApiKey>, StoreError> {
    let rows: Vec<KeyRow> = sqlx::query_as(
        "SELECT id, name, role, scopes, prefix, created_at, expires_at, last_used_at FROM api_keys
         WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 1000",
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

pub(super) async fn revoke_key(tx: &mut TenantTx, key: ApiKeyId, now: DateTime) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(key.0)
        .bind(now)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}
