//! The status machine of tasks, and what their fields and filters may be. Pure.

use super::TaskError;
use crate::patch::Wish;
use domain::executions::ExecutionStatus;
use domain::tasks::{
    Agent, BLOCKERS_LIMIT, DESCRIPTION_LIMIT, LABEL_LIMIT, LABELS_LIMIT, NewTask, Priority, SCRIPT_LIMIT,
    TITLE_LIMIT, Task, TaskFilter, TaskPatch, TaskStatus,
};
use domain::{RepositoryId, TaskId, UserId, text};
use serde_json::json;

/// What somebody wants done with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Start,
    Pause,
    Resume,
    Cancel,
    Retry,
}

/// Whether an action fits a status; else one sentence on why not.
pub(super) fn allow(status: TaskStatus, action: Action) -> Result<(), String> {
    use TaskStatus::{Cancelled, Completed, Draft, Failed, Paused, Queued, Running, Waiting};
    let (fits, verb, hint) = match action {
        Action::Start => (status == Draft, "started", "only a draft can be; retry one that has ended"),
        Action::Retry => {
            (matches!(status, Completed | Failed | Cancelled), "retried", "only one that has ended can be")
        }
        Action::Cancel => {
            (matches!(status, Queued | Running | Paused | Waiting), "cancelled", "it is not under way")
        }
        Action::Pause => (status == Running, "paused", "only a running one can be"),
        Action::Resume => (status == Paused, "resumed", "only a paused one can be"),
    };
    if fits { Ok(()) } else { Err(format!("a task that is {status} can't be {verb}: {hint}")) }
}

/// The task's status while its last execution has this one.
pub(super) fn of_execution(status: ExecutionStatus) -> TaskStatus {
    match status {
        ExecutionStatus::Queued => TaskStatus::Queued,
        ExecutionStatus::Starting | ExecutionStatus::Running => TaskStatus::Running,
        ExecutionStatus::Paused => TaskStatus::Paused,
        ExecutionStatus::Waiting => TaskStatus::Waiting,
        ExecutionStatus::Succeeded => TaskStatus::Completed,
        ExecutionStatus::Failed => TaskStatus::Failed,
        ExecutionStatus::Cancelled => TaskStatus::Cancelled,
    }
}

/// The names of the fields that an edit changes, with commas between them.
pub(super) fn changed(wishes: &[Wish]) -> String {
    let changed = wishes.iter().filter(|wish| wish.now != wish.wanted).map(|wish| wish.field);
    changed.collect::<Vec<_>>().join(",")
}

/// The place in the queue that a priority gives: 0 is the most urgent.
pub fn rank(priority: Priority) -> i16 {
    match priority {
        Priority::Urgent => 0,
        Priority::High => 1,
        Priority::Normal => 2,
        Priority::Low => 3,
    }
}

/// The texts of a new task, as they are stored.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) script: String,
    pub(crate) labels: Vec<String>,
}

pub(super) fn fields(new: &NewTask) -> Result<Fields, TaskError> {
    Ok(Fields {
        title: title(&new.title)?,
        description: description(new.description.as_deref().unwrap_or_default())?,
        script: script(new.script.as_deref().unwrap_or_default())?,
        labels: labels(new.labels.as_deref().unwrap_or_default())?,
    })
}

pub(super) fn apply(task: &mut Task, patch: TaskPatch) -> Result<(), TaskError> {
    if let Some(text) = patch.title {
        task.title = title(&text)?;
    }
    if let Some(text) = patch.description.or_empty() {
        task.description = description(&text)?;
    }
    if let Some(text) = patch.script.or_empty() {
        task.script = script(&text)?;
    }
    if let Some(list) = patch.labels.or_empty() {
        task.labels = labels(&list)?;
    }
    task.priority = patch.priority.unwrap_or(task.priority);
    task.agent = patch.agent.unwrap_or(task.agent);
    task.assignee_id = patch.assignee_id.over(task.assignee_id);
    Ok(())
}

pub(super) fn wishes(before: &Task, after: &Task) -> Vec<Wish> {
    let wish = |field, now, wanted| Wish { field, now, wanted };
    vec![
        wish("title", json!(before.title), json!(after.title)),
        wish("description", json!(before.description), json!(after.description)),
        wish("priority", json!(before.priority), json!(after.priority)),
        wish("repository", json!(before.repository_id), json!(after.repository_id)),
        wish("agent", json!(before.agent), json!(after.agent)),
        wish("script", json!(before.script), json!(after.script)),
        wish("labels", json!(before.labels), json!(after.labels)),
        wish("assignee_id", json!(before.assignee_id), json!(after.assignee_id)),
        wish("blocked_by", json!(before.blocked_by), json!(after.blocked_by)),
    ]
}

