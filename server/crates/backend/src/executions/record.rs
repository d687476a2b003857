//! Storing what an execution says and how it ended. Every event is stored before anybody sees it.

use super::{ExecutionError, asks, log, rules, sql};
use agents::{Record, RecordBody};
use domain::executions::{Diff, EventBody, Evidence, ExecutionEvent, ExecutionStatus, Outcome};
use domain::{ExecutionId, TaskId};
use tenancy::{TenantTx, leases};
use uuid::Uuid;

/// Whether this worker still holds the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// It does, and the execution's events are stored up to here.
    Yes { last_seq: i64 },
    /// Another has taken it over: nothing was stored, and nothing more may be done for it.
    No,
}

/// Stores the records of a spool. Those that are stored already are skipped, so that none is ever doubled.
pub(super) async fn store(
    tx: &mut TenantTx,
    execution: ExecutionId,
    owner: Uuid,
    records: &[Record],
) -> Result<Held, ExecutionError> {
    if !leases::hold(tx, execution, owner).await? {
        return Ok(Held::No);
    }
    let stored = sql::lock_result(tx, execution).await?;
    let fresh = records.iter().filter(|record| record.seq > stored.spool_seq);
    let mut last_seq = stored.last_seq;
    let mut spool_seq = stored.spool_seq;
    let mut events = Vec::with_capacity(records.len());
    for record in fresh {
        // The last record is no event and counts as read only with the outcome that follows from it.
        if matches!(record.body, RecordBody::Ended(_)) {
            continue;
        }
        spool_seq = record.seq;
        if let Some(body) = event(tx, execution, &record.body).await? {
            last_seq += 1;
            events.push(ExecutionEvent { seq: last_seq, at: record.at, body: rules::storable(body) });
        }
    }
    sql::append(tx, execution, &events).await?;
    log::note(tx, execution, &events).await?;
    sql::set_progress(tx, execution, last_seq, spool_seq).await?;
    show_present(tx, execution, &events).await?;
    Ok(Held::Yes { last_seq })
}

/// The event that a record is, or becomes with what is known here.
async fn event(
    tx: &mut TenantTx,
    execution: ExecutionId,
    body: &RecordBody,
) -> Result<Option<EventBody>, ExecutionError> {
    match body {
        RecordBody::Event(body) => Ok(Some(body.clone())),
        RecordBody::Asked { number, request } => asks::open(tx, execution, *number, request).await.map(Some),
        RecordBody::Told { number } => asks::told(tx, execution, *number).await,
        RecordBody::Messaged { number } => asks::heard(tx, execution, *number).await,
        RecordBody::Ended(_) => Ok(None),
    }
}

/// Stores events of the server's own.
pub(super) async fn say(
    tx: &mut TenantTx,
    execution: ExecutionId,
    owner: Uuid,
    bodies: Vec<EventBody>,
) -> Result<Held, ExecutionError> {
    if !leases::hold(tx, execution, owner).await? {
        return Ok(Held::No);
    }
    let last_seq = say_unheld(tx, execution, bodies).await?;
    Ok(Held::Yes { last_seq })
}

pub(super) async fn say_unheld(
    tx: &mut TenantTx,
    execution: ExecutionId,
    bodies: Vec<EventBody>,
) -> Result<i64, ExecutionError> {
    let now = tx.now();
    let stored = sql::lock_result(tx, execution).await?;
    let events: Vec<ExecutionEvent> = bodies
        .into_iter()
        .zip(stored.last_seq + 1..)
        .map(|(body, seq)| ExecutionEvent { seq, at: now, body: rules::storable(body) })
        .collect();
    let last_seq = events.last().map_or(stored.last_seq, |event| event.seq);
    sql::append(tx, execution, &events).await?;
    log::note(tx, execution, &events).await?;
    sql::set_progress(tx, execution, last_seq, stored.spool_seq).await?;
    show_present(tx, execution, &events).await?;
    Ok(last_seq)
}

