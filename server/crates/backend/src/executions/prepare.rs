//! From the queue to a running supervisor: the repository's newest state, a worktree, a sandbox.

use super::ExecutionError;
use super::attend::{Attendant, Leave};
use agents::repositories::SCRATCH_BRANCH;
use agents::{Author, Checkout, ExecutionSpec, RepositoryError};
use domain::RepositoryId;
use domain::executions::{ExecutionStatus, OutcomeClass};
use domain::repositories::{Network, Repository};
use domain::tasks::{Agent, Task};
use std::path::PathBuf;
use tenancy::leases::Desired;

/// What there is to do, read once before it begins.
struct Plan {
    task: Task,
    repository: Option<Repository>,
}

/// Launches the execution's supervisor. `false` where it could not be, and the execution has ended saying why.
pub(super) async fn launch(attendant: &mut Attendant<'_>) -> Result<bool, Leave> {
    if !attendant.may_begin().await? {
        return Ok(false);
    }
    let plan = plan(attendant).await?;
    let program = match program(attendant, plan.task.agent) {
        Ok(program) => program,
        Err(reason) => {
            attendant.finish_without_running(OutcomeClass::Failed, reason.to_owned()).await?;
            return Ok(false);
        }
    };
    let step = if plan.repository.is_some() { "fetching the repository" } else { "making an empty worktree" };
    attendant.say(ExecutionStatus::Starting, step).await?;
    let checkout = match check_out_or_cancel(attendant, &plan).await {
        Ok(Some(checkout)) => Some(checkout),
        // It was cancelled, and is told so below.
        Ok(None) => None,
        Err(Fault::Leave(leave)) => return Err(leave),
        Err(Fault::Repository(error)) => {
            attendant.finish_without_running(OutcomeClass::Failed, error.to_string()).await?;
            return Ok(false);
        }
    };
    // Cancelled or paused meanwhile: what is checked out waits, or is collected.
    let (true, Some(checkout)) = (attendant.may_begin().await?, checkout) else {
        return Ok(false);
    };
    attendant.say(ExecutionStatus::Starting, "starting the sandbox").await?;
    let spec = ExecutionSpec { program, ..spec(attendant, plan, checkout) };
    match attendant.house.launcher.launch(&spec).await {
        Ok(()) => Ok(true),
        Err(error) => {
            attendant.finish_without_running(OutcomeClass::Failed, error.to_string()).await?;
            Ok(false)
        }
    }
}

/// The program that is the agent; none for the shell, whose script the sandbox runs by itself.
fn program(attendant: &Attendant<'_>, agent: Agent) -> Result<Option<PathBuf>, &'static str> {
    match agent {
        Agent::Shell => Ok(None),
        Agent::Custom => match &attendant.house.custom_agent {
            Some(program) => Ok(Some(program.clone())),
            None => Err(
                "this machine has no agent of the operator's own; set SWITCHBOARD_CUSTOM_AGENT to its program",
            ),
        },
    }
}

enum Fault {
    Leave(Leave),
    Repository(RepositoryError),
}

async fn plan(attendant: &Attendant<'_>) -> Result<Plan, Leave> {
    let mut tx = attendant.house.database.begin(&attendant.caller).await?;
    let task = crate::tasks::get(&mut tx, attendant.execution.task_id.into()).await;
    let task = task.map_err(|error| match error {
        crate::tasks::TaskError::Store(cause) => ExecutionError::Store(cause),
        _ => ExecutionError::NotFound,
    })?;
    let repository = match task.repository_id {
        Some(id) => Some(crate::repositories::get(&mut tx, id).await.map_err(|error| match error {
            crate::repositories::RepositoriesError::Store(cause) => ExecutionError::Store(cause),
            _ => ExecutionError::NotFound,
        })?),
        None => None,
    };
    Ok(Plan { task, repository })
}

/// `None` where it was cancelled meanwhile.
async fn check_out_or_cancel(attendant: &mut Attendant<'_>, plan: &Plan) -> Result<Option<Checkout>, Fault> {
    let mut wanted = attendant.wanted.clone();
    let attendant = &*attendant;
    tokio::select! {
        checkout = check_out(attendant, plan) => checkout.map(Some).map_err(Fault::Repository),
        _ = wanted.wait_for(|wanted| wanted.desired == Desired::Cancel) => Ok(None),
        () = attendant.stop.cancelled() => Err(Fault::Leave(Leave::Stop)),
    }
}

async fn check_out(attendant: &Attendant<'_>, plan: &Plan) -> Result<Checkout, RepositoryError> {
    let store = &attendant.house.repositories;
    let Some(repository) = &plan.repository else {
        let scratch = RepositoryId(attendant.caller.workspace().0);
        store.make_scratch(scratch).await?;
        return store.check_out(scratch, attendant.id(), SCRATCH_BRANCH).await;
    };
    store.fetch_mirror(repository.id, &repository.url).await?;
    store.check_out(repository.id, attendant.id(), &repository.default_branch).await
}

fn spec(attendant: &Attendant<'_>, plan: Plan, checkout: Checkout) -> ExecutionSpec {
    let (setup_script, network) = match plan.repository {
        Some(repository) => (repository.setup_script, repository.network),
        None => (String::new(), Network::None),
    };
    ExecutionSpec {
        execution: attendant.id(),
        task: plan.task.id,
        agent: plan.task.agent,
        program: None,
        title: plan.task.title,
        description: plan.task.description,
        setup_script,
        script: plan.task.script,
        worktree: checkout.worktree,
        objects: checkout.objects,
        base: checkout.base,
        network,
        author: Author { name: "Switchboard".to_owned(), email: "switchboard@localhost".to_owned() },
        reachable: attendant.house.reachable.clone(),
        readable: attendant.house.readable.clone(),
        limits: attendant.house.limits,
    }
}