fn title(text: &str) -> Result<String, TaskError> {
    let title = text::line(text, TITLE_LIMIT).map_err(|reason| TaskError::invalid("title", reason))?;
    // A title is one line, whoever pasted it.
    Ok(title.split(['\n', '\r']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

fn description(text: &str) -> Result<String, TaskError> {
    text::block(text, DESCRIPTION_LIMIT).map_err(|reason| TaskError::invalid("description", reason))
}

/// A form's text area sends CRLF, which a shell can't read.
fn script(text: &str) -> Result<String, TaskError> {
    text::block(&text.replace("\r\n", "\n"), SCRIPT_LIMIT)
        .map_err(|reason| TaskError::invalid("script", reason))
}

fn labels(list: &[String]) -> Result<Vec<String>, TaskError> {
    if list.len() > LABELS_LIMIT {
        return Err(TaskError::invalid("labels", format!("must be at most {LABELS_LIMIT}")));
    }
    let mut labels: Vec<String> = Vec::with_capacity(list.len());
    for label in list {
        let label = text::line(label, LABEL_LIMIT).map_err(|reason| TaskError::invalid("labels", reason))?;
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    Ok(labels)
}

/// The numbers in a text, separated by commas or spaces, with or without `#`.
pub(super) fn numbers(text: &str) -> Result<Vec<i64>, TaskError> {
    let parts: Vec<&str> =
        text.split([',', ' ', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
    if parts.len() > BLOCKERS_LIMIT {
        return Err(TaskError::invalid("blocked_by", format!("must be at most {BLOCKERS_LIMIT} tasks")));
    }
    let read = |part: &str| {
        let number = part.trim_start_matches('#').parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| TaskError::invalid("blocked_by", "must be numbers of tasks, such as 3, 5"))
    };
    parts.into_iter().map(read).collect()
}

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Created,
    Updated,
    Number,
    Priority,
}

/// The last row of the page before: its sort value and its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) value: i64,
    pub(super) id: TaskId,
}

impl Cursor {
    pub(super) fn encode(self) -> String {
        format!("{}.{}", self.value, self.id.0.simple())
    }

    fn decode(text: &str) -> Option<Self> {
        let (value, id) = text.split_once('.')?;
        Some(Self { value: value.parse().ok()?, id: id.parse().ok()? })
    }
}

/// Whose tasks are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assignee {
    /// Whoever asks.
    Me,
    Nobody,
    Member(UserId),
}

impl std::str::FromStr for Assignee {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "me" => Ok(Self::Me),
            "none" => Ok(Self::Nobody),
            id => id.parse().map(Self::Member).map_err(|_| "must be me, none or a member's id"),
        }
    }
}

/// A filter that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) statuses: Vec<TaskStatus>,
    pub(super) priority: Option<Priority>,
    pub(super) repository: Option<RepositoryId>,
    pub(super) label: Option<String>,
    pub(super) assignee: Option<Assignee>,
    pub(super) agent: Option<Agent>,
    pub(super) words: Option<String>,
    pub(super) sort: Sort,
    pub(super) descending: bool,
    pub(super) limit: i64,
    pub(super) cursor: Option<Cursor>,
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

