//! People, sign-in, workspaces and keys: how somebody becomes known to us.
//!
//! It owns users, sessions, sign-in links, memberships and API keys. It never decides what a known caller may do with
//! other things: that is each capability's own question to the caller's scopes.

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use domain::session::{ApiKey, Member, Role, Scope, Session, User, Workspace};
use domain::{ApiKeyId, DateTime, text};
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
        None => {
            let id = tx.ids().make();
            let name = rules::name_of(&email);
            sql::insert_user(tx, &User { id, name, email: email.clone(), avatar_url: None }, now).await?
        }
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
        return Ok(None);
    };
    let Some(user) = sql::user_by_email(tx, &link.email).await? else {
        return Ok(None);
    };
    sql::upsert_membership(tx, link.workspace, user.id, link.role, now).await?;
    let Some(workspace) = sql::workspace(tx, &WorkspaceRef::Id(link.workspace)).await? else {
        return Ok(None);
    };
    let session = sql::NewSession {
        id: tx.ids().make(),
        user: user.id,
        workspace: workspace.id,
        user_agent: user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        created_at: now,
        expires_at: now + chrono::Duration::days(SESSION_DAYS),
    };
    let token = Secret::make("");
    sql::insert_session(tx, &token.digest(), &session).await?;
    Ok(Some(SignedIn { token, expires_at: session.expires_at, workspace }))
}

/// Ends a session at once.
pub async fn sign_out(tx: &mut AuthTx, person: &Person) -> Result<(), StoreError> {
    let now = tx.now();
    sql::revoke_session(tx, person.session(), now).await
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
        sql::session_state(&mut tx, person.session()).await?.ok_or(AuthError::NotFound)?;
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
    sql::set_last_workspace(tx, person.session(), workspace.id).await?;
    Ok(Some(workspace))
}

/// Everybody in the caller's workspace, by name.
pub async fn members(tx: &mut TenantTx) -> Result<Vec<Member>, AuthError> {
    tx.caller().require(Scope::TasksRead)?;
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
    tx.caller().require(Scope::Admin)?;
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
    Ok((key, secret))
}

/// The workspace's keys that are not revoked, newest first.
pub async fn keys(tx: &mut TenantTx) -> Result<Vec<ApiKey>, AuthError> {
    tx.caller().require(Scope::Admin)?;
    Ok(sql::keys(tx).await?)
}

/// Revokes a key at once.
pub async fn revoke_key(tx: &mut TenantTx, key: ApiKeyId) -> Result<(), AuthError> {
    tx.caller().require(Scope::Admin)?;
    let now = tx.now();
    if sql::revoke_key(tx, key, now).await? { Ok(()) } else { Err(AuthError::NotFound) }
}
