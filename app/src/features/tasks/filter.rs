//! Which tasks a page shows, and how: carried by the URL, so that it can be reloaded and shared. Pure.

use domain::UserId;
use domain::repositories::Repository;
use domain::tasks::{Task, TaskFilter};
use domain::views::Filters;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    #[default]
    Board,
    List,
}

/// One filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Words,
    Status,
    Priority,
    Repository,
    Label,
    Assignee,
    Agent,
}

impl Part {
    pub const ALL: [Self; 7] = [
        Self::Words,
        Self::Status,
        Self::Priority,
        Self::Repository,
        Self::Label,
        Self::Assignee,
        Self::Agent,
    ];
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
        let map: ParamsMap = self.pairs().collect();
        map.to_query_string()
    }

    /// What the URL holds, by name.
    fn pairs(&self) -> impl Iterator<Item = (String, String)> + use<> {
        let filter = self.filter.clone();
        let pairs = [
            ("view", (self.view == View::List).then(|| "list".to_owned())),
            ("q", filter.q),
            ("status", filter.status),
            ("priority", filter.priority.map(|priority| priority.to_string())),
            ("repository", filter.repository),
            ("label", filter.label),
            ("assignee", filter.assignee),
            ("agent", filter.agent.map(|agent| agent.to_string())),
            ("sort", filter.sort),
            ("cursor", filter.cursor),
        ];
        pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)))
    }

    /// The filters as a saved view keeps them, by their names in the URL.
    pub fn filters(&self) -> Filters {
        self.clone().begin().pairs().collect()
    }

    pub fn from_filters(filters: &Filters) -> Self {
        Self::from_query(&filters.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// The same from its first page.
    pub fn begin(mut self) -> Self {
        self.filter.cursor = None;
        self
    }

    /// The value of one filter.
    pub fn value(&self, part: Part) -> Option<String> {
        let filter = &self.filter;
        match part {
            Part::Words => filter.q.clone(),
            Part::Status => filter.status.clone(),
            Part::Priority => filter.priority.map(|priority| priority.to_string()),
            Part::Repository => filter.repository.clone(),
            Part::Label => filter.label.clone(),
            Part::Assignee => filter.assignee.clone(),
            Part::Agent => filter.agent.map(|agent| agent.to_string()),
        }
    }

    /// The same without one filter, from its first page.
    pub fn without(self, part: Part) -> Self {
        let mut shown = self.begin();
        let filter = &mut shown.filter;
        match part {
            Part::Words => filter.q = None,
            Part::Status => filter.status = None,
            Part::Priority => filter.priority = None,
            Part::Repository => filter.repository = None,
            Part::Label => filter.label = None,
            Part::Assignee => filter.assignee = None,
            Part::Agent => filter.agent = None,
        }
        shown
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        Part::ALL.into_iter().any(|part| self.value(part).is_some())
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
