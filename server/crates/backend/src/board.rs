//! The board: the first page and the count of every column in one look, and what ended tasks came to.
//!
//! It owns nothing: it reads through [`crate::tasks`] and [`crate::executions`].

#[cfg(test)]
mod tests;

use crate::tasks::TaskError;
use crate::{executions, tasks};
use domain::TaskId;
use domain::board::{Board, BoardColumn, Column, FIRST_PAGE, GLANCES_LIMIT, Glance};
use domain::tasks::{FED_TEXT_LIMIT, Task, TaskFilter};
use tenancy::TenantTx;

/// What every column begins with, in the order that the board shows it.
pub async fn read(tx: &mut TenantTx, filter: &TaskFilter) -> Result<Board, TaskError> {
    let totals = totals(tx, filter).await?;
    let mut board = Board::default();
    for (column, total) in totals {
        let mut read = BoardColumn { column, items: Vec::new(), next_cursor: None, total };
        if total > 0 {
            let page = tasks::list(tx, &of(column, filter)).await?;
            read.items = page.items.into_iter().map(short).collect();
            read.next_cursor = page.next_cursor;
        }
        board.columns.push(read);
    }
    let ended =
        board.columns.iter().flat_map(|column| &column.items).filter(|task| task.completed_at.is_some());
    let ended: Vec<TaskId> = ended.map(|task| task.id).collect();
    board.glances = glances(tx, &ended).await?;
    Ok(board)
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
