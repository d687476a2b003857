//! Which tasks a page shows, and how: carried by the URL, so that it can be reloaded and shared. Pure.

use domain::UserId;
use domain::repositories::Repository;
use domain::tasks::{Task, TaskFilter};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    #[default]
    Board,
    List,
}

/// What the URL asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub view: View,
    pub filter: TaskFilter,
}

impl Shown {
    pub fn from_query(query: &ParamsMap) -> Self {
        let text =
            |key: &str| query.get(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            view: if text("view").as_deref() == Some("list") { View::List } else { View::Board },
            filter: TaskFilter {
                status: text("status"),
                // A priority that is none would be refused; an address that is old should still show something.
                priority: text("priority").and_then(|text| text.parse().ok()),
                repository: text("repository"),
                label: text("label"),
                assignee: text("assignee"),
                agent: text("agent").and_then(|text| text.parse().ok()),
                q: text("q"),
                sort: text("sort"),
                limit: None,
                cursor: text("cursor"),
            },
        }
    }

    /// The query that asks for this, with its question mark; empty for the plain board.
    pub fn query(&self) -> String {
        let filter = &self.filter;
        let parts = [
            ("view", (self.view == View::List).then(|| "list".to_owned())),
            ("q", filter.q.clone()),
            ("status", filter.status.clone()),
            ("priority", filter.priority.map(|priority| priority.to_string())),
            ("repository", filter.repository.clone()),
            ("label", filter.label.clone()),
            ("assignee", filter.assignee.clone()),
            ("agent", filter.agent.map(|agent| agent.to_string())),
            ("sort", filter.sort.clone()),
            ("cursor", filter.cursor.clone()),
        ];
        let mut map = ParamsMap::new();
        for (key, value) in parts {
            if let Some(value) = value {
                map.insert(key, value);
            }
        }
        map.to_query_string()
    }

    /// The same from its first page.
    pub fn begin(mut self) -> Self {
        self.filter.cursor = None;
        self
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        let filter = &self.filter;
        filter.q.is_some()
            || filter.status.is_some()
            || filter.priority.is_some()
            || filter.repository.is_some()
            || filter.label.is_some()
            || filter.assignee.is_some()
            || filter.agent.is_some()
    }

    /// Whether a task that the feed brings belongs here, by the rules that the server lists by. Its words are not
    /// asked about: see [`says`].
    pub fn holds(&self, task: &Task, repository: Option<&Repository>, me: Option<UserId>) -> bool {
        let filter = &self.filter;
        let status = filter
            .status
            .as_deref()
            .is_none_or(|wanted| wanted.split(',').any(|word| word.trim() == task.status.as_str()));
        let priority = filter.priority.is_none_or(|wanted| wanted == task.priority);
        let place = filter.repository.as_deref().is_none_or(|wanted| {
            task.repository_id.is_some_and(|id| id.to_string() == wanted)
                || repository.is_some_and(|repository| repository.name == wanted)
        });
        let label = filter.label.as_ref().is_none_or(|wanted| task.labels.contains(wanted));
        let assignee = match filter.assignee.as_deref() {
            None => true,
            Some("me") => task.assignee_id.is_some() && task.assignee_id == me,
            Some("none") => task.assignee_id.is_none(),
            Some(id) => task.assignee_id.is_some_and(|assignee| assignee.to_string() == id),
        };
        let agent = filter.agent.is_none_or(|wanted| wanted == task.agent);
        status && priority && place && label && assignee && agent
    }
}

/// Every word stands in title or description, or the words are the task's number.
pub fn says(task: &Task, words: &str) -> bool {
    let words = words.to_lowercase();
    if words.trim_start_matches('#').parse::<i64>().is_ok_and(|number| number == task.number) {
        return true;
    }
    let text = format!("{}\n{}", task.title, task.description).to_lowercase();
    words.split_whitespace().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::tasks::{Agent, Priority, TaskStatus};
    use domain::{DateTime, RepositoryId, TaskId};

    fn task() -> Task {
        Task {
            id: TaskId(uuid::Uuid::from_u128(1)),
            number: 36,
            title: "Fix the Login redirect".to_owned(),
            description: "after a password reset".to_owned(),
            priority: Priority::High,
            status: TaskStatus::Running,
            repository_id: Some(RepositoryId(uuid::Uuid::from_u128(7))),
            agent: Agent::Shell,
            script: String::new(),
            truncated: false,
            labels: vec!["web".to_owned()],
            assignee_id: Some(UserId(uuid::Uuid::from_u128(5))),
            blocked_by: Vec::new(),
            created_by: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            started_at: None,
            completed_at: None,
            version: 1,
        }
    }

    #[test]
    fn a_task_belongs_where_every_part_of_the_filter_holds() {
        let id = uuid::Uuid::from_u128(7).to_string();
        let me = uuid::Uuid::from_u128(5).to_string();
        let cases: Vec<(Vec<(&str, &str)>, bool)> = vec![
            (vec![], true),
            (vec![("status", "queued,running")], true),
            (vec![("status", "queued")], false),
            (vec![("priority", "high")], true),
            (vec![("priority", "low")], false),
            (vec![("priority", "nonsense")], true),
            (vec![("repository", &id)], true),
            (vec![("repository", "web")], false),
            (vec![("label", "web")], true),
            (vec![("label", "we")], false),
            (vec![("assignee", "me")], true),
            (vec![("assignee", "none")], false),
            (vec![("assignee", &me)], true),
            (vec![("agent", "shell")], true),
            (vec![("q", "login fix")], true),
            (vec![("q", "password")], true),
            (vec![("q", "36")], true),
            (vec![("q", "#36")], true),
            (vec![("q", "logout")], false),
            (vec![("q", "login"), ("status", "failed")], false),
        ];
        for (pairs, expected) in cases {
            let query = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            let shown = Shown::from_query(&query);
            let me = Some(UserId(uuid::Uuid::from_u128(5)));
            let said = shown.filter.q.as_deref().is_none_or(|words| says(&task(), words));
            assert_eq!(said && shown.holds(&task(), None, me), expected, "{pairs:?}");
        }
    }

    #[test]
    fn what_a_url_asks_for_reads_back_as_itself() {
        let pairs = [("view", "list"), ("q", "a b&c"), ("status", "queued,running"), ("sort", "-priority")];
        let query: ParamsMap =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let shown = Shown::from_query(&query);
        assert_eq!(shown.view, View::List);
        assert_eq!(shown.filter.q.as_deref(), Some("a b&c"));
        assert!(shown.query().contains("view=list"), "{}", shown.query());
        assert_eq!(Shown::default().query(), "");
    }
}
