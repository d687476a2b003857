//! The members of a workspace: what role they have, and how they leave. A role is asked for with every request, so a
//! change counts from the next one; sockets are looked at every few seconds.

use super::{WorkspaceError, rules, sql};
use crate::audit::{self, Event};
use domain::UserId;
use domain::audit::Action;
use domain::permission::Permission;
use domain::session::{Member, Role};
use tenancy::{Actor, AuthTx, Caller, Refusal};

/// Gives a member another role.
pub async fn change_role(
    tx: &mut AuthTx,
    caller: &Caller,
    user: UserId,
    role: Role,
) -> Result<Member, WorkspaceError> {
    caller.require(Permission::MemberChange)?;
    rules::may_give(caller.role(), role).map_err(|reason| WorkspaceError::invalid("role", reason))?;
    let members = sql::lock_members(tx, caller.workspace()).await?;
    let current = role_of(&members, user)?;
    touch(caller, current)?;
    if current != role {
        keep_an_owner(&members, user, Some(role))?;
        sql::join(tx, caller.workspace(), user, role).await?;
        let revoked = sql::revoke_keys(tx, caller.workspace(), user, &rules::above(role)).await?;
        note_keys(tx, caller, &revoked).await?;
        let said = format!("{current} -> {role}");
        let event = Event::new(Action::MemberRoleChanged).on("person", user.0).saying(&said);
        audit::record_for(tx, caller, event).await?;
    }
    sql::member(tx, caller.workspace(), user).await?.ok_or(WorkspaceError::NotFound)
}

/// Removes a member; a person may always remove themself. Keys that they made stop working with it.
pub async fn remove(tx: &mut AuthTx, caller: &Caller, user: UserId) -> Result<(), WorkspaceError> {
    let leaves = matches!(caller.actor(), Actor::Person { user: own, .. } if own == user);
    if !leaves {
        caller.require(Permission::MemberChange)?;
    }
    let members = sql::lock_members(tx, caller.workspace()).await?;
    let current = role_of(&members, user)?;
    touch(caller, current)?;
    keep_an_owner(&members, user, None)?;
    sql::leave(tx, caller.workspace(), user).await?;
    let all = [Role::Viewer, Role::Member, Role::Admin, Role::Owner].map(Role::as_str);
    let revoked = sql::revoke_keys(tx, caller.workspace(), user, &all).await?;
    note_keys(tx, caller, &revoked).await?;
    let event = Event::new(Action::MemberRemoved).on("person", user.0).saying(current.as_str());
    Ok(audit::record_for(tx, caller, event).await?)
}

/// Hands the workspace to another member: they own it from now on, and the one who did administers it.
pub async fn transfer(tx: &mut AuthTx, caller: &Caller, to: UserId) -> Result<Member, WorkspaceError> {
    caller.require(Permission::WorkspaceTransfer)?;
    let Actor::Person { user: own, .. } = caller.actor() else {
        return Err(Refusal { needed: Permission::WorkspaceTransfer, role: caller.role() }.into());
    };
    let members = sql::lock_members(tx, caller.workspace()).await?;
    role_of(&members, to)?;
    if to == own {
        return Err(WorkspaceError::invalid("user_id", "must be another member"));
    }
    sql::join(tx, caller.workspace(), to, Role::Owner).await?;
    sql::join(tx, caller.workspace(), own, Role::Admin).await?;
    let revoked = sql::revoke_keys(tx, caller.workspace(), own, &rules::above(Role::Admin)).await?;
    note_keys(tx, caller, &revoked).await?;
    let event = Event::new(Action::WorkspaceTransferred).on("person", to.0);
    audit::record_for(tx, caller, event).await?;
    sql::member(tx, caller.workspace(), to).await?.ok_or(WorkspaceError::NotFound)
}

fn role_of(members: &[(UserId, Role)], user: UserId) -> Result<Role, WorkspaceError> {
    let found = members.iter().find(|(known, _)| *known == user);
    found.map(|(_, role)| *role).ok_or(WorkspaceError::NotFound)
}

fn touch(caller: &Caller, theirs: Role) -> Result<(), WorkspaceError> {
    if rules::may_touch(caller.role(), theirs) {
        return Ok(());
    }
    Err(Refusal { needed: Permission::MemberChange, role: caller.role() }.into())
}

fn keep_an_owner(members: &[(UserId, Role)], user: UserId, then: Option<Role>) -> Result<(), WorkspaceError> {
    if rules::has_owner(members, user, then) {
        return Ok(());
    }
    Err(WorkspaceError::Conflict(
        "a workspace keeps an owner: hand it to another member first, or delete it".to_owned(),
    ))
}

async fn note_keys(
    tx: &mut AuthTx,
    caller: &Caller,
    revoked: &[domain::ApiKeyId],
) -> Result<(), WorkspaceError> {
    for key in revoked {
        audit::record_for(tx, caller, Event::new(Action::KeyRevoked).on("api_key", key.0)).await?;
    }
    Ok(())
}
