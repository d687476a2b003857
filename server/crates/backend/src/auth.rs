//! People, sign-in, workspaces and keys: how somebody becomes known to us.
//!
//! It owns users, sessions, sign-in links, memberships and API keys. It never decides what a known caller may do with
//! other things: that is each capability's own question to the caller's scopes.

mod rules;
pub mod sessions;
mod sql;
#[cfg(test)]
mod tests;

use crate::audit::{self, By, Event, HOUSE};
use domain::audit::Action;
use domain::permission::Permission;
use domain::session::{ApiKey, Member, Role, Scope, Session, User, Workspace};
use domain::{ApiKeyId, DateTime, UserId, WorkspaceId, text};
use tenancy::{AuthTx, Caller, Database, Identity, Person, Secret, StoreError, TenantTx, WorkspaceRef};

crate::error::capability_error! {
    /// Why somebody could not be let in, or a key not be made.
    AuthError, "workspace or key"
}

/// How long a sign-in link can be used.
pub const LINK_MINUTES: i64 = 15;
/// How long a session lives at most, used or not.
pub const SESSION_DAYS: i64 = 90;

/// What a sign-in link opens.
#[derive(Debug, Clone)]
pub struct NewLink {
    pub email: String,
    /// Slug or id; made where it does not exist. Default: a workspace of the person's own.
    pub workspace: Option<String>,
    /// Default: owner of a new workspace, else what the person is already, else member.
    pub role: Option<Role>,
}

/// A session that was just opened.
#[derive(Debug)]
pub struct SignedIn {
    /// For the cookie; it is nowhere else.
    pub token: Secret,
    pub expires_at: DateTime,
    pub workspace: Workspace,
}

/// Makes a sign-in link, and the person and the workspace where they don't exist yet.
pub async fn create_link(tx: &mut AuthTx, new: &NewLink) -> Result<Secret, AuthError> {
    let email = rules::email(&new.email).map_err(|reason| AuthError::invalid("email", reason))?;
    let now = tx.now();
    let user = match sql::user_by_email(tx, &email).await? {
        Some(user) => user,
        None => create_person(tx, &email).await?,
    };
    let (workspace, made) = match &new.workspace {
        Some(named) => find_or_create_workspace(tx, named).await?,
        None => match sql::first_workspace_of(tx, user.id).await? {
            Some(workspace) => (workspace, false),
            None => (create_workspace(tx, &rules::slug_of(&user.name), &user.name).await?, true),
        },
    };
    let current = sql::role_of(tx, workspace.id, user.id).await?;
    let role = new.role.or(current).unwrap_or(if made { Role::Owner } else { Role::Member });
    if role == Role::System {
        return Err(AuthError::invalid("role", "must be one of viewer, member, admin, owner"));
    }
    let secret = Secret::make("");
    let link = sql::LinkRow { email, workspace: workspace.id, role, created_at: now };
    sql::insert_link(tx, &secret.digest(), &link, now + chrono::Duration::minutes(LINK_MINUTES)).await?;
    let event = Event::new(Action::LinkCreated).on("person", user.id.0).saying(role.as_str());
    audit::record_in(tx, link.workspace, By::Operator, event).await?;
    Ok(secret)
}

/// Whether a link can still be used, without using it: for the page with the one button.
pub async fn link_is_open(tx: &mut AuthTx, token: &Secret) -> Result<bool, StoreError> {
    let now = tx.now();
    sql::link_is_open(tx, &token.digest(), now).await
}

/// Uses a sign-in link, once, and opens a session. `None` where it is unknown, used or too old.
pub async fn sign_in(
    tx: &mut AuthTx,
    token: &Secret,
    user_agent: &str,
) -> Result<Option<SignedIn>, AuthError> {
    let now = tx.now();
    let Some(link) = sql::use_link(tx, &token.digest(), now).await? else {
        let event = Event::new(Action::SessionRefused).saying("sign-in link").refused();
        audit::record_in(tx, HOUSE, By::Nobody, event).await?;
        return Ok(None);
    };
    let Some(user) = sql::user_by_email(tx, &link.email).await? else {
        return Ok(None);
    };
    let Some(workspace) = sql::workspace(tx, &WorkspaceRef::Id(link.workspace)).await? else {
        return Ok(None);
    };
    join(tx, workspace.id, user.id, link.role).await?;
    Ok(Some(open_session(tx, user.id, &workspace, user_agent).await?))
}

