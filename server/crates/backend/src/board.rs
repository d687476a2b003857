//! The board: the first page and the count of every column in one look, and what ended tasks came to.
//!
//! It owns nothing: it reads through [`crate::tasks`] and [`crate::executions`].

#[cfg(test)]
mod tests;

use crate::tasks::TaskError;
use crate::{executions, tasks};
use domain::TaskId;
use domain::board::{Board, CHOICE_LIMIT, Column, FIRST_PAGE, GLANCES_LIMIT, Glance, Lane};
use domain::tasks::{FED_TEXT_LIMIT, Task, TaskFilter};
use tenancy::TenantTx;

/// What every column begins with, in the order that the board shows it.
pub async fn read(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Board, TaskError> {
    let mut lanes = Vec::new();
    for (column, total) in totals(tx, filter).await? {
        let mut lane = Lane { column: Some(column), items: Vec::new(), next_cursor: None, total };
        if total > 0 {
            let page = page(tx, &of(column, filter)).await?;
            (lane.items, lane.next_cursor) = (page.items, page.next_cursor);
        }
        lanes.push(lane);
    }
    board(tx, lanes).await
}

/// What the list begins with: one lane of all.
pub async fn read_list(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Board, TaskError> {
    let total = tasks::counts_of(tx, filter).await?.into_values().sum();
    let page = page(tx, filter).await?;
    let lane = Lane { column: None, items: page.items, next_cursor: page.next_cursor, total };
    board(tx, vec![lane]).await
}

async fn board(tx: &mut TenantTx, lanes: Vec<Lane>) -> Result<Board, TaskError> {
    let ended = lanes.iter().flat_map(|lane| &lane.items).filter(|task| task.completed_at.is_some());
    let ended: Vec<TaskId> = ended.map(|task| task.id).take(GLANCES_LIMIT).collect();
    let glances = glances(tx, &ended).await?;
    Ok(Board { lanes, me: tx.caller().user(), glances })
}

/// How many tasks every column has.
pub async fn totals(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Vec<(Column, i64)>, TaskError> {
    let counts = tasks::counts_of(tx, filter).await?;
    let total = |column: Column| {
        counts.iter().filter(|(status, _)| Column::of(**status) == column).map(|(_, count)| count).sum()
    };
    Ok(Column::ALL.into_iter().map(|column| (column, total(column))).collect())
}

/// One further page of tasks, with long texts cut as in the feed.
pub async fn page(tx: &mut TenantTx, filter: &TaskFilter) -> Result<domain::Page<Task>, TaskError> {
    let page = tasks::list(tx, filter).await?;
    Ok(domain::Page { items: page.items.into_iter().map(short).collect(), next_cursor: page.next_cursor })
}

/// Every task of a filter, up to [`CHOICE_LIMIT`], newest first.
pub async fn all(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Vec<Task>, TaskError> {
    let mut tasks = Vec::new();
    let mut filter = TaskFilter { limit: Some(200), sort: None, cursor: None, ..filter.clone() };
    while tasks.len() < CHOICE_LIMIT {
        let part = page(tx, &filter).await?;
        tasks.extend(part.items);
        filter.cursor = part.next_cursor;
        if filter.cursor.is_none() {
            break;
        }
    }
    Ok(tasks)
}

/// What the last executions of these tasks came to, for those that have ended.
pub async fn glances(tx: &mut TenantTx, tasks: &[TaskId]) -> Result<Vec<Glance>, TaskError> {
    if tasks.len() > GLANCES_LIMIT {
        return Err(TaskError::invalid("ids", format!("must be at most {GLANCES_LIMIT}")));
    }
    Ok(executions::glances(tx, tasks).await?)
}

fn of(column: Column, filter: &TaskFilter) -> TaskFilter {
    let statuses = column.statuses(filter.status.as_deref());
    TaskFilter {
        status: Some(statuses.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",")),
        sort: Some(column.sort().to_owned()),
        limit: Some(FIRST_PAGE),
        cursor: None,
        ..filter.clone()
    }
}

/// A card shows neither description nor script: the beginning is enough, and the task says so.
fn short(mut task: Task) -> Task {
    for text in [&mut task.description, &mut task.script] {
        if let Some((end, _)) = text.char_indices().nth(FED_TEXT_LIMIT) {
            text.truncate(end);
            task.truncated = true;
        }
    }
    task
}