pub(super) fn query(filter: &TaskFilter) -> Result<Query, TaskError> {
    let statuses = filter.status.as_deref().unwrap_or_default();
    let statuses = statuses.split(',').map(str::trim).filter(|word| !word.is_empty());
    let statuses = statuses.map(str::parse).collect::<Result<_, String>>();
    let sort = filter.sort.as_deref().filter(|sort| !sort.is_empty()).unwrap_or("-created_at");
    let (field, descending) = sort.strip_prefix('-').map_or((sort, false), |field| (field, true));
    let sort = match field {
        "created_at" => Sort::Created,
        "updated_at" => Sort::Updated,
        "number" => Sort::Number,
        "priority" => Sort::Priority,
        _ => {
            return Err(TaskError::invalid(
                "sort",
                "must be one of created_at, updated_at, number, priority",
            ));
        }
    };
    let limit = filter.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(TaskError::invalid("limit", "must be 1 to 200"));
    }
    let cursor = filter.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let cursor = cursor.map(|text| Cursor::decode(text).ok_or(text)).transpose();
    let label = given(filter.label.as_deref()).map(|text| text::line(text, LABEL_LIMIT)).transpose();
    let assignee = given(filter.assignee.as_deref()).map(str::parse).transpose();
    let words = filter.q.as_deref().map(str::trim).filter(|words| !words.is_empty());
    let words = words.map(|words| text::block(words, 200)).transpose();
    Ok(Query {
        statuses: statuses.map_err(|reason| TaskError::invalid("status", reason))?,
        priority: filter.priority,
        repository: None,
        label: label.map_err(|reason| TaskError::invalid("label", reason))?,
        assignee: assignee.map_err(|reason| TaskError::invalid("assignee", reason))?,
        agent: filter.agent,
        words: words.map_err(|reason| TaskError::invalid("q", reason))?,
        sort,
        descending,
        limit: i64::from(limit),
        cursor: cursor.map_err(|_| TaskError::invalid("cursor", "is not one that a list gave"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_machine() {
        use Action::{Cancel, Pause, Resume, Retry, Start};
        use TaskStatus::{Cancelled, Completed, Draft, Failed, Paused, Queued, Running, Waiting};
        let allowed: [(Action, &[TaskStatus]); 5] = [
            (Start, &[Draft]),
            (Pause, &[Running]),
            (Resume, &[Paused]),
            (Cancel, &[Queued, Running, Paused, Waiting]),
            (Retry, &[Completed, Failed, Cancelled]),
        ];
        for (action, fits) in allowed {
            for status in TaskStatus::ALL {
                assert_eq!(allow(*status, action).is_ok(), fits.contains(status), "{action:?} {status}");
            }
        }
    }

    #[test]
    fn every_execution_status_leads_to_a_task_status() {
        for status in ExecutionStatus::ALL {
            assert_eq!(of_execution(*status).is_settled(), status.is_finished(), "{status}");
        }
    }

    #[test]
    fn urgent_comes_first() {
        let mut ranks: Vec<i16> = Priority::ALL.iter().rev().map(|priority| rank(*priority)).collect();
        assert!(ranks.is_sorted());
        ranks.dedup();
        assert_eq!(ranks.len(), Priority::ALL.len());
    }

    #[test]
    fn texts_are_taken_or_refused_by_field() {
        let new = |title: &str, script: &str| NewTask {
            title: title.to_owned(),
            script: Some(script.to_owned()),
            ..NewTask::default()
        };
        assert_eq!(fields(&new(" Fix\r\nit ", "a\r\nb")).unwrap().title, "Fix it");
        assert_eq!(fields(&new("x", "a\r\nb")).unwrap().script, "a\nb");
        for (task, field) in [(new("", ""), "title"), (new("a\0", ""), "title"), (new("x", "a\0"), "script")]
        {
            assert!(matches!(fields(&task), Err(TaskError::Invalid { field: at, .. }) if at == field));
        }
        let many = vec!["x".to_owned(); LABELS_LIMIT + 1];
        assert!(labels(&many).is_err());
        assert_eq!(labels(&["a".to_owned(), " a ".to_owned()]).unwrap(), ["a"]);
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        assert_eq!(numbers(" 3, #5;7 ").unwrap(), [3, 5, 7]);
        assert!(numbers("").unwrap().is_empty());
        for bad in ["x", "0", "-1", "3.5"] {
            assert!(numbers(bad).is_err(), "{bad}");
        }
        assert!(numbers(&"1 ".repeat(BLOCKERS_LIMIT + 1)).is_err());
    }

    #[test]
    fn filters() {
        let filter = |change: fn(&mut TaskFilter)| {
            let mut filter = TaskFilter::default();
            change(&mut filter);
            query(&filter)
        };
        let plain = filter(|_| ()).unwrap();
        assert_eq!((plain.sort, plain.descending, plain.limit), (Sort::Created, true, 50));
        let two = filter(|filter| filter.status = Some("queued, running".to_owned())).unwrap();
        assert_eq!(two.statuses, [TaskStatus::Queued, TaskStatus::Running]);
        assert!(filter(|filter| filter.status = Some("sleeping".to_owned())).is_err());
        assert!(filter(|filter| filter.sort = Some("title".to_owned())).is_err());
        assert!(filter(|filter| filter.limit = Some(0)).is_err());
        assert!(filter(|filter| filter.limit = Some(201)).is_err());
        assert!(filter(|filter| filter.cursor = Some("x".to_owned())).is_err());
        assert!(filter(|filter| filter.q = Some("a\0".to_owned())).is_err());
        let whose =
            |text: &str| query(&TaskFilter { assignee: Some(text.to_owned()), ..TaskFilter::default() });
        assert_eq!(whose("me").unwrap().assignee, Some(Assignee::Me));
        assert_eq!(whose("none").unwrap().assignee, Some(Assignee::Nobody));
        assert_eq!(whose(" ").unwrap().assignee, None);
        assert!(matches!(whose("anna"), Err(TaskError::Invalid { field: "assignee", .. })));
        let cursor = Cursor { value: -3, id: TaskId(uuid::Uuid::nil()) };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
    }
}
