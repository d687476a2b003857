//! What an execution asks people, and what they say to it: approvals, answers, messages.
//!
//! The ask and the answer are rows. Whoever carries the execution out reads them from there, on whichever machine and
//! after whichever restart, gives them to the agent, and says when it was told. An execution that asks holds no slot;
//! answered, it goes on once there is one.
//! Start reading at [`approve`].

mod rules;
mod sql;
#[cfg(test)]
mod tests;

use super::{ExecutionError, record, sql as executions};
use crate::activity;
use agents::Delivery;
use domain::activity::ActivityKind;
use domain::asks::{Answer, Approve, Ask, AskState, NewMessage};
use domain::executions::{EventBody, ExecutionStatus, Speaker};
use domain::permission::Permission;
use domain::tasks::Task;
use domain::{AskId, DateTime, ExecutionId, TaskId};
use tenancy::TenantTx;
use tenancy::leases::{self, Asks, Reaches};

pub(super) use rules::Resolution;

crate::error::capability_error! {
    /// Why something could not be said to an execution.
    AskError, "ask"
}

/// What stands beside an execution that was answered and has no slot yet.
const ANSWERED: &str = "answered; goes on once there is a slot";

/// What the executions of a task have asked, newest first, at most 200.
pub async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Ask>, AskError> {
    tx.caller().require(Permission::ExecutionRead)?;
    Ok(sql::list(tx, task).await?)
}

/// Allows or denies an action that an execution of the task asks about.
pub async fn approve(tx: &mut TenantTx, task: TaskId, word: Approve) -> Result<Ask, AskError> {
    resolve(tx, task, word.approval, |ask| rules::decide(ask, word.decision, word.note.as_deref())).await
}

/// Answers a question of an execution of the task.
pub async fn answer(tx: &mut TenantTx, task: TaskId, answer: Answer) -> Result<Ask, AskError> {
    resolve(tx, task, answer.question, |ask| rules::answer(ask, &answer.text)).await
}

async fn resolve(
    tx: &mut TenantTx,
    task: TaskId,
    id: AskId,
    decide: impl FnOnce(&Ask) -> Result<Resolution, AskError>,
) -> Result<Ask, AskError> {
    tx.caller().require(Permission::TaskControl)?;
    let asked = sql::find(tx, id).await?.filter(|ask| ask.task_id == task).ok_or(AskError::NotFound)?;
    let runs = leases::take(tx, asked.execution_id).await?;
    // Another may have been faster before the lease was held.
    let asked = sql::find(tx, id).await?.ok_or(AskError::NotFound)?;
    rules::is_answerable(&asked, tx.now())?;
    let resolution = decide(&asked)?;
    if !runs {
        return Err(AskError::Conflict("its execution has ended".to_owned()));
    }
    let resolved = sql::resolve(tx, id, &resolution).await?.ok_or(AskError::NotFound)?;
    activity::note(tx, task, rules::kind(&resolved), &resolved.title).await?;
    go_on(tx, resolved.execution_id).await?;
    Ok(resolved)
}

/// Something was resolved of an execution whose lease is held: it may have all it waited for.
async fn go_on(tx: &mut TenantTx, execution: ExecutionId) -> Result<(), AskError> {
    let asks = standing(tx, execution).await?;
    let (reaches, now) = (leases::reach(tx, execution, asks).await?, tx.now());
    if reaches == Reaches::GoesOn {
        let queued = EventBody::Status { status: ExecutionStatus::Queued, detail: ANSWERED.to_owned() };
        record::say_unheld(tx, execution, vec![queued]).await?;
    } else if asks == Asks::Open {
        // Whoever looks at the others hears by the execution's row that there is one less.
        let left = sql::count_open(tx, execution).await?;
        executions::show(tx, execution, None, &format!("{left} more to answer"), now).await?;
    }
    Ok(())
}

async fn standing(tx: &mut TenantTx, execution: ExecutionId) -> Result<Asks, AskError> {
    Ok(if sql::count_open(tx, execution).await? > 0 { Asks::Open } else { Asks::Answered })
}

