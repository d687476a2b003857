//! Background work on repositories: mirrors are fetched before a task needs them, and removed with their repository.

use super::{GitStore, RepositoriesError, get, note_status};
use crate::tools::Tools;
use domain::RepositoryId;
use jobs::{Job, JobCx, JobError, Order, Retry};
use serde::{Deserialize, Serialize};
use tenancy::{StoreError, TenantTx};

/// Fetches a repository's mirror, and notes whether it can be reached.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fetch {
    repository: RepositoryId,
}

/// Removes the mirror of a repository that is gone.
#[derive(Debug, Serialize, Deserialize)]
pub struct Forget {
    repository: RepositoryId,
}

pub(super) async fn fetch(tx: &mut TenantTx, repository: RepositoryId) -> Result<(), StoreError> {
    Order::new(&Fetch { repository }).keyed(&repository.to_string()).enqueue(tx).await
}

pub(super) async fn forget(tx: &mut TenantTx, repository: RepositoryId) -> Result<(), StoreError> {
    jobs::enqueue(tx, &Forget { repository }).await
}

impl Job for Fetch {
    type State = Tools;
    const NAME: &'static str = "repositories.fetch";
    /// Each task fetches for itself anyway; this only makes the first one quick.
    const RETRY: Retry = Retry::attempts(3);

    async fn run(self, cx: JobCx<Tools>) -> Result<(), JobError> {
        let mut tx = cx.begin().await?;
        let found = get(&mut tx, self.repository).await;
        drop(tx);
        let repository = match found {
            Ok(repository) => repository,
            Err(RepositoriesError::NotFound) => return Ok(()),
            Err(error) => return Err(JobError::failed(error)),
        };
        let store: &GitStore = &cx.state().repositories;
        let seen = super::inspect(store, &cx.caller(), &repository.url).await.map_err(|error| match error {
            RepositoriesError::Invalid { reason, .. } => reason,
            other => other.to_string(),
        });
        let fetched = match &seen {
            Ok(_) => store.fetch_mirror(self.repository, &repository.url).await,
            Err(_) => Ok(()),
        };
        let mut tx = cx.begin().await?;
        note_status(&mut tx, self.repository, &seen).await.map_err(JobError::failed)?;
        cx.commit(tx).await?;
        fetched.map_err(JobError::failed)
    }
}

impl Job for Forget {
    type State = Tools;
    const NAME: &'static str = "repositories.forget";
    const RETRY: Retry = Retry::USUAL;

    async fn run(self, cx: JobCx<Tools>) -> Result<(), JobError> {
        cx.state().repositories.remove_mirror(self.repository).await.map_err(JobError::failed)
    }
}
