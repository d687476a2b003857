//! Carrying an order out: git and the network, in a job, between two transactions.

use super::{PublicationError, PublishAction, PublishStatus, Source, author, executions, sql};
use crate::tools::Tools;
use agents::{PublishError, Publishing};
use domain::publish::{DETAIL_LIMIT, Publication};
use domain::{ExecutionId, PublicationId};
use jobs::{Job, JobCx, JobError, Retry};
use serde::{Deserialize, Serialize};
use tenancy::{StoreError, TenantTx};

/// Publishes an execution's result as it was ordered. Begun twice it makes the same commit, and finds it there.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publish {
    execution: ExecutionId,
    publication: PublicationId,
}

pub(super) async fn publish(
    tx: &mut TenantTx,
    execution: ExecutionId,
    publication: PublicationId,
) -> Result<(), StoreError> {
    jobs::enqueue(tx, &Publish { execution, publication }).await
}

impl Job for Publish {
    type State = Tools;
    const NAME: &'static str = "executions.publish";
    const RETRY: Retry = Retry::attempts(4);

    async fn run(self, cx: JobCx<Tools>) -> Result<(), JobError> {
        let Some((order, publication)) = self.begin(&cx).await? else {
            return Ok(());
        };
        let store = &cx.state().repositories;
        let published = match publication.action {
            PublishAction::Branch => store.publish_branch(&order, &publication.branch).await,
            PublishAction::Push => store.publish_push(&order, &publication.branch).await,
            PublishAction::Merge => store.publish_merge(&order, &publication.branch).await,
        };
        let last = cx.attempt() >= Self::RETRY.max_attempts();
        let error = match published {
            Ok(commit) => return self.end(&cx, PublishStatus::Done, String::new(), Some(commit)).await,
            Err(error) => error,
        };
        if error.may_pass() && !last {
            let detail = format!("It is tried again in a moment: {error}");
            self.end(&cx, PublishStatus::Queued, detail, None).await?;
            return Err(JobError::failed(error));
        }
        self.end(&cx, PublishStatus::Failed, error.to_string(), None).await
    }
}

impl Publish {
    /// What there is to do, noted as begun. `None` where it is over, or gone with its task.
    async fn begin(&self, cx: &JobCx<Tools>) -> Result<Option<(Publishing, Publication)>, JobError> {
        let mut tx = cx.begin().await?;
        let source = match super::source(&mut tx, self.execution).await {
            Ok(source) => source,
            Err(PublicationError::Store(cause)) => return Err(cause.into()),
            Err(_) => return Ok(None),
        };
        let known = source.execution.publications.iter().find(|known| known.id == self.publication);
        let Some(publication) = known.filter(|known| !known.status.is_over()).cloned() else {
            return Ok(None);
        };
        let message = sql::message(&mut tx, self.publication).await?.unwrap_or_default();
        let order = order(&source, message);
        drop(tx);
        let Some(order) = order else {
            let gone = PublishError::NotKept.to_string();
            self.end(cx, PublishStatus::Failed, gone, None).await?;
            return Ok(None);
        };
        self.end(cx, PublishStatus::Running, String::new(), None).await?;
        Ok(Some((order, publication)))
    }

    /// Notes how it stands.
    async fn end(
        &self,
        cx: &JobCx<Tools>,
        status: PublishStatus,
        detail: String,
        commit: Option<String>,
    ) -> Result<(), JobError> {
        let mut tx = cx.begin().await?;
        let held = executions::hold_publications(&mut tx, self.execution).await;
        let mut publications = match held {
            Ok(publications) => publications,
            Err(executions::ExecutionError::Store(cause)) => return Err(cause.into()),
            Err(_) => return Ok(()),
        };
        let now = tx.now();
        for publication in publications.iter_mut().filter(|known| known.id == self.publication) {
            publication.status = status;
            publication.detail = detail.chars().take(DETAIL_LIMIT).collect();
            publication.commit.clone_from(&commit);
            publication.finished_at = status.is_over().then_some(now);
        }
        executions::set_publications(&mut tx, self.execution, &publications)
            .await
            .map_err(JobError::failed)?;
        cx.commit(tx).await?;
        Ok(())
    }
}

/// `None` where the repository or the result is gone.
fn order(source: &Source, message: String) -> Option<Publishing> {
    let repository = source.repository.as_ref()?;
    let (base, head) = source.commits.clone()?;
    Some(Publishing {
        repository: repository.id,
        url: repository.url.clone(),
        execution: source.execution.id,
        base,
        head,
        author: author(&source.settings),
        message,
        at: super::ended(&source.execution),
    })
}
