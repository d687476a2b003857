//! Going somewhere by a few words: a task by its number or by what it says, a repository by its name.
//!
//! It owns nothing: it reads through [`crate::tasks`] and [`crate::repositories`].

#[cfg(test)]
mod tests;

use crate::{Failure, repositories, tasks};
use domain::search::{Found, FoundRepository, FoundTask, REPOSITORIES_FOUND, TASKS_FOUND, names};
use domain::tasks::{Task, TaskFilter};
use tenancy::TenantTx;

/// What the words find: the task of this number first, then what changed last. Without words, what changed last.
pub async fn find(tx: &mut TenantTx, words: &str) -> Result<Found, Failure> {
    let words = words.trim();
    let filter = TaskFilter {
        q: (!words.is_empty()).then(|| words.to_owned()),
        sort: Some("-updated_at".to_owned()),
        limit: Some(TASKS_FOUND),
        ..TaskFilter::default()
    };
    let mut found = tasks::list(tx, &filter).await?.items;
    if let Some(named) = numbered(tx, words).await? {
        found.retain(|task| task.id != named.id);
        found.insert(0, named);
        found.truncate(TASKS_FOUND as usize);
    }
    let tasks = found.into_iter().map(|task| FoundTask {
        id: task.id,
        number: task.number,
        title: task.title,
        status: task.status,
    });
    let repositories = if words.is_empty() { Vec::new() } else { repositories::list(tx).await? };
    let repositories = repositories.into_iter().filter(|repository| names(&repository.name, words));
    let repositories =
        repositories.map(|repository| FoundRepository { id: repository.id, name: repository.name });
    Ok(Found { tasks: tasks.collect(), repositories: repositories.take(REPOSITORIES_FOUND).collect() })
}

/// The task whose number the words are.
async fn numbered(tx: &mut TenantTx, words: &str) -> Result<Option<Task>, Failure> {
    let Ok(number) = words.trim_start_matches('#').parse::<i64>() else { return Ok(None) };
    match tasks::get(tx, number.into()).await {
        Ok(task) => Ok(Some(task)),
        Err(tasks::TaskError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
