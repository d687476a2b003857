//! The audit trail: who did what, when, from where; one chain per workspace, which nobody can rewrite unnoticed.
//!
//! It owns the entries and how a chain is checked. It knows no other capability: whoever does something worth noting
//! says so here, as the last thing before its commit, since a chain is locked until then.
//! Start reading at [`record`].

mod rules;
mod sql;
#[cfg(test)]
mod tests;
mod verify;

use domain::audit::{Action, AuditEntry};
use domain::permission::Permission;
use domain::{DateTime, UserId, WorkspaceId};
use tenancy::{AuthTx, Caller, StoreError, TenantTx};
use uuid::Uuid;

pub use rules::{Break, Noted};
pub use verify::{Chain, Verdict, verify};

crate::error::capability_error! {
    /// Why the trail could not be read.
    AuditError, "entry"
}

/// The most entries of one page.
pub const PAGE: usize = 200;

/// The chain of what belongs to no workspace.
pub const HOUSE: WorkspaceId = WorkspaceId(Uuid::nil());

/// Something that was done, or refused.
#[derive(Debug, Clone)]
pub struct Event {
    action: Action,
    target: Option<(&'static str, Option<Uuid>)>,
    result: &'static str,
    detail: Option<String>,
}

impl Event {
    pub fn new(action: Action) -> Self {
        Self { action, target: None, result: "ok", detail: None }
    }

    /// What it was done to.
    #[must_use]
    pub fn on(self, kind: &'static str, id: Uuid) -> Self {
        Self { target: Some((kind, Some(id))), ..self }
    }

    /// What it was done to, where that has no id.
    #[must_use]
    pub fn on_all(self, kind: &'static str) -> Self {
        Self { target: Some((kind, None)), ..self }
    }

    /// A few words more; never a secret, and nothing that somebody outside chose at length.
    #[must_use]
    pub fn saying(self, detail: &str) -> Self {
        Self { detail: Some(rules::short(detail)), ..self }
    }

    /// It was asked for, and not done.
    #[must_use]
    pub fn refused(self) -> Self {
        Self { result: "refused", ..self }
    }
}

/// Who did something that no caller of a workspace did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Person(UserId),
    Operator,
    /// Nobody who is known: a refused sign-in.
    Nobody,
}

/// Notes what the caller did in their workspace.
pub async fn record(tx: &mut TenantTx, event: Event) -> Result<(), StoreError> {
    let actor = sql::Actor::of(tx.caller());
    let entry = sql::NewEntry { workspace: tx.caller().workspace(), actor, event };
    sql::append(tx, entry).await
}

/// Notes what was done about people, sign-in and memberships, in the chain of one workspace or of the [`HOUSE`].
pub async fn record_in(
    tx: &mut AuthTx,
    workspace: WorkspaceId,
    by: By,
    event: Event,
) -> Result<(), StoreError> {
    sql::append_outside(tx, sql::NewEntry { workspace, actor: by.into(), event }).await
}

/// The same, for a caller whose deed is about people and memberships.
pub async fn record_for(tx: &mut AuthTx, caller: &Caller, event: Event) -> Result<(), StoreError> {
    let actor = sql::Actor::of(caller);
    sql::append_outside(tx, sql::NewEntry { workspace: caller.workspace(), actor, event }).await
}

/// Which entries; what is empty asks for all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub action: Option<String>,
    pub actor: Option<Uuid>,
    pub target: Option<Uuid>,
    pub result: Option<String>,
    pub from: Option<DateTime>,
    pub to: Option<DateTime>,
    /// Only entries of a smaller number: those before the ones that were seen.
    pub before: Option<i64>,
}

/// The newest entries of the caller's workspace that match, at most `limit` and never more than [`PAGE`].
pub async fn list(tx: &mut TenantTx, filter: &Filter, limit: usize) -> Result<Vec<AuditEntry>, AuditError> {
    tx.caller().require(Permission::AuditRead)?;
    Ok(sql::list(tx, filter, limit.min(PAGE)).await?)
}

/// Begins an export, which is itself an entry. The pages of it are read by [`list`].
pub async fn begin_export(tx: &mut TenantTx) -> Result<(), AuditError> {
    tx.caller().require(Permission::AuditExport)?;
    Ok(record(tx, Event::new(Action::DataExported).on_all("audit")).await?)
}
