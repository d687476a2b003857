//! What an execution changed, made ready to be looked at: rows, words that changed, the language's colours.
//!
//! Colours cost time by the line: they are given within a bound, and what is beyond it stays plain.

mod colours;
mod rows;
mod words;

use std::time::{Duration, Instant};

use domain::ExecutionId;
use domain::diff::{FIRST_ROWS, FOLDED_ROWS, Row, ShownDiff, ShownFile};
use domain::executions::FileDiff;
use domain::permission::Permission;
use tenancy::TenantTx;

use super::{ExecutionError, sql};

/// The time that colours may take in one answer.
const COLOURS_TIME: Duration = Duration::from_secs(1);

/// The files that an execution changed, with the rows of the first and smaller ones. Empty until it has ended.
pub async fn shown(tx: &mut TenantTx, id: ExecutionId) -> Result<ShownDiff, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    let diff = sql::diff(tx, id).await?.unwrap_or_default();
    let deadline = Instant::now() + COLOURS_TIME;
    let mut room = FIRST_ROWS;
    let files = diff.files.iter().map(|file| {
        let (rows, cut) = rows::of(&file.patch);
        let count = rows.len();
        let fits = count <= FOLDED_ROWS.min(room);
        if fits {
            room -= count;
        }
        let rows = fits.then(|| finish(rows, &file.path, deadline));
        show(file, rows, (count, cut))
    });
    Ok(ShownDiff { files: files.collect(), base: diff.base })
}

/// One of the files with all its rows, by its place among them.
pub async fn file(tx: &mut TenantTx, id: ExecutionId, place: usize) -> Result<ShownFile, ExecutionError> {
    tx.caller().require(Permission::ExecutionRead)?;
    sql::progress(tx, id).await?.ok_or(ExecutionError::NotFound)?;
    let diff = sql::diff(tx, id).await?.unwrap_or_default();
    let file = diff.files.get(place).ok_or(ExecutionError::NotFound)?;
    let (rows, cut) = rows::of(&file.patch);
    let count = rows.len();
    let rows = finish(rows, &file.path, Instant::now() + COLOURS_TIME);
    Ok(show(file, Some(rows), (count, cut)))
}

fn finish(mut rows: Vec<Row>, path: &str, deadline: Instant) -> Vec<Row> {
    colours::give(&mut rows, path, deadline);
    words::mark(&mut rows);
    rows
}

fn show(file: &FileDiff, rows: Option<Vec<Row>>, (count, cut): (usize, bool)) -> ShownFile {
    ShownFile {
        path: file.path.clone(),
        old_path: file.old_path.clone(),
        status: file.status,
        insertions: file.insertions,
        deletions: file.deletions,
        binary: file.binary,
        count,
        cut,
        rows,
    }
}