/// Opens a session for a person who has proven who they are.
pub(crate) async fn open_session(
    tx: &mut AuthTx,
    user: UserId,
    workspace: &Workspace,
    user_agent: &str,
) -> Result<SignedIn, StoreError> {
    let now = tx.now();
    let session = sql::sessions::NewSession {
        id: tx.ids().make(),
        user,
        workspace: workspace.id,
        user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        created_at: now,
        expires_at: now + chrono::Duration::days(SESSION_DAYS),
    };
    let token = Secret::make("");
    sql::sessions::insert(tx, &token.digest(), &session).await?;
    let event = Event::new(Action::SessionCreated).on("session", session.id.0);
    audit::record_in(tx, workspace.id, By::Person(user), event).await?;
    Ok(SignedIn { token, expires_at: session.expires_at, workspace: workspace.clone() })
}

/// Whose address this is.
pub(crate) async fn person_of(tx: &mut AuthTx, email: &str) -> Result<Option<User>, StoreError> {
    sql::user_by_email(tx, email).await
}

/// Makes the person of an address that [`check_email`] found good, and that nobody has.
pub(crate) async fn create_person(tx: &mut AuthTx, email: &str) -> Result<User, StoreError> {
    let (id, now, name) = (tx.ids().make(), tx.now(), rules::name_of(email));
    sql::insert_user(tx, &User { id, name, email: email.to_owned(), avatar_url: None }, now).await
}

/// An address as it is stored, or why it is none.
pub(crate) fn check_email(text: &str) -> Result<String, &'static str> {
    rules::email(text)
}

/// Why a text is no slug.
pub(crate) fn check_slug(text: &str) -> Result<(), &'static str> {
    rules::slug(text)
}

/// A slug made of a name; the second one of it has a number, and so on.
pub(crate) fn slug_of(name: &str, attempt: u32) -> String {
    rules::numbered(&rules::slug_of(name), attempt)
}

/// Makes somebody a member as a link says, and notes what that changed.
async fn join(tx: &mut AuthTx, workspace: WorkspaceId, user: UserId, role: Role) -> Result<(), StoreError> {
    let (now, before) = (tx.now(), sql::role_of(tx, workspace, user).await?);
    if before == Some(role) {
        return Ok(());
    }
    sql::upsert_membership(tx, workspace, user, role, now).await?;
    let event = match before {
        None => Event::new(Action::MemberAdded).saying(role.as_str()),
        Some(before) => Event::new(Action::MemberRoleChanged).saying(&format!("{before} -> {role}")),
    };
    audit::record_in(tx, workspace, By::Operator, event.on("person", user.0)).await
}

/// Ends a session at once.
pub async fn sign_out(tx: &mut AuthTx, person: &Person) -> Result<(), StoreError> {
    sessions::end(tx, person.user(), person.session()).await.map(|_| ())
}

/// What `GET /session` says: who this is, in the named workspace or, without one, the session's last.
///
/// # Errors
/// [`AuthError::NotFound`] where the workspace is not there for them.
pub async fn session(
    database: &Database,
    identity: &Identity,
    workspace: Option<&WorkspaceRef>,
) -> Result<Session, AuthError> {
    match identity {
        Identity::Person(person) => person_session(database, person, workspace).await,
        Identity::Caller(caller) => key_session(database, caller).await,
    }
}

async fn person_session(
    database: &Database,
    person: &Person,
    workspace: Option<&WorkspaceRef>,
) -> Result<Session, AuthError> {
    let mut tx = database.auth().await?;
    let user = sql::user(&mut tx, person.user()).await?.ok_or(AuthError::NotFound)?;
    let (last, expires_at) =
        sql::sessions::state(&mut tx, person.session()).await?.ok_or(AuthError::NotFound)?;
    let workspaces = sql::workspaces_of(&mut tx, person.user()).await?;
    let find =
        |wanted: &dyn Fn(&Workspace) -> bool| workspaces.iter().find(|(known, _)| wanted(known)).cloned();
    let current = match workspace {
        Some(WorkspaceRef::Id(id)) => Some(find(&|known| known.id == *id).ok_or(AuthError::NotFound)?),
        Some(WorkspaceRef::Slug(slug)) => {
            Some(find(&|known| known.slug == *slug).ok_or(AuthError::NotFound)?)
        }
        None => find(&|known| Some(known.id) == last).or_else(|| workspaces.first().cloned()),
    };
    let (workspace, role) = current.unzip();
    let workspaces = workspaces.into_iter().map(|(workspace, _)| workspace).collect();
    Ok(Session { user: Some(user), workspace, role, workspaces, expires_at: Some(expires_at) })
}

async fn key_session(database: &Database, caller: &Caller) -> Result<Session, AuthError> {
    let mut tx = database.begin(caller).await?;
    let workspace = own_workspace(&mut tx).await?;
    let workspaces = vec![workspace.clone()];
    Ok(Session {
        user: None,
        workspace: Some(workspace),
        role: Some(caller.role()),
        workspaces,
        expires_at: None,
    })
}

/// The caller's workspace.
pub async fn own_workspace(tx: &mut TenantTx) -> Result<Workspace, AuthError> {
    let id = tx.caller().workspace();
    sql::own_workspace(tx, id).await?.ok_or(AuthError::NotFound)
}

