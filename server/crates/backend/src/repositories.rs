//! Git repositories that tasks work on.
//!
//! Looking at one takes the network or the disk, so it is a step of its own, outside of any transaction: [`inspect`],
//! then [`create`] or [`update`] with what it found.

pub mod jobs;
mod rules;
mod sql;
#[cfg(test)]
mod tests;

pub use agents::GitStore;

use crate::audit::{self, Event};
use agents::RepositoryError;
use domain::audit::Action;
use domain::permission::Permission;
use domain::repositories::{Network, NewRepository, Repository, RepositoryPatch, RepositoryStatus};
use domain::{Edit, RepositoryId, branch, text};
use tenancy::{Caller, StoreError, TenantTx, leases};

crate::error::capability_error! {
    /// Why something could not be done with a repository.
    RepositoriesError, "repository"
}

pub(crate) const NAME_LIMIT: usize = 100;
pub(crate) const URL_LIMIT: usize = 2_000;
pub(crate) const SCRIPT_LIMIT: usize = 65_536;

/// What a look at a path or URL found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    default_branch: String,
    status: RepositoryStatus,
    detail: String,
}

#[cfg(test)]
impl Found {
    /// As if a repository with this default branch had been looked at.
    pub(crate) fn for_tests(branch: &str) -> Self {
        Self { default_branch: branch.to_owned(), status: RepositoryStatus::Ready, detail: String::new() }
    }
}

/// Looks whether a git repository is there, and which branch is its default. The caller must hold no transaction.
///
/// # Errors
/// [`RepositoriesError::Invalid`] for the field `url`, with one sentence on what is wrong with it.
pub async fn inspect(store: &GitStore, caller: &Caller, url: &str) -> Result<Found, RepositoriesError> {
    caller.require(Permission::RepositoryWrite)?;
    let url = text::line(url, URL_LIMIT).map_err(|reason| RepositoriesError::invalid("url", reason))?;
    let found = store.inspect(&url).await.map_err(refused)?;
    let (status, detail) = rules::status(found.head.is_some());
    Ok(Found { default_branch: found.default_branch, status, detail: detail.to_owned() })
}

fn refused(error: RepositoryError) -> RepositoriesError {
    RepositoriesError::invalid("url", error)
}

/// Adds a repository that was looked at. The same id again returns the one that is there.
pub async fn create(
    tx: &mut TenantTx,
    new: NewRepository,
    found: Found,
) -> Result<Repository, RepositoriesError> {
    tx.caller().require(Permission::RepositoryWrite)?;
    allow_network(tx, new.network)?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, id).await?
    {
        return Ok(existing);
    }
    let now = tx.now();
    let url = text::line(&new.url, URL_LIMIT).map_err(|reason| RepositoriesError::invalid("url", reason))?;
    let given = new.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let name = given.map_or_else(|| rules::name_of(&url), str::to_owned);
    let named = new.default_branch.filter(|branch| !branch.trim().is_empty()).unwrap_or(found.default_branch);
    let repository = Repository {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        name: text::line(&name, NAME_LIMIT).map_err(|reason| RepositoriesError::invalid("name", reason))?,
        url,
        default_branch: branch::name(&named)
            .map_err(|reason| RepositoriesError::invalid("default_branch", reason))?,
        setup_script: rules::script(new.setup_script.as_deref().unwrap_or_default())
            .map_err(|reason| RepositoriesError::invalid("setup_script", reason))?,
        truncated: false,
        network: new.network,
        status: found.status,
        status_detail: found.detail,
        max_running: new.max_running.map(rules::max_running).transpose()?,
        branch_template: match new.branch_template {
            Some(text) => rules::branch_template(&text)?,
            None => None,
        },
        created_at: now,
        updated_at: now,
        version: 1,
    };
    sql::insert(tx, &repository).await.map_err(name_taken)?;
    jobs::fetch(tx, repository.id).await?;
    if repository.network != Network::None {
        note_network(tx, &repository).await?;
    }
    Ok(repository)
}

/// Orders that the mirrors of all repositories are removed; for a workspace that is about to go.
pub(crate) async fn forget_all(tx: &mut TenantTx) -> Result<(), StoreError> {
    for repository in sql::list(tx).await? {
        jobs::forget(tx, repository.id).await?;
    }
    Ok(())
}

/// The workspace's repositories, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Repository>, RepositoriesError> {
    tx.caller().require(Permission::RepositoryRead)?;
    Ok(sql::list(tx).await?)
}

