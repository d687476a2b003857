//! Background work on executions: what those of a deleted task left in mirrors is removed.

use crate::tools::Tools;
use domain::ExecutionId;
use jobs::{Job, JobCx, JobError, Retry};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use tenancy::{StoreError, TenantTx};

/// So many in one job: its arguments stay small.
const AT_ONCE: usize = 200;

/// Forgets the kept results of executions that are gone.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetResults {
    executions: HashSet<ExecutionId>,
}

pub(super) async fn forget_results(tx: &mut TenantTx, executions: &[ExecutionId]) -> Result<(), StoreError> {
    for part in executions.chunks(AT_ONCE) {
        jobs::enqueue(tx, &ForgetResults { executions: part.iter().copied().collect() }).await?;
    }
    Ok(())
}

impl Job for ForgetResults {
    type State = Tools;
    const NAME: &'static str = "executions.forget_results";
    const RETRY: Retry = Retry::USUAL;

    async fn run(self, cx: JobCx<Tools>) -> Result<(), JobError> {
        let forgotten = cx.state().repositories.forget_results(&self.executions).await;
        let forgotten = forgotten.map_err(JobError::failed)?;
        tracing::debug!(forgotten, "results of executions that are gone were forgotten");
        Ok(())
    }
}
