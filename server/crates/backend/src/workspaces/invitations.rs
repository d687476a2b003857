//! Invitations: a link for one address, to be used once within a week.
//!
//! Whoever has no account yet gets one by the link. Whoever has one must be signed in to it: a link is no way into
//! somebody's account, whoever made it.

use super::{WorkspaceError, rules, sql};
use crate::audit::{self, By, Event};
use crate::auth::{self, SignedIn};
use domain::InvitationId;
use domain::audit::Action;
use domain::permission::Permission;
use domain::workspaces::{Invitation, Joined, NewInvitation};
use tenancy::{AuthTx, Person, Secret, TenantTx};

/// Every invitation's secret begins like this.
pub const PREFIX: &str = "inv_";

/// What came of an invitation.
#[derive(Debug)]
pub struct Accepted {
    pub joined: Joined,
    pub session: Session,
}

/// Whether whoever accepted was signed in by it.
#[derive(Debug)]
pub enum Session {
    Kept,
    Opened(Box<SignedIn>),
}

/// Makes an invitation. Its secret is shown now and never again.
pub async fn create(tx: &mut TenantTx, new: &NewInvitation) -> Result<(Invitation, Secret), WorkspaceError> {
    tx.caller().require(Permission::MemberInvite)?;
    let email = auth::check_email(&new.email).map_err(|reason| WorkspaceError::invalid("email", reason))?;
    rules::may_give(tx.caller().role(), new.role)
        .map_err(|reason| WorkspaceError::invalid("role", reason))?;
    if sql::is_member(tx, &email).await? {
        return Err(WorkspaceError::Conflict("somebody with this address is a member already".to_owned()));
    }
    if sql::count_open(tx).await? >= rules::INVITATIONS {
        let reason = format!("there are {} open invitations; revoke some first", rules::INVITATIONS);
        return Err(WorkspaceError::Conflict(reason));
    }
    let secret = Secret::make(PREFIX);
    let now = tx.now();
    let invitation = Invitation {
        id: tx.ids().make(),
        email,
        role: new.role,
        created_by: tx.caller().user(),
        created_at: now,
        expires_at: now + chrono::Duration::days(rules::INVITATION_DAYS),
    };
    sql::insert_invitation(tx, &invitation, &secret.digest()).await?;
    let event = Event::new(Action::InvitationCreated).on("invitation", invitation.id.0);
    audit::record(tx, event.saying(&format!("{} as {}", invitation.email, invitation.role))).await?;
    Ok((invitation, secret))
}

/// The workspace's invitations that can still be used, newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Invitation>, WorkspaceError> {
    tx.caller().require(Permission::MemberInvite)?;
    Ok(sql::open_invitations(tx).await?)
}

pub async fn revoke(tx: &mut TenantTx, id: InvitationId) -> Result<(), WorkspaceError> {
    tx.caller().require(Permission::MemberInvite)?;
    if !sql::revoke_invitation(tx, id).await? {
        return Err(WorkspaceError::NotFound);
    }
    Ok(audit::record(tx, Event::new(Action::InvitationRevoked).on("invitation", id.0)).await?)
}

/// Uses an invitation, once.
pub async fn accept(
    tx: &mut AuthTx,
    secret: &Secret,
    visitor: Option<&Person>,
    user_agent: &str,
) -> Result<Accepted, WorkspaceError> {
    let open = sql::lock_invitation(tx, &secret.digest()).await?.ok_or(WorkspaceError::NotFound)?;
    let account = auth::person_of(tx, &open.email).await?;
    let user = match (&account, visitor) {
        (Some(user), Some(visitor)) if user.id == visitor.user() => user.id,
        (None, None) => auth::create_person(tx, &open.email).await?.id,
        (Some(_), None) => return Err(other_account("sign in with the address that was invited")),
        _ => return Err(other_account("sign out, then open the invitation again")),
    };
    let held = sql::role_of(tx, open.workspace.id, user).await?;
    let role = held.map_or(open.role, |held| held.max(open.role));
    sql::join(tx, open.workspace.id, user, role).await?;
    sql::mark_accepted(tx, (open.workspace.id, open.id), user).await?;
    if held != Some(role) {
        let event = Event::new(Action::MemberAdded).on("person", user.0).saying(role.as_str());
        audit::record_in(tx, open.workspace.id, By::Person(user), event).await?;
    }
    let session = match visitor {
        Some(_) => Session::Kept,
        None => Session::Opened(Box::new(auth::open_session(tx, user, &open.workspace, user_agent).await?)),
    };
    Ok(Accepted { joined: Joined { workspace: open.workspace, role }, session })
}

fn other_account(advice: &str) -> WorkspaceError {
    WorkspaceError::Conflict(format!("this invitation is for another account: {advice}"))
}
