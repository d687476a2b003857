//! An execution's log by lines: any page of it without reading what is before, and searching in it.
//!
//! Lines are counted as events are stored, and every few hundred of them a mark keeps how the log stood. What was
//! stored without being counted is counted by whoever reads the log next. Memory is bounded by one batch of events.

mod index;
mod sql;

use std::time::{Duration, Instant};

use domain::ExecutionId;
use domain::log::{LINES_LIMIT, Line, LogCommand, LogHit, LogHits, LogPage, Scan, Step, apply};
use domain::permission::Permission;
use tenancy::TenantTx;

use super::ExecutionError;

pub(super) use index::note;

/// Events that are read at once, few at first: each may be as long as a piece of output, and a page need no more.
const FIRST_BATCH: u32 = 4;
const BATCH: u32 = 64;
/// The most of a log's commands that are told: more can't be folded by anybody.
const COMMANDS_LIMIT: u32 = 4_000;
/// One search reads no longer than this, and says how far it came.
const SEARCH_TIME: Duration = Duration::from_millis(400);
/// The longest text to search for, in characters.
const QUERY_LIMIT: usize = 200;
/// The most of a found line that is told, in characters.
const EXCERPT: usize = 200;

/// Lines from `first` on, at most `limit`; where `first` is 0, the last lines.
pub async fn log(
    tx: &mut TenantTx,
    id: ExecutionId,
    first: i64,
    limit: u32,
) -> Result<LogPage, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let (status, last) = super::sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    let scan = index::catch_up(tx, id, last).await?;
    let limit = i64::from(limit.clamp(1, LINES_LIMIT));
    let first = if first > 0 { first } else { (scan.lines - limit + 1).max(1) };
    let until = first.saturating_add(limit - 1).min(scan.lines);
    let items = lines(tx, id, first, until, scan.seq).await?;
    Ok(LogPage { items, finished: status.is_finished() && scan.seq >= last, scan })
}

/// The commands of a log, in order.
pub async fn commands(tx: &mut TenantTx, id: ExecutionId) -> Result<Vec<LogCommand>, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let (_, last) = super::sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    index::catch_up(tx, id, last).await?;
    Ok(index::join(sql::commands(tx, id, COMMANDS_LIMIT).await?))
}

/// Lines after one that contain a text, whatever its case, at most `limit`. It reads a bounded part of a long log.
pub async fn search(
    tx: &mut TenantTx,
    id: ExecutionId,
    query: &str,
    after: i64,
    limit: u32,
) -> Result<LogHits, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    let (_, last) = super::sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    let wanted = query.to_lowercase();
    if wanted.trim().is_empty() || query.chars().count() > QUERY_LIMIT {
        return Err(ExecutionError::invalid("q", format!("must be 1 to {QUERY_LIMIT} characters")));
    }
    let head = index::catch_up(tx, id, last).await?;
    let limit = usize::try_from(limit.clamp(1, LINES_LIMIT)).unwrap_or(1);
    let begun = Instant::now();
    let mut found = LogHits { items: Vec::new(), next_after: after.max(0), finished: false };
    let mut scan = sql::mark_before(tx, id, found.next_after.saturating_add(1)).await?;
    let mut held: Vec<Line> = Vec::new();
    while scan.seq < head.seq {
        let events = super::sql::events(tx, id, scan.seq, BATCH).await?;
        let Some(newest) = events.last() else { break };
        let at_end = newest.seq >= head.seq;
        for event in events.iter().filter(|event| event.seq <= head.seq) {
            scan.take(event, |step| apply(&mut held, step));
        }
        // The last line may go on in the next event.
        let whole = if at_end { held.len() } else { held.len().saturating_sub(1) };
        for line in held.drain(..whole).filter(|line| line.number > after) {
            if found.items.len() >= limit {
                return Ok(found);
            }
            found.next_after = line.number;
            if let Some(text) = seen(&line).filter(|text| text.to_lowercase().contains(&wanted)) {
                found.items.push(LogHit { line: line.number, text: text.chars().take(EXCERPT).collect() });
            }
        }
        if begun.elapsed() > SEARCH_TIME && !at_end {
            return Ok(found);
        }
    }
    found.finished = true;
    Ok(found)
}

/// The words of a line that do not depend on a reader's language.
fn seen(line: &Line) -> Option<String> {
    use domain::executions::EventBody;
    match &line.body {
        EventBody::Tool { title, .. } => Some(title.clone()),
        EventBody::Notice { text } => Some(text.clone()),
        EventBody::FileChange { path, .. } => Some(path.clone()),
        _ => line.output(),
    }
}

/// The lines between two numbers, both included, as they stand after an event.
async fn lines(
    tx: &mut TenantTx,
    id: ExecutionId,
    first: i64,
    until: i64,
    through: i64,
) -> Result<Vec<Line>, ExecutionError> {
    let mut lines: Vec<Line> = Vec::new();
    let mut scan = Scan::default();
    let mut batch = FIRST_BATCH;
    while scan.seq < through && (scan.lines < until || (scan.lines == until && scan.open.is_some())) {
        // Where a line goes on over many events after it was cut, the marks lead past them.
        let mark = sql::mark_before(tx, id, first.max(scan.lines + 1)).await?;
        if mark.seq > scan.seq && (lines.is_empty() || is_cut(&lines)) {
            scan = mark;
        }
        let events = super::sql::events(tx, id, scan.seq, batch).await?;
        if events.is_empty() {
            break;
        }
        batch = (batch * 2).min(BATCH);
        let mut beyond = false;
        for event in events.iter().filter(|event| event.seq <= through) {
            scan.take(event, |step| match step {
                Step::Begin(line) if line.number < first => {}
                Step::Begin(line) if line.number > until => beyond = true,
                Step::Extend(..) if beyond => {}
                step => apply(&mut lines, step),
            });
        }
    }
    Ok(lines)
}

fn is_cut(lines: &[Line]) -> bool {
    lines.last().is_some_and(|line| line.cut)
}

#[cfg(test)]
mod tests;
