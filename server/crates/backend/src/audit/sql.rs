//! Statements on the audit trail. There is none that changes or deletes.

use super::rules::{Link, Stored, Tail, Texts, hexadecimal};
use super::{By, Event, Filter};
use domain::audit::{AuditActor, AuditEntry, AuditTarget};
use domain::{AuditEntryId, DateTime, WorkspaceId};
use sqlx::PgConnection;
use tenancy::{AuthTx, Caller, Provenance, StoreError, TenantTx, WorkerTx};
use uuid::Uuid;

pub(super) struct NewEntry {
    pub(super) workspace: WorkspaceId,
    pub(super) actor: Actor,
    pub(super) event: Event,
}

pub(super) struct Actor {
    kind: &'static str,
    id: Option<Uuid>,
}

impl Actor {
    pub(super) fn of(caller: &Caller) -> Self {
        match caller.actor() {
            tenancy::Actor::Person { user, .. } => Self { kind: "person", id: Some(user.0) },
            tenancy::Actor::Key { key, .. } => Self { kind: "key", id: Some(key.0) },
            tenancy::Actor::Job { by } => Self { kind: "job", id: by.map(|user| user.0) },
            tenancy::Actor::Operator => Self { kind: "operator", id: None },
        }
    }
}

impl From<By> for Actor {
    fn from(by: By) -> Self {
        match by {
            By::Person(user) => Self { kind: "person", id: Some(user.0) },
            By::Operator => Self { kind: "operator", id: None },
            By::Nobody => Self { kind: "nobody", id: None },
        }
    }
}

pub(super) async fn append(tx: &mut TenantTx, entry: NewEntry) -> Result<(), StoreError> {
    let (id, now, from) = (tx.ids().make(), tx.now(), tx.provenance().clone());
    insert(tx.conn(), entry, (id, now), from).await
}

pub(super) async fn append_outside(tx: &mut AuthTx, entry: NewEntry) -> Result<(), StoreError> {
    let (id, now, from) = (tx.ids().make(), tx.now(), tx.provenance().clone());
    insert(tx.conn(), entry, (id, now), from).await
}

async fn insert(
    connection: &mut PgConnection,
    entry: NewEntry,
    (id, now): (AuditEntryId, DateTime),
    from: Provenance,
) -> Result<(), StoreError> {
    let NewEntry { workspace, actor, event } = entry;
    let (target_kind, target_id) = event.target.unzip();
    sqlx::query(
        "SELECT append_audit(ROW($1, 0, $2, $3, $4, $5,
             CASE $4 WHEN 'key' THEN (SELECT name FROM api_keys WHERE workspace_id = $1 AND id = $5)
                     ELSE (SELECT name || ' <' || email || '>' FROM users WHERE id = $5) END,
             $6, $7, $8, $9, $10, $11, $12, NULL, NULL)::audit_entries)",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(now)
    .bind(actor.kind)
    .bind(actor.id)
    .bind(event.action.as_str())
    .bind(target_kind)
    .bind(target_id.flatten())
    .bind(from.address.map(|address| address.to_string()))
    .bind(from.request_id.as_deref())
    .bind(event.result)
    .bind(event.detail)
    .execute(connection)
    .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    workspace_id: Uuid,
    number: i64,
    id: Uuid,
    at: DateTime,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_name: Option<String>,
    action: String,
    target_kind: Option<String>,
    target_id: Option<Uuid>,
    address: Option<String>,
    request_id: Option<String>,
    result: String,
    detail: Option<String>,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<EntryRow> for AuditEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            id: AuditEntryId(row.id),
            number: row.number,
            at: row.at,
            actor: AuditActor { kind: row.actor_kind, id: row.actor_id, name: row.actor_name },
            action: row.action,
            target: row.target_kind.map(|kind| AuditTarget { kind, id: row.target_id }),
            address: row.address,
            request_id: row.request_id,
            result: row.result,
            detail: row.detail,
            hash: hexadecimal(&row.hash),
            previous_hash: hexadecimal(&row.previous_hash),
        }
    }
}

impl From<EntryRow> for Stored {
    fn from(row: EntryRow) -> Self {
        let texts = Texts {
            actor_kind: row.actor_kind,
            actor_name: row.actor_name,
            action: row.action,
            target_kind: row.target_kind,
            address: row.address,
            request_id: row.request_id,
            result: row.result,
            detail: row.detail,
        };
        Self {
            workspace: row.workspace_id,
            number: row.number,
            id: row.id,
            at: row.at,
            texts,
            actor_id: row.actor_id,
            target_id: row.target_id,
            previous_hash: row.previous_hash,
            hash: row.hash,
        }
    }
}

pub(super) async fn list(
    tx: &mut TenantTx,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT * FROM audit_entries
         WHERE workspace_id = $1 AND number < $2
           AND ($3::text IS NULL OR action = $3) AND ($4::uuid IS NULL OR actor_id = $4)
           AND ($5::uuid IS NULL OR target_id = $5) AND ($6::text IS NULL OR result = $6)
           AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)
         ORDER BY number DESC LIMIT $9",
    )
    .bind(tx.caller().workspace().0)
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(filter.action.as_deref())
    .bind(filter.actor)
    .bind(filter.target)
    .bind(filter.result.as_deref())
    .bind(filter.from)
    .bind(filter.to)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(AuditEntry::from).collect())
}

/// Every chain there is, also one whose head or whose entries are gone.
pub(super) async fn chains(tx: &mut WorkerTx) -> Result<Vec<WorkspaceId>, StoreError> {
    let rows: Vec<(Uuid,)> = sqlx::query_as(
        "SELECT workspace_id FROM audit_heads UNION SELECT workspace_id FROM audit_entries ORDER BY 1",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(id,)| WorkspaceId(id)).collect())
}

pub(super) async fn tail(tx: &mut WorkerTx, chain: WorkspaceId) -> Result<Tail, StoreError> {
    let (number, hash, newest): (Option<i64>, Option<Vec<u8>>, i64) = sqlx::query_as(
        "SELECT h.number, h.hash, coalesce(e.newest, 0)
         FROM (SELECT max(number) AS newest FROM audit_entries WHERE workspace_id = $1) e
         LEFT JOIN audit_heads h ON h.workspace_id = $1",
    )
    .bind(chain.0)
    .fetch_one(tx.conn())
    .await?;
    let head = number.zip(hash).map(|(number, hash)| Link { number, hash });
    Ok(Tail { head, newest })
}

/// The next entries of a chain in its order, however they are numbered.
pub(super) async fn after(
    tx: &mut WorkerTx,
    chain: WorkspaceId,
    number: i64,
    limit: i64,
) -> Result<Vec<Stored>, StoreError> {
    let rows: Vec<EntryRow> = sqlx::query_as(
        "SELECT * FROM audit_entries WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3",
    )
    .bind(chain.0)
    .bind(number)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Stored::from).collect())
}
