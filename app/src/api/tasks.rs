//! Tasks: what the board, the list, the composer and the room ask for.

#[cfg(feature = "ssr")]
use domain::Edit;
use domain::tasks::{NewTask, Priority, Task, TaskFilter, TaskPatch, TaskStatus};
use domain::{Blank, Page, Saved, TaskId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// A list of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskQuery {
    pub workspace: String,
    pub filter: TaskFilter,
}

/// One task by the number that people say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAt {
    pub workspace: String,
    pub number: i64,
}

/// One task, to do something with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAct {
    pub workspace: String,
    pub id: TaskId,
}

/// How many tasks there are, by what they are doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub draft: i64,
    pub queued: i64,
    pub running: i64,
    pub paused: i64,
    pub waiting: i64,
    pub completed: i64,
    pub failed: i64,
    pub cancelled: i64,
}

impl Counts {
    /// Everything that is not over.
    pub fn open(&self) -> i64 {
        self.draft + self.queued + self.running + self.paused + self.waiting
    }

    pub fn total(&self) -> i64 {
        self.open() + self.completed + self.failed + self.cancelled
    }
}

impl FromIterator<(TaskStatus, i64)> for Counts {
    fn from_iter<Counted: IntoIterator<Item = (TaskStatus, i64)>>(counted: Counted) -> Self {
        let mut counts = Self::default();
        for (status, count) in counted {
            *match status {
                TaskStatus::Draft => &mut counts.draft,
                TaskStatus::Queued => &mut counts.queued,
                TaskStatus::Running => &mut counts.running,
                TaskStatus::Paused => &mut counts.paused,
                TaskStatus::Waiting => &mut counts.waiting,
                TaskStatus::Completed => &mut counts.completed,
                TaskStatus::Failed => &mut counts.failed,
                TaskStatus::Cancelled => &mut counts.cancelled,
            } = count;
        }
        counts
    }
}

/// The composer's form, as a browser posts it with or without script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskForm {
    pub workspace: String,
    /// Made with the page, so that sending twice makes one task.
    #[serde(default)]
    pub id: Blank<TaskId>,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub priority: Blank<Priority>,
    #[serde(default)]
    pub repository: Blank<String>,
    #[serde(default)]
    pub script: String,
    /// Separated by commas.
    #[serde(default)]
    pub labels: String,
    #[serde(default)]
    pub start: Blank<bool>,
}

impl From<TaskForm> for NewTask {
    fn from(form: TaskForm) -> Self {
        Self {
            id: form.id.0,
            title: form.title,
            description: Some(unix_lines(&form.description)),
            priority: form.priority.0,
            repository: form.repository.0,
            script: Some(unix_lines(&form.script)),
            labels: Some(labels(&form.labels)),
            start: form.start.0.unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// One property edited in place. A field that the form doesn't have stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskChange {
    pub workspace: String,
    pub id: TaskId,
    #[serde(default)]
    pub version: Blank<i64>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// The numbers of the tasks that must be completed first.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<String>,
}

impl From<TaskChange> for TaskPatch {
    fn from(form: TaskChange) -> Self {
        Self {
            title: form.title,
            description: form.description.as_deref().map(unix_lines).into(),
            priority: form.priority,
            repository: form.repository.into(),
            script: form.script.as_deref().map(unix_lines).into(),
            labels: form.labels.as_deref().map(labels).into(),
            version: form.version.0,
            ..Self::default()
        }
    }
}

#[server(endpoint = "/tasks/list", input = Json)]
pub async fn list_tasks(query: TaskQuery) -> Result<Page<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::tasks::list(&mut tx, &query.filter).await?)
}

#[server(endpoint = "/tasks/get", input = Json)]
pub async fn get_task(query: TaskAt) -> Result<Task, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::tasks::get(&mut tx, query.number.into()).await?)
}

/// The tasks that must be completed before this one begins.
#[server(endpoint = "/tasks/blockers", input = Json)]
pub async fn list_blockers(query: TaskAct) -> Result<Vec<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&query.workspace).await?;
    Ok(backend::tasks::blocking(&mut tx, query.id).await?)
}

#[server(endpoint = "/tasks/counts", input = Json)]
pub async fn count_tasks(workspace: String) -> Result<Counts, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::tasks::counts(&mut tx).await?.into_iter().collect())
}

#[server(endpoint = "/tasks/create")]
pub async fn create_task(task: TaskForm) -> Result<Saved<Task>, ApiError> {
    let workspace = task.workspace.clone();
    let mut tx = crate::api::request::begin(&workspace).await?;
    let created = backend::tasks::create(&mut tx, task.into()).await?;
    let saved = crate::api::request::save(tx, created).await?;
    crate::api::request::go_to(&format!("/w/{workspace}/tasks/{}", saved.value.number));
    Ok(saved)
}

