//! From a credential to somebody: the only statements that read sessions and keys on the way in.

use crate::caller::{Actor, Caller, Person};
use crate::{AuthTx, Secret, StoreError};
use domain::session::{Role, Scope};
use domain::{ApiKeyId, SessionId, UserId, WorkspaceId};
use uuid::Uuid;

/// What a request came with.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The session cookie.
    Session(Secret),
    /// An API key.
    Key(Secret),
}

/// Whom a credential belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    Person(Person),
    Caller(Caller),
}

/// What came of a credential and the workspace that was named with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The credential is unknown, expired or revoked.
    Unknown,
    /// There is no such workspace for this person.
    Stranger,
    /// A person in the workspace that they named, or a key, which opens its own whatever was named.
    Admitted(Caller),
}

/// How a request names its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceRef {
    Id(WorkspaceId),
    Slug(String),
}

impl WorkspaceRef {
    /// An id where it reads as one, else a slug.
    pub fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Slug(text.to_owned()), Self::Id)
    }
}

/// Days without use after which a session ends.
pub(crate) const IDLE_DAYS: i64 = 30;
/// A session's last use is written down at most this often, so that reading stays reading.
const TOUCH_MINUTES: i64 = 5;

pub(crate) async fn identify(
    tx: &mut AuthTx,
    credential: &Credential,
) -> Result<Option<Identity>, StoreError> {
    match credential {
        Credential::Session(secret) => Ok(person(tx, secret).await?.map(Identity::Person)),
        Credential::Key(secret) => Ok(key(tx, secret).await?.map(Identity::Caller)),
    }
}

async fn person(tx: &mut AuthTx, secret: &Secret) -> Result<Option<Person>, StoreError> {
    let now = tx.now();
    let row: Option<(Uuid, Uuid, domain::DateTime)> = sqlx::query_as(
        "SELECT id, user_id, last_seen_at FROM sessions
         WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2 AND last_seen_at > $3",
    )
    .bind(secret.digest().0)
    .bind(now)
    .bind(now - chrono::Duration::days(IDLE_DAYS))
    .fetch_optional(tx.conn())
    .await?;
    let Some((session, user, seen)) = row else {
        return Ok(None);
    };
    if seen < now - chrono::Duration::minutes(TOUCH_MINUTES) {
        sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE id = $1")
            .bind(session)
            .bind(now)
            .execute(tx.conn())
            .await?;
    }
    Ok(Some(Person { user: UserId(user), session: SessionId(session) }))
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    workspace_id: Uuid,
    id: Uuid,
    role: String,
    scopes: Vec<String>,
    created_by: Option<Uuid>,
    last_used_at: Option<domain::DateTime>,
}

async fn key(tx: &mut AuthTx, secret: &Secret) -> Result<Option<Caller>, StoreError> {
    let now = tx.now();
    let row: Option<KeyRow> = sqlx::query_as(
        "SELECT workspace_id, id, role, scopes, created_by, last_used_at FROM api_keys
         WHERE key_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(secret.digest().0)
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.last_used_at.is_none_or(|used| used < now - chrono::Duration::minutes(TOUCH_MINUTES)) {
        sqlx::query("UPDATE api_keys SET last_used_at = $3 WHERE workspace_id = $1 AND id = $2")
            .bind(row.workspace_id)
            .bind(row.id)
            .bind(now)
            .execute(tx.conn())
            .await?;
    }
    // A scope this version does not know gives nothing.
    let scopes: Vec<Scope> = row.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
    let actor = Actor::Key { key: ApiKeyId(row.id), made_by: row.created_by.map(UserId) };
    let role = read_role(&row.role)?;
    Ok(Some(Caller { workspace: WorkspaceId(row.workspace_id), actor, role, scopes }))
}

pub(crate) async fn enter(
    tx: &mut AuthTx,
    person: &Person,
    workspace: &WorkspaceRef,
) -> Result<Option<Caller>, StoreError> {
    let (id, slug) = match workspace {
        WorkspaceRef::Id(id) => (Some(id.0), None),
        WorkspaceRef::Slug(slug) => (None, Some(slug.as_str())),
    };
    if slug.is_some_and(|slug| slug.contains('\0')) {
        return Ok(None);
    }
    let row: Option<(Uuid, String)> = sqlx::query_as(
        "SELECT w.id, m.role FROM workspaces w JOIN memberships m ON m.workspace_id = w.id
         WHERE m.user_id = $1 AND (w.id = $2 OR w.slug = $3)",
    )
    .bind(person.user.0)
    .bind(id)
    .bind(slug)
    .fetch_optional(tx.conn())
    .await?;
    let Some((workspace, role)) = row else {
        return Ok(None);
    };
    let actor = Actor::Person { user: person.user, session: person.session };
    Ok(Some(Caller::in_role(WorkspaceId(workspace), actor, read_role(&role)?)))
}

pub(crate) fn read_role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|_| StoreError::Corrupt(format!("a role {text:?}")))
}
