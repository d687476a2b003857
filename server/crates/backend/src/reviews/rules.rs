//! How comments on many lines read as one text. Pure.

use crate::comments::CommentError;
use domain::asks::MESSAGE_LIMIT;
use domain::comments::{Comment, Side};
use domain::tasks::{TITLE_LIMIT, Task};
use std::collections::BTreeMap;

/// File by file, line by line.
pub(super) fn text(task: &Task, run: i64, said: &[Comment]) -> Result<String, CommentError> {
    let mut files: BTreeMap<&str, Vec<&Comment>> = BTreeMap::new();
    for comment in said {
        files.entry(comment.path.as_deref().unwrap_or_default()).or_default().push(comment);
    }
    if files.is_empty() {
        return Err(CommentError::Conflict("nothing was said about a line of this run yet".to_owned()));
    }
    let mut text = format!("Comments on what run {run} of task {} changed.\n", task.number);
    for (path, mut comments) in files {
        comments.sort_by_key(|comment| (comment.line, comment.created_at));
        text.push_str(&format!("\n{path}\n"));
        for comment in comments {
            let line = comment.line.map(|line| format!("line {line}"));
            let line = line.unwrap_or_else(|| "the file".to_owned());
            let before = if comment.side == Some(Side::Old) { " as it was" } else { "" };
            text.push_str(&format!("- {line}{before}: {}\n", comment.text.trim().replace('\n', "\n  ")));
        }
    }
    if text.chars().count() > MESSAGE_LIMIT {
        let reason = "so much was said that it can't be sent as one; delete comments that are settled";
        return Err(CommentError::Conflict(reason.to_owned()));
    }
    Ok(text)
}

/// The title of a task that follows up on another.
pub(super) fn title(task: &Task) -> String {
    let title = format!("Follow-up on {}: {}", task.number, task.title);
    title.chars().take(TITLE_LIMIT).collect()
}