#[server(endpoint = "/tasks/update")]
pub async fn update_task(task: TaskChange) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let (id, numbers) = (task.id, task.blocked_by.clone());
    let mut patch = TaskPatch::from(task);
    if let Some(numbers) = numbers {
        patch.blocked_by = Edit::Set(backend::tasks::numbered(&mut tx, &numbers).await?);
    }
    let updated = backend::tasks::update(&mut tx, id, patch).await?;
    crate::api::request::save(tx, updated).await
}

#[server(endpoint = "/tasks/start")]
pub async fn start_task(task: TaskAct) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let started = backend::tasks::start(&mut tx, task.id).await?;
    crate::api::request::save(tx, started).await
}

#[server(endpoint = "/tasks/cancel")]
pub async fn cancel_task(task: TaskAct) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let cancelled = backend::tasks::cancel(&mut tx, task.id).await?;
    crate::api::request::save(tx, cancelled).await
}

#[server(endpoint = "/tasks/pause")]
pub async fn pause_task(task: TaskAct) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let paused = backend::tasks::pause(&mut tx, task.id).await?;
    crate::api::request::save(tx, paused).await
}

#[server(endpoint = "/tasks/resume")]
pub async fn resume_task(task: TaskAct) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let resumed = backend::tasks::resume(&mut tx, task.id).await?;
    crate::api::request::save(tx, resumed).await
}

#[server(endpoint = "/tasks/retry")]
pub async fn retry_task(task: TaskAct) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    let retried = backend::tasks::retry(&mut tx, task.id).await?;
    crate::api::request::save(tx, retried).await
}

#[server(endpoint = "/tasks/remove")]
pub async fn remove_task(task: TaskAct) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&task.workspace).await?;
    backend::tasks::remove(&mut tx, task.id).await?;
    let saved = crate::api::request::save(tx, ()).await?;
    crate::api::request::go_to(&format!("/w/{}/tasks", task.workspace));
    Ok(saved)
}

/// A field that the form has, though it may be empty: an empty text clears what it names.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

/// Forms send CRLF between lines; a shell would take the CR for a part of the command.
pub(crate) fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// What was typed between commas, without blanks and repetitions.
pub(crate) fn labels(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for label in text.split(',').map(str::trim).filter(|label| !label.is_empty()) {
        if !found.iter().any(|known| known == label) {
            found.push(label.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(not(feature = "ssr"))]
    use domain::Edit;

    #[derive(Deserialize)]
    struct Posted<T> {
        task: T,
    }

    /// The composer as a browser without script posts it, with every optional field left empty.
    #[test]
    fn an_empty_optional_field_is_not_given() {
        let body = "task[workspace]=demo&task[id]=&task[title]=Fix+it&task[description]=&task[priority]=\
            &task[repository]=&task[script]=&task[labels]=";
        let form = serde_qs::Config::new(5, false);
        let posted: Posted<TaskForm> = form.deserialize_str(body).unwrap();
        let new = NewTask::from(posted.task);
        assert_eq!(new.title, "Fix it");
        assert_eq!((new.id, new.priority, new.repository, new.start), (None, None, None, false));
        assert_eq!(new.labels, Some(Vec::new()));
    }

    #[test]
    fn a_script_reaches_the_shell_without_carriage_returns() {
        let body = "task[workspace]=demo&task[title]=x&task[script]=echo+a%0D%0Aecho+b&task[start]=true";
        let form = serde_qs::Config::new(5, false);
        let posted: Posted<TaskForm> = form.deserialize_str(body).unwrap();
        let new = NewTask::from(posted.task);
        assert_eq!(new.script.as_deref(), Some("echo a\necho b"));
        assert!(new.start);
    }

    #[test]
    fn an_edit_changes_only_the_field_it_has_and_can_clear_it() {
        let body = "task[workspace]=demo&task[id]=018f0000-0000-7000-8000-000000000001&task[version]=3&task[repository]=";
        let form = serde_qs::Config::new(5, false);
        let posted: Posted<TaskChange> = form.deserialize_str(body).unwrap();
        let patch = TaskPatch::from(posted.task);
        assert_eq!(patch.version, Some(3));
        assert_eq!(patch.repository, Edit::Set(String::new()));
        assert_eq!((patch.title, patch.script, patch.labels), (None, Edit::Keep, Edit::Keep));
    }

    #[test]
    fn labels_are_split_trimmed_and_single() {
        assert_eq!(labels(" a, b ,,a, c d "), ["a", "b", "c d"]);
        assert!(labels(" , ").is_empty());
    }
}