/// The row shows the newest status and what is happening now.
async fn show_present(
    tx: &mut TenantTx,
    id: ExecutionId,
    events: &[ExecutionEvent],
) -> Result<(), ExecutionError> {
    let layers = events.iter().rev().find_map(|event| match &event.body {
        EventBody::Started { isolation, .. } => Some(isolation),
        _ => None,
    });
    if let Some(layers) = layers {
        sql::set_isolation(tx, id, layers).await?;
    }
    let present: Vec<_> = events.iter().filter_map(|event| rules::present(&event.body)).collect();
    let Some((_, detail)) = present.last() else {
        return Ok(());
    };
    let status = present.iter().rev().find_map(|(status, _)| *status);
    let now = tx.now();
    let Some(task) = sql::show(tx, id, status, detail, now).await? else {
        return Ok(());
    };
    if let Some(status) = status {
        if !matches!(status, ExecutionStatus::Paused | ExecutionStatus::Queued) {
            asks::stand(tx, id).await?;
        }
        follow(tx, task, status).await?;
    }
    Ok(())
}

/// How an execution that ran has ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    pub(super) exit_code: Option<i32>,
    pub(super) evidence: Evidence,
    pub(super) diff: Option<Diff>,
}

/// Writes the end of an execution that this worker holds, and gives it back.
pub(super) async fn finish(
    tx: &mut TenantTx,
    id: ExecutionId,
    owner: Uuid,
    ending: Ending,
) -> Result<Held, ExecutionError> {
    if !leases::settle(tx, id, owner).await? {
        return Ok(Held::No);
    }
    asks::withdraw(tx, id).await?;
    let status = rules::final_status(ending.outcome.class);
    let mut bodies = Vec::new();
    for file in ending.diff.iter().flat_map(|diff| &diff.files) {
        bodies.push(EventBody::FileChange { path: rules::visible(&file.path), status: file.status });
    }
    let Evidence { files_changed, insertions, deletions, .. } = ending.evidence;
    if files_changed > 0 {
        bodies.push(EventBody::Diff { files_changed, insertions, deletions });
    }
    let (outcome, exit_code) = (ending.outcome, ending.exit_code);
    bodies.push(EventBody::Finished { status, outcome: outcome.clone(), exit_code });
    let last_seq = say_unheld(tx, id, bodies).await?;
    sql::set_result(tx, id, &ending.evidence, ending.diff.as_ref()).await?;
    close(tx, id, status, &outcome, exit_code).await?;
    Ok(Held::Yes { last_seq })
}

/// Writes the end of an execution that never began.
pub(super) async fn end(
    tx: &mut TenantTx,
    id: ExecutionId,
    outcome: &Outcome,
    status: ExecutionStatus,
) -> Result<(), ExecutionError> {
    let body = EventBody::Finished { status, outcome: outcome.clone(), exit_code: None };
    say_unheld(tx, id, vec![body]).await?;
    let now = tx.now();
    sql::close(tx, id, &sql::Closing { status, outcome, exit_code: None, at: now }).await?;
    Ok(())
}

async fn close(
    tx: &mut TenantTx,
    id: ExecutionId,
    status: ExecutionStatus,
    outcome: &Outcome,
    exit_code: Option<i32>,
) -> Result<(), ExecutionError> {
    let now = tx.now();
    if let Some(task) = sql::close(tx, id, &sql::Closing { status, outcome, exit_code, at: now }).await? {
        follow(tx, task, status).await?;
    }
    Ok(())
}

async fn follow(tx: &mut TenantTx, task: TaskId, status: ExecutionStatus) -> Result<(), ExecutionError> {
    crate::tasks::follow(tx, task, status).await.map_err(|error| match error {
        crate::tasks::TaskError::Store(cause) => ExecutionError::Store(cause),
        other => ExecutionError::Conflict(other.to_string()),
    })
}