/// Says something to the agent that works on a task. It hears of it before its next step; while it stands still or
/// waits, once it goes on.
pub async fn message(tx: &mut TenantTx, task: &Task, new: NewMessage) -> Result<(), AskError> {
    tx.caller().require(Permission::TaskControl)?;
    let text = rules::message(&new.text)?;
    rules::listens(task)?;
    let nobody = || AskError::Conflict("nothing works on this task that could hear it".to_owned());
    let execution = executions::unfinished(tx, task.id).await?.ok_or_else(nobody)?;
    if !leases::take(tx, execution).await? {
        return Err(nobody());
    }
    rules::may_say_more(sql::count_unheard(tx, execution).await?)?;
    sql::say(tx, execution, &text).await?;
    activity::note(tx, task.id, ActivityKind::Told, "").await?;
    let asks = standing(tx, execution).await?;
    // Words alone answer nothing: where something is open it stays so, and the execution stays where it is.
    leases::reach(tx, execution, asks).await?;
    Ok(())
}

/// Takes back what an execution has asked and nobody answered.
pub(super) async fn withdraw(tx: &mut TenantTx, execution: ExecutionId) -> Result<(), ExecutionError> {
    Ok(sql::close_open(tx, execution, AskState::Withdrawn, None).await.map(drop)?)
}

/// Closes what nobody answered in time, for whoever carries the execution out.
pub(super) async fn expire(tx: &mut TenantTx, execution: ExecutionId) -> Result<(), ExecutionError> {
    if !leases::take(tx, execution).await? {
        return Ok(());
    }
    let now = tx.now();
    if sql::close_open(tx, execution, AskState::Expired, Some(now)).await? > 0 {
        go_on(tx, execution).await?;
    }
    Ok(())
}

/// When the next of what an execution asks expires.
pub(super) async fn next_expiry(
    tx: &mut TenantTx,
    execution: ExecutionId,
) -> Result<Option<DateTime>, ExecutionError> {
    Ok(sql::next_expiry(tx, execution).await?)
}

/// Whether an execution waits for people, by what is open.
pub(super) async fn stand(tx: &mut TenantTx, execution: ExecutionId) -> Result<(), ExecutionError> {
    let asks = standing(tx, execution).await?;
    Ok(leases::stand(tx, execution, asks).await?)
}

/// An agent has asked: the row, and the event that tells of it.
pub(super) async fn open(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
    request: &agents::Request,
) -> Result<EventBody, ExecutionError> {
    let ask = sql::insert(tx, execution, number, request).await?;
    activity::note(tx, ask.task_id, ActivityKind::Asked, &ask.title).await?;
    Ok(rules::asked(&ask))
}

/// The agent was told what became of an ask.
pub(super) async fn told(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
) -> Result<Option<EventBody>, ExecutionError> {
    Ok(sql::told(tx, execution, number).await?.map(|ask| rules::resolved(&ask)))
}

/// The agent was given a message.
pub(super) async fn heard(
    tx: &mut TenantTx,
    execution: ExecutionId,
    number: i64,
) -> Result<Option<EventBody>, ExecutionError> {
    let said = sql::heard(tx, execution, number).await?;
    Ok(said.map(|(text, by)| EventBody::Text { role: Speaker::Person, text, by }))
}

/// All that the agent was not told yet, in the order in which it was said.
pub(super) async fn deliveries(
    tx: &mut TenantTx,
    execution: ExecutionId,
) -> Result<Vec<Delivery>, ExecutionError> {
    let mut all = sql::untold(tx, execution).await?;
    all.extend(sql::unheard(tx, execution).await?);
    Ok(all)
}

impl From<AskError> for ExecutionError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotFound => Self::NotFound,
            AskError::Forbidden(refusal) => Self::Forbidden(refusal),
            AskError::Invalid { field, reason } => Self::Invalid { field, reason },
            AskError::Conflict(reason) => Self::Conflict(reason),
            AskError::Changed(conflicts) => Self::Changed(conflicts),
            AskError::Store(cause) => Self::Store(cause),
        }
    }
}

impl From<ExecutionError> for AskError {
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

/// An ask and a message, for the tests of the walls.
#[cfg(test)]
pub(crate) async fn fill_for_tests(tx: &mut TenantTx, execution: ExecutionId) {
    open(tx, execution, 1, &tests::request(domain::asks::AskKind::Approval)).await.unwrap();
    sql::say(tx, execution, "only for us").await.unwrap();
}

/// What waits for an agent.
#[cfg(test)]
pub(crate) async fn deliveries_for_tests(tx: &mut TenantTx, execution: ExecutionId) -> Vec<Delivery> {
    deliveries(tx, execution).await.unwrap()
}