pub async fn get(tx: &mut TenantTx, id: RepositoryId) -> Result<Repository, RepositoriesError> {
    tx.caller().require(Permission::RepositoryRead)?;
    sql::find(tx, id).await?.ok_or(RepositoriesError::NotFound)
}

/// The repository of this id or name.
pub async fn named(tx: &mut TenantTx, named: &str) -> Result<Option<Repository>, RepositoriesError> {
    tx.caller().require(Permission::RepositoryRead)?;
    match named.trim().parse::<RepositoryId>() {
        Ok(id) => Ok(sql::find(tx, id).await?),
        Err(_) if named.contains('\0') => Ok(None),
        Err(_) => Ok(sql::find_named(tx, named.trim()).await?),
    }
}

/// Changes some fields. A new URL comes with what a look at it found.
pub async fn update(
    tx: &mut TenantTx,
    id: RepositoryId,
    patch: RepositoryPatch,
    found: Option<Found>,
) -> Result<Repository, RepositoriesError> {
    tx.caller().require(Permission::RepositoryWrite)?;
    if let Edit::Set(network) = patch.network {
        allow_network(tx, network)?;
    }
    let (mut repository, mut versions) = sql::lock(tx, id).await?.ok_or(RepositoriesError::NotFound)?;
    let seen = patch.version;
    let before = repository.clone();
    rules::apply(&mut repository, patch)?;
    if let Some(found) = found {
        (repository.status, repository.status_detail) = (found.status, found.detail);
    }
    let wishes = rules::wishes(&before, &repository);
    let conflicts = crate::patch::conflicts(&wishes, &versions, seen);
    if !conflicts.is_empty() {
        return Err(RepositoriesError::Changed(conflicts));
    }
    let changed = crate::patch::note(&wishes, &mut versions, before.version + 1);
    if changed || before.status != repository.status {
        repository.version = before.version + 1;
        repository.updated_at = tx.now();
        sql::update(tx, &repository, &versions).await.map_err(name_taken)?;
    }
    if before.max_running != repository.max_running {
        leases::limit_repository(tx, id, repository.max_running.and_then(|most| i32::try_from(most).ok()))
            .await?;
    }
    if before.url != repository.url {
        jobs::fetch(tx, repository.id).await?;
    }
    if before.network != repository.network {
        note_network(tx, &repository).await?;
    }
    Ok(repository)
}

/// What scripts may reach is a policy of the workspace.
async fn note_network(tx: &mut TenantTx, repository: &Repository) -> Result<(), StoreError> {
    let said = match repository.network {
        Network::None => "network none",
        Network::Full => "network full",
    };
    let event = Event::new(Action::PolicyChanged).on("repository", repository.id.0);
    audit::record(tx, event.saying(said)).await
}

/// Notes what the newest look found, where it is another than before.
pub async fn note_status(
    tx: &mut TenantTx,
    id: RepositoryId,
    found: &Result<Found, String>,
) -> Result<(), RepositoriesError> {
    let (status, detail) = match found {
        Ok(found) => (found.status, found.detail.as_str()),
        Err(reason) => (RepositoryStatus::Unreachable, reason.as_str()),
    };
    Ok(sql::set_status(tx, id, status, detail).await?)
}

/// Removes a repository. Its tasks stay, without it.
pub async fn remove(tx: &mut TenantTx, id: RepositoryId) -> Result<(), RepositoriesError> {
    tx.caller().require(Permission::RepositoryWrite)?;
    if sql::is_in_use(tx, id).await? {
        let reason =
            "a task is running on this repository; cancel it or let it end, then remove the repository";
        return Err(RepositoriesError::Conflict(reason.to_owned()));
    }
    if !sql::delete(tx, id).await? {
        return Err(RepositoriesError::NotFound);
    }
    jobs::forget(tx, id).await?;
    Ok(audit::record(tx, Event::new(Action::DataDeleted).on("repository", id.0)).await?)
}

/// Letting scripts onto the network is for those who administer.
fn allow_network(tx: &TenantTx, network: Network) -> Result<(), RepositoriesError> {
    match network {
        Network::None => Ok(()),
        Network::Full => Ok(tx.caller().require(Permission::RepositoryOpen)?),
    }
}

fn name_taken(error: StoreError) -> RepositoriesError {
    if error.constraint() == Some("repositories_name") {
        return RepositoriesError::Conflict(
            "another repository has this name; choose another name".to_owned(),
        );
    }
    if error.constraint() == Some("repositories_pkey") {
        return RepositoriesError::Conflict("this id is taken".to_owned());
    }
    error.into()
}
