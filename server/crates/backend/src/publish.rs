//! Publishing what an execution changed: a commit by the host on a branch, pushed, or merged. Never by the agent.
//!
//! It owns the orders to publish and how they went. Git and the network are the job's, outside of any transaction; what
//! is refused beforehand is refused here at once.
//! Start reading at [`publish`], then `publish/jobs.rs`.

pub mod jobs;
mod rules;
mod sql;

use crate::executions::{self, ExecutionError};
use crate::{activity, repositories, settings, tasks};
use agents::{Author, GitStore, PublishError, Publishing};
use domain::activity::ActivityKind;
use domain::executions::Execution;
use domain::permission::Permission;
use domain::publish::{NewPublication, PUBLICATIONS_LIMIT, Publication, PublishAction, PublishStatus};
use domain::repositories::Repository;
use domain::settings::Settings;
use domain::tasks::Task;
use domain::{DateTime, ExecutionId, RepositoryId};
use tenancy::{Caller, Database, TenantTx};

crate::error::capability_error! {
    /// Why something could not be published.
    PublicationError, "execution"
}

/// Everything that publishing an execution's result is decided by.
#[derive(Debug, Clone)]
struct Source {
    execution: Execution,
    task: Task,
    repository: Option<Repository>,
    settings: Settings,
    /// The commit that it began from, and the one of what it left.
    commits: Option<(String, String)>,
}

/// Orders that an execution's result is published. The same id again returns the one that is there.
pub async fn publish(
    tx: &mut TenantTx,
    id: ExecutionId,
    new: NewPublication,
) -> Result<Publication, PublicationError> {
    tx.caller().require(Permission::Publish)?;
    executions::hold_publications(tx, id).await?;
    let source = source(tx, id).await?;
    let mut publications = source.execution.publications.clone();
    if let Some(known) = new.id.and_then(|id| publications.iter().find(|known| known.id == id)) {
        return Ok(known.clone());
    }
    let repository = rules::publishable(&source)?;
    rules::fits(new.action, GitStore::is_local(&repository.url))?;
    let branch = rules::branch(&source, repository, &new)?;
    let message = rules::message(&source.task, new.message.as_deref())?;
    if let Some(open) = publications.iter().find(|known| !known.status.is_over()) {
        let reason = format!("another publication of this execution is {}; wait for it to end", open.status);
        return Err(PublicationError::Conflict(reason));
    }
    let publication = Publication {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        action: new.action,
        branch,
        status: PublishStatus::Queued,
        detail: String::new(),
        commit: None,
        created_by: tx.caller().user(),
        created_at: tx.now(),
        finished_at: None,
    };
    if !sql::insert(tx, publication.id, id, &message).await? {
        return Err(PublicationError::Conflict("this id is taken".to_owned()));
    }
    let surplus = (publications.len() + 1).saturating_sub(PUBLICATIONS_LIMIT);
    publications.drain(..surplus);
    publications.push(publication.clone());
    executions::set_publications(tx, id, &publications).await?;
    jobs::publish(tx, id, publication.id).await?;
    let what = format!("{} {}", publication.action.as_str(), publication.branch);
    activity::note(tx, source.task.id, ActivityKind::Published, &what).await?;
    Ok(publication)
}

/// An order as if a result had been published.
#[cfg(test)]
pub(crate) async fn order_for_tests(tx: &mut TenantTx, id: ExecutionId) {
    let publication = tx.ids().make();
    assert!(sql::insert(tx, publication, id, "message").await.unwrap());
}

/// The result as a patch that `git am` takes. Reads the disk, so the caller must hold no transaction.
pub async fn patch(
    database: &Database,
    store: &GitStore,
    caller: &Caller,
    id: ExecutionId,
) -> Result<Vec<u8>, PublicationError> {
    caller.require(Permission::PublicationRead)?;
    let mut tx = database.begin(caller).await?;
    let source = source(&mut tx, id).await?;
    drop(tx);
    let (base, head) = rules::changed(&source)?.clone();
    let order = Publishing {
        repository: store_id(caller, &source),
        url: source.repository.as_ref().map(|repository| repository.url.clone()).unwrap_or_default(),
        execution: id,
        base,
        head,
        author: author(&source.settings),
        message: rules::message(&source.task, None)?,
        at: ended(&source.execution),
    };
    store.publish_patch(&order).await.map_err(refused)
}

async fn source(tx: &mut TenantTx, id: ExecutionId) -> Result<Source, PublicationError> {
    let execution = executions::get(tx, id).await?;
    let task = tasks::get(tx, execution.task_id.into()).await.map_err(|error| match error {
        tasks::TaskError::Store(cause) => PublicationError::Store(cause),
        _ => PublicationError::NotFound,
    })?;
    let repository = match task.repository_id {
        Some(id) => match repositories::get(tx, id).await {
            Ok(repository) => Some(repository),
            Err(repositories::RepositoriesError::Store(cause)) => return Err(cause.into()),
            Err(_) => None,
        },
        None => None,
    };
    let settings = settings::current(tx).await?;
    let commits = executions::result(tx, id).await?;
    Ok(Source { execution, task, repository, settings, commits })
}

/// Under which id the store has the repository; what works on none is in the workspace's own.
fn store_id(caller: &Caller, source: &Source) -> RepositoryId {
    source.repository.as_ref().map_or(RepositoryId(caller.workspace().0), |repository| repository.id)
}

fn author(settings: &Settings) -> Author {
    Author { name: settings.author_name.clone(), email: settings.author_email.clone() }
}

fn ended(execution: &Execution) -> DateTime {
    execution.completed_at.unwrap_or(execution.created_at)
}

/// What git refused is how things stand, told in its own sentence.
fn refused(error: PublishError) -> PublicationError {
    PublicationError::Conflict(error.to_string())
}

impl From<ExecutionError> for PublicationError {
    fn from(error: ExecutionError) -> Self {
        match error {
            ExecutionError::NotFound => Self::NotFound,
            ExecutionError::Forbidden(refusal) => Self::Forbidden(refusal),
            ExecutionError::Invalid { field, reason } => Self::Invalid { field, reason },
            ExecutionError::Conflict(reason) => Self::Conflict(reason),
            ExecutionError::Changed(conflicts) => Self::Changed(conflicts),
            ExecutionError::Store(cause) => Self::Store(cause),
        }
    }
}
