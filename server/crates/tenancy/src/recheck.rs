//! Whether those who were let in may stay: one question for everybody who holds a connection open.

use crate::authenticate::{IDLE_DAYS, read_role};
use crate::{Actor, AuthTx, Caller, Database, StoreError};
use domain::session::{Role, Scope};
use std::collections::HashMap;
use uuid::Uuid;

/// What is known now of somebody in a workspace: by the session's or the key's id, and the workspace.
type Standing = HashMap<(Uuid, Uuid), (Role, Option<Vec<Scope>>)>;

impl Database {
    /// The callers as they are now, in the order asked: with today's role and scopes, or `None` where the session,
    /// the key or the membership has ended. Jobs and the operator are not asked about.
    pub async fn recheck(&self, callers: &[Caller]) -> Result<Vec<Option<Caller>>, StoreError> {
        let mut tx = self.auth().await?;
        let mut standing = people(&mut tx, callers).await?;
        standing.extend(keys(&mut tx, callers).await?);
        Ok(callers.iter().map(|caller| now(caller, &standing)).collect())
    }
}

fn now(caller: &Caller, standing: &Standing) -> Option<Caller> {
    if matches!(caller.actor, Actor::Job { .. } | Actor::Operator) {
        return Some(caller.clone());
    }
    let (role, scopes) = standing.get(&(caller.owner(), caller.workspace.0))?;
    let scopes = scopes.clone().unwrap_or_else(|| Scope::of(*role));
    Some(Caller { role: *role, scopes, ..caller.clone() })
}

async fn people(tx: &mut AuthTx, callers: &[Caller]) -> Result<Standing, StoreError> {
    let asked = callers.iter().filter_map(|caller| match caller.actor {
        Actor::Person { session, .. } => Some((session.0, caller.workspace.0)),
        _ => None,
    });
    let (sessions, workspaces): (Vec<Uuid>, Vec<Uuid>) = asked.unzip();
    if sessions.is_empty() {
        return Ok(Standing::new());
    }
    let now = tx.now();
    let rows: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
        "SELECT DISTINCT s.id, m.workspace_id, m.role
         FROM unnest($1::uuid[], $2::uuid[]) AS asked (session_id, workspace_id)
         JOIN sessions s ON s.id = asked.session_id
         JOIN memberships m ON m.workspace_id = asked.workspace_id AND m.user_id = s.user_id
         WHERE s.revoked_at IS NULL AND s.expires_at > $3 AND s.last_seen_at > $4",
    )
    .bind(sessions)
    .bind(workspaces)
    .bind(now)
    .bind(now - chrono::Duration::days(IDLE_DAYS))
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|(session, workspace, role)| Ok(((session, workspace), (read_role(&role)?, None))))
        .collect()
}

async fn keys(tx: &mut AuthTx, callers: &[Caller]) -> Result<Standing, StoreError> {
    let asked = callers.iter().filter_map(|caller| match caller.actor {
        Actor::Key { key, .. } => Some((key.0, caller.workspace.0)),
        _ => None,
    });
    let (ids, workspaces): (Vec<Uuid>, Vec<Uuid>) = asked.unzip();
    if ids.is_empty() {
        return Ok(Standing::new());
    }
    let now = tx.now();
    let rows: Vec<(Uuid, Uuid, String, Vec<String>)> = sqlx::query_as(
        "SELECT DISTINCT k.id, k.workspace_id, k.role, k.scopes
         FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, workspace_id)
         JOIN api_keys k ON k.workspace_id = asked.workspace_id AND k.id = asked.id
         WHERE k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $3)",
    )
    .bind(ids)
    .bind(workspaces)
    .bind(now)
    .fetch_all(tx.conn())
    .await?;
    let read = |(key, workspace, role, scopes): (Uuid, Uuid, String, Vec<String>)| {
        let scopes = scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        Ok(((key, workspace), (read_role(&role)?, Some(scopes))))
    };
    rows.into_iter().map(read).collect()
}
