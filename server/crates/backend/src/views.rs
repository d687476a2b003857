//! Saved views: filters under a name, one's own or the workspace's.
//!
//! A view that is not shared is its owner's alone: to everybody else it is not there.

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use domain::permission::Permission;
use domain::views::{NewView, SavedView, VIEWS_LIMIT, ViewPatch};
use domain::{UserId, ViewId};
use tenancy::TenantTx;

crate::error::capability_error! {
    /// Why something could not be done with a saved view.
    ViewError, "view"
}

/// The workspace's views and the caller's own, in their order.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<SavedView>, ViewError> {
    tx.caller().require(Permission::ViewRead)?;
    let me = tx.caller().user();
    Ok(sql::list(tx, me).await?)
}

pub async fn get(tx: &mut TenantTx, id: ViewId) -> Result<SavedView, ViewError> {
    tx.caller().require(Permission::ViewRead)?;
    let view = sql::find(tx, id).await?;
    seen(view, tx.caller().user())
}

/// Makes a view. The same id again returns the one that is there.
pub async fn create(tx: &mut TenantTx, new: NewView) -> Result<SavedView, ViewError> {
    let me = tx.caller().user();
    // One's own needs no more than reading; what all see is a change to the workspace.
    tx.caller().require(if new.shared { Permission::ViewShare } else { Permission::ViewKeep })?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, id).await?
    {
        return seen(Some(existing), me);
    }
    let (name, filters) = rules::fields(&new)?;
    if !new.shared && me.is_none() {
        return Err(ViewError::invalid("shared", "must be true: a program has no views of its own"));
    }
    if sql::count(tx, me, new.shared).await? >= i64::try_from(VIEWS_LIMIT).unwrap_or(i64::MAX) {
        return Err(ViewError::Conflict(format!("there are {VIEWS_LIMIT} views already; remove one first")));
    }
    let now = tx.now();
    let view = SavedView {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        entity: rules::TASK.to_owned(),
        name,
        filters,
        shared: new.shared,
        owner_id: me,
        position: match new.position {
            Some(position) => position,
            None => sql::last_position(tx).await? + rules::GAP,
        },
        created_at: now,
        updated_at: now,
        version: 1,
    };
    if sql::insert(tx, &view).await? {
        Ok(view)
    } else {
        Err(ViewError::Conflict("this id is taken".to_owned()))
    }
}

/// Changes some fields. With `version`, one that is not the latest any more is a conflict.
pub async fn update(tx: &mut TenantTx, id: ViewId, patch: ViewPatch) -> Result<SavedView, ViewError> {
    let me = tx.caller().user();
    let before = seen(sql::lock(tx, id).await?, me)?;
    may_change(tx, &before)?;
    let mut view = before.clone();
    rules::apply(&mut view, &patch)?;
    if view == before {
        return Ok(before);
    }
    if patch.version.is_some_and(|seen| seen != before.version) {
        return Err(ViewError::Conflict("somebody else has changed this view meanwhile".to_owned()));
    }
    if view.shared != before.shared {
        tx.caller().require(Permission::ViewShare)?;
        // Who takes a shared view back has it as their own.
        view.owner_id = if view.shared { before.owner_id } else { me };
        if view.owner_id.is_none() {
            return Err(ViewError::invalid("shared", "must be true: a program has no views of its own"));
        }
    }
    view.version += 1;
    view.updated_at = tx.now();
    sql::update(tx, &view).await?;
    Ok(view)
}

pub async fn remove(tx: &mut TenantTx, id: ViewId) -> Result<(), ViewError> {
    let me = tx.caller().user();
    let view = seen(sql::lock(tx, id).await?, me)?;
    may_change(tx, &view)?;
    Ok(sql::delete(tx, id).await?)
}

fn seen(view: Option<SavedView>, me: Option<UserId>) -> Result<SavedView, ViewError> {
    let mine = |view: &SavedView| view.shared || (view.owner_id.is_some() && view.owner_id == me);
    view.filter(mine).ok_or(ViewError::NotFound)
}

fn may_change(tx: &TenantTx, view: &SavedView) -> Result<(), ViewError> {
    let needed = if view.shared { Permission::ViewShare } else { Permission::ViewKeep };
    Ok(tx.caller().require(needed)?)
}