/// Remembers which workspace `/` leads to. `None` where the person is not in it.
pub async fn remember_workspace(
    tx: &mut AuthTx,
    person: &Person,
    workspace: &WorkspaceRef,
) -> Result<Option<Workspace>, StoreError> {
    let Some(workspace) = sql::workspace(tx, workspace).await? else {
        return Ok(None);
    };
    if sql::role_of(tx, workspace.id, person.user()).await?.is_none() {
        return Ok(None);
    }
    sql::sessions::set_last_workspace(tx, person.session(), workspace.id).await?;
    Ok(Some(workspace))
}

/// Everybody in the caller's workspace, by name.
pub async fn members(tx: &mut TenantTx) -> Result<Vec<Member>, AuthError> {
    tx.caller().require(Permission::MemberRead)?;
    Ok(sql::members(tx).await?)
}

/// The workspace of this slug or id. A name that is no slug yet makes one where nothing is found.
pub async fn find_or_create_workspace(tx: &mut AuthTx, named: &str) -> Result<(Workspace, bool), AuthError> {
    let reference = WorkspaceRef::parse(named);
    if let Some(found) = sql::workspace(tx, &reference).await? {
        return Ok((found, false));
    }
    if let WorkspaceRef::Id(_) = reference {
        return Err(AuthError::NotFound);
    }
    rules::slug(named).map_err(|reason| AuthError::invalid("workspace", reason))?;
    Ok((create_workspace(tx, named, &rules::title_of(named)).await?, true))
}

/// A workspace by slug or id.
pub async fn workspace(tx: &mut AuthTx, named: &str) -> Result<Option<Workspace>, StoreError> {
    sql::workspace(tx, &WorkspaceRef::parse(named)).await
}

/// Forgets links and sessions that can't be used any more, a week after their end.
pub async fn sweep(tx: &mut AuthTx) -> Result<u64, StoreError> {
    let before = tx.now() - chrono::Duration::days(7);
    sql::sweep(tx, before).await
}

/// Whether anybody has signed in yet; until then each start prints a link.
pub async fn has_signed_in(tx: &mut AuthTx) -> Result<bool, StoreError> {
    sql::has_signed_in(tx).await
}

/// Makes a workspace; a slug that is taken gets a number.
async fn create_workspace(tx: &mut AuthTx, slug: &str, name: &str) -> Result<Workspace, AuthError> {
    let now = tx.now();
    for attempt in 1..=50 {
        let slug = rules::numbered(slug, attempt);
        let workspace = Workspace { id: tx.ids().make(), slug, name: name.to_owned() };
        if sql::insert_workspace(tx, &workspace, now).await? {
            return Ok(workspace);
        }
    }
    Err(AuthError::Conflict(format!("every name like {slug} is taken; choose another")))
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    pub role: Role,
    /// Default: all of the role's.
    pub scopes: Option<Vec<Scope>>,
    pub expires_at: Option<DateTime>,
}

/// Makes an API key in the caller's workspace. The secret is shown now and never again.
pub async fn create_key(tx: &mut TenantTx, new: NewKey) -> Result<(ApiKey, Secret), AuthError> {
    tx.caller().require(Permission::KeyCreate)?;
    let name = text::line(&new.name, 100).map_err(|reason| AuthError::invalid("name", reason))?;
    rules::key_role(tx.caller().role(), new.role).map_err(|reason| AuthError::invalid("role", reason))?;
    let now = tx.now();
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(AuthError::invalid("expires_at", "must be in the future"));
    }
    let secret = Secret::make("sb_");
    let key = ApiKey {
        id: tx.ids().make(),
        name,
        role: new.role,
        scopes: new.scopes.unwrap_or_else(|| Scope::of(new.role)),
        prefix: secret.reveal().chars().take(11).collect(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
    };
    sql::insert_key(tx, &key, &secret.digest()).await?;
    audit::record(tx, Event::new(Action::KeyCreated).on("api_key", key.id.0).saying(key.role.as_str()))
        .await?;
    Ok((key, secret))
}

/// The workspace's keys that are not revoked, newest first.
pub async fn keys(tx: &mut TenantTx) -> Result<Vec<ApiKey>, AuthError> {
    tx.caller().require(Permission::KeyRead)?;
    Ok(sql::keys(tx).await?)
}

/// Revokes a key at once.
pub async fn revoke_key(tx: &mut TenantTx, key: ApiKeyId) -> Result<(), AuthError> {
    tx.caller().require(Permission::KeyRevoke)?;
    let now = tx.now();
    if !sql::revoke_key(tx, key, now).await? {
        return Err(AuthError::NotFound);
    }
    Ok(audit::record(tx, Event::new(Action::KeyRevoked).on("api_key", key.0)).await?)
}
