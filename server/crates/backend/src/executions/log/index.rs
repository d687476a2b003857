//! Counting lines and keeping marks.

use domain::ExecutionId;
use domain::executions::{EventBody, ExecutionEvent};
use domain::log::{LogCommand, Scan};
use serde::{Deserialize, Serialize};
use tenancy::{StoreError, TenantTx};

use super::sql::{self, Head, Mark};

/// A mark after so many lines or so many bytes of text: what a page has to read beyond itself at most.
const LINES: i64 = 250;
const BYTES: i64 = 48 * 1024;
/// The longest title that a mark keeps, in characters.
const TITLE: usize = 300;
/// Events that are counted at once where they were not when they were stored.
const BATCH: u32 = 128;

/// What a mark says of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Edge {
    Ends { command: u32, exit_code: i32, ms: u64 },
    Begins { command: u32, title: String },
}

/// Counts events that are just being stored, where all before them are counted.
pub(in crate::executions) async fn note(
    tx: &mut TenantTx,
    id: ExecutionId,
    events: &[ExecutionEvent],
) -> Result<(), StoreError> {
    let Some(first) = events.first() else { return Ok(()) };
    let head = sql::head(tx, id).await?;
    if head.scan.seq + 1 == first.seq {
        extend(tx, id, head, events).await?;
    }
    Ok(())
}

/// Counts what is stored up to an event and not counted yet.
pub(super) async fn catch_up(tx: &mut TenantTx, id: ExecutionId, last: i64) -> Result<Scan, StoreError> {
    let mut head = sql::head(tx, id).await?;
    if head.scan.seq >= last {
        return Ok(head.scan);
    }
    head = sql::lock_head(tx, id).await?;
    while head.scan.seq < last {
        let events = crate::executions::sql::events(tx, id, head.scan.seq, BATCH).await?;
        if events.is_empty() {
            break;
        }
        head = extend(tx, id, head, &events).await?;
    }
    Ok(head.scan)
}

async fn extend(
    tx: &mut TenantTx,
    id: ExecutionId,
    mut head: Head,
    events: &[ExecutionEvent],
) -> Result<Head, StoreError> {
    let mut marks = Vec::new();
    for event in events {
        // A mark names the lines before it, so that the one it stands in is given whole from there on.
        head.scan.take(event, |_| {});
        head.unmarked += weight(&event.body);
        let command = edge(&event.body);
        let due = head.unmarked >= BYTES || head.scan.lines - head.marked >= LINES || event.seq == 1;
        if due || command.is_some() {
            marks.push(Mark { scan: head.scan.clone(), command });
            head.unmarked = 0;
            head.marked = head.scan.lines;
        }
    }
    sql::insert_marks(tx, id, &marks).await?;
    sql::save_head(tx, id, &head).await?;
    Ok(head)
}

fn weight(body: &EventBody) -> i64 {
    match body {
        EventBody::ToolOutput { text, .. } => i64::try_from(text.len()).unwrap_or(i64::MAX),
        _ => 0,
    }
}

fn edge(body: &EventBody) -> Option<Edge> {
    match body {
        EventBody::Tool { command, title } => {
            Some(Edge::Begins { command: *command, title: title.chars().take(TITLE).collect() })
        }
        EventBody::ToolFinished { command, exit_code, ms } => {
            Some(Edge::Ends { command: *command, exit_code: *exit_code, ms: *ms })
        }
        _ => None,
    }
}

/// Begins and ends, in order, as commands.
pub(super) fn join(edges: Vec<(i64, Edge)>) -> Vec<LogCommand> {
    let mut commands: Vec<LogCommand> = Vec::new();
    for (line, edge) in edges {
        match edge {
            Edge::Begins { command, title } => commands.push(LogCommand {
                command,
                title,
                first_line: line,
                last_line: None,
                exit_code: None,
                ms: None,
            }),
            Edge::Ends { command, exit_code, ms } => {
                let begun = commands.iter_mut().rev().find(|begun| begun.command == command);
                if let Some(begun) = begun {
                    (begun.last_line, begun.exit_code, begun.ms) = (Some(line), Some(exit_code), Some(ms));
                }
            }
        }
    }
    commands
}
