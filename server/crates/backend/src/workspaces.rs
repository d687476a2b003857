//! Workspaces, who is in them, and how one comes in or leaves.
//!
//! It owns what workspaces are called, memberships as they change, and invitations. Who a person is and how they sign
//! in is the business of `auth`. A workspace always has an owner.
//! Start reading at [`create`], then [`members`] and [`invitations`].

pub mod invitations;
pub mod members;
mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::audit::{self, By, Event, HOUSE};
use crate::{auth, executions, repositories};
use domain::audit::Action;
use domain::permission::Permission;
use domain::session::{Role, Workspace};
use domain::text;
use domain::workspaces::{NewWorkspace, WorkspacePatch};
use tenancy::{AuthTx, Caller, Database, Person};

crate::error::capability_error! {
    /// Why something could not be done with a workspace or somebody in it.
    WorkspaceError, "workspace, member or invitation"
}

/// The most workspaces that one person may own.
pub const OWNED: i64 = 100;

/// Makes a workspace, which belongs to the person. The same id again returns the one that is there.
pub async fn create(
    tx: &mut AuthTx,
    person: &Person,
    new: NewWorkspace,
) -> Result<Workspace, WorkspaceError> {
    if let Some(id) = new.id
        && let Some((existing, role)) = sql::find(tx, id, person.user()).await?
    {
        let own = role == Some(Role::Owner);
        let taken = || WorkspaceError::Conflict("this id is taken".to_owned());
        return if own { Ok(existing) } else { Err(taken()) };
    }
    let name = text::line(&new.name, 100).map_err(|reason| WorkspaceError::invalid("name", reason))?;
    if sql::owned_by(tx, person.user()).await? >= OWNED {
        return Err(WorkspaceError::Conflict(format!("nobody owns more than {OWNED} workspaces")));
    }
    let id = new.id.unwrap_or_else(|| tx.ids().make());
    let workspace = match new.slug {
        Some(slug) => {
            auth::check_slug(&slug).map_err(|reason| WorkspaceError::invalid("slug", reason))?;
            let workspace = Workspace { id, slug, name };
            let taken = || WorkspaceError::invalid("slug", "is taken; choose another");
            if sql::insert(tx, &workspace).await? { workspace } else { return Err(taken()) }
        }
        None => insert_numbered(tx, id, name).await?,
    };
    sql::join(tx, workspace.id, person.user(), Role::Owner).await?;
    let by = By::Person(person.user());
    audit::record_in(tx, workspace.id, by, Event::new(Action::WorkspaceCreated)).await?;
    Ok(workspace)
}

/// A slug that is taken gets a number.
async fn insert_numbered(
    tx: &mut AuthTx,
    id: domain::WorkspaceId,
    name: String,
) -> Result<Workspace, WorkspaceError> {
    for attempt in 1..=50 {
        let workspace = Workspace { id, slug: auth::slug_of(&name, attempt), name: name.clone() };
        if sql::insert(tx, &workspace).await? {
            return Ok(workspace);
        }
    }
    Err(WorkspaceError::invalid("name", "is like those of many others; give a slug too"))
}

/// Gives a workspace another name, in pages or in URLs.
pub async fn rename(
    tx: &mut AuthTx,
    caller: &Caller,
    patch: WorkspacePatch,
) -> Result<Workspace, WorkspaceError> {
    caller.require(Permission::WorkspaceRename)?;
    let mut workspace = sql::lock(tx, caller.workspace()).await?.ok_or(WorkspaceError::NotFound)?;
    let before = workspace.clone();
    if let Some(name) = patch.name {
        workspace.name = text::line(&name, 100).map_err(|reason| WorkspaceError::invalid("name", reason))?;
    }
    if let Some(slug) = patch.slug {
        auth::check_slug(&slug).map_err(|reason| WorkspaceError::invalid("slug", reason))?;
        workspace.slug = slug;
    }
    if workspace == before {
        return Ok(workspace);
    }
    if !sql::rename(tx, &workspace).await? {
        return Err(WorkspaceError::invalid("slug", "is taken; choose another"));
    }
    let said = format!("{} ({}) -> {} ({})", before.name, before.slug, workspace.name, workspace.slug);
    audit::record_for(tx, caller, Event::new(Action::WorkspaceRenamed).saying(&said)).await?;
    Ok(workspace)
}

/// Deletes a workspace with all that is in it. Its data keys go with it, so that its secrets can be opened nowhere,
/// not even in a backup. What remains is its audit trail.
pub async fn delete(database: &Database, caller: &Caller) -> Result<(), WorkspaceError> {
    caller.require(Permission::WorkspaceDelete)?;
    let mut tx = database.begin(caller).await?;
    if executions::are_under_way(&mut tx).await? {
        let reason =
            "executions are under way in this workspace; cancel them, and delete it when they have ended";
        return Err(WorkspaceError::Conflict(reason.to_owned()));
    }
    repositories::forget_all(&mut tx).await?;
    tx.commit().await?;
    let mut tx = database.auth().await?;
    let workspace = sql::lock(&mut tx, caller.workspace()).await?.ok_or(WorkspaceError::NotFound)?;
    sql::delete(&mut tx, workspace.id).await?;
    let event = Event::new(Action::DataDeleted).on("workspace", workspace.id.0);
    audit::record_for(&mut tx, caller, event.clone()).await?;
    let by = caller.user().map_or(By::Operator, By::Person);
    audit::record_in(&mut tx, HOUSE, by, event.saying(&workspace.slug)).await?;
    tx.commit().await?;
    // The deletion itself went through the feed, rows and all.
    let mut tx = database.work().await?;
    sql::forget_feed(&mut tx, workspace.id).await?;
    Ok(tx.commit().await?)
}
