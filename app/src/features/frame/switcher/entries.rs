//! What the switcher offers for some words, in its order. Pure.

use domain::search::{Found, names};
use domain::tasks::TaskStatus;
use leptos_router::params::ParamsMap;

use crate::api::preferences::Theme;
use crate::strings::{Strings, strings};
use crate::ui::icon::Glyph;

/// As many pages and actions as stand before what the server found.
const KNOWN_FIRST: usize = 6;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub glyph: Glyph,
    pub text: String,
    pub kind: Kind,
    pub goal: Goal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Page,
    Task,
    Repository,
    Action,
}

impl Kind {
    pub fn words(self) -> &'static str {
        let words = &strings().switcher;
        match self {
            Self::Page => words.page,
            Self::Task => words.task,
            Self::Repository => words.repository,
            Self::Action => words.action,
        }
    }
}

/// Where a line leads, in the workspace, or what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    Page(&'static str),
    Task(i64, TaskStatus),
    /// The tasks of a repository.
    Repository(String),
    Act(Action),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    NewTask,
    Help,
    Theme(Theme),
}

impl Goal {
    /// The path in the workspace; an action has none.
    pub fn path(&self) -> String {
        match self {
            Self::Page(path) => (*path).to_owned(),
            Self::Task(number, _) => format!("/tasks/{number}"),
            Self::Repository(name) => {
                let query: ParamsMap = [("repository".to_owned(), name.clone())].into_iter().collect();
                format!("/tasks{}", query.to_query_string())
            }
            Self::Act(_) => String::new(),
        }
    }
}

/// Without words: what changed last, then every page and action. With words: the pages and actions that they name, then
/// what the server found.
pub fn entries(words: &str, found: &Found) -> Vec<Entry> {
    let tasks = found.tasks.iter().map(|task| Entry {
        glyph: Glyph::Board,
        text: format!("{} {}", task.number, task.title),
        kind: Kind::Task,
        goal: Goal::Task(task.number, task.status),
    });
    let repositories = found.repositories.iter().map(|repository| Entry {
        glyph: Glyph::Repository,
        text: repository.name.clone(),
        kind: Kind::Repository,
        goal: Goal::Repository(repository.name.clone()),
    });
    let known = known(strings());
    if words.trim().is_empty() {
        return tasks.take(4).chain(known).collect();
    }
    let named = known.into_iter().filter(|entry| names(&entry.text, words)).take(KNOWN_FIRST);
    named.chain(tasks).chain(repositories).collect()
}

/// Every page and every action.
fn known(words: &Strings) -> Vec<Entry> {
    let page = |glyph, text: &str, path| Entry {
        glyph,
        text: text.to_owned(),
        kind: Kind::Page,
        goal: Goal::Page(path),
    };
    let act =
        |glyph, text: String, action| Entry { glyph, text, kind: Kind::Action, goal: Goal::Act(action) };
    let theme = |name: &str, theme| {
        act(Glyph::Settings, format!("{}: {name}", words.settings.theme), Action::Theme(theme))
    };
    vec![
        act(Glyph::Plus, words.tasks.new_task.to_owned(), Action::NewTask),
        page(Glyph::Home, words.shell.home, ""),
        page(Glyph::Board, words.shell.tasks, "/tasks"),
        page(Glyph::Alert, words.shell.needs_me, "/tasks?view=list&status=waiting,paused&sort=-updated_at"),
        page(Glyph::Play, words.shell.running_now, "/tasks?view=list&status=running&sort=-updated_at"),
        page(Glyph::Repository, words.shell.repositories, "/repositories"),
        page(Glyph::Plus, words.repositories.add, "/repositories/new"),
        page(Glyph::Settings, words.shell.settings, "/settings"),
        page(Glyph::Settings, words.work.title, "/settings/tasks"),
        page(Glyph::Copy, words.templates.title, "/settings/templates"),
        page(Glyph::Clock, words.schedules.title, "/settings/schedules"),
        theme(words.settings.theme_light, Theme::Light),
        theme(words.settings.theme_dark, Theme::Dark),
        theme(words.settings.theme_system, Theme::System),
        act(Glyph::Keyboard, words.shell.keyboard.to_owned(), Action::Help),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::search::{FoundRepository, FoundTask};
    use domain::{RepositoryId, TaskId};

    fn found() -> Found {
        let task = |number: i64, title: &str| FoundTask {
            id: TaskId(uuid::Uuid::nil()),
            number,
            title: title.to_owned(),
            status: TaskStatus::Draft,
        };
        let repository =
            FoundRepository { id: RepositoryId(uuid::Uuid::nil()), name: "web & shop".to_owned() };
        Found { tasks: (1..=6).map(|number| task(number, "one")).collect(), repositories: vec![repository] }
    }

    fn paths(words: &str) -> Vec<String> {
        entries(words, &found()).iter().map(|entry| entry.goal.path()).collect()
    }

    #[test]
    fn without_words_the_newest_stand_before_all_pages() {
        let paths = paths(" ");
        assert_eq!(paths[..5], ["/tasks/1", "/tasks/2", "/tasks/3", "/tasks/4", ""]);
        for page in ["/tasks", "/repositories", "/settings/templates"] {
            assert!(paths.iter().any(|path| path == page), "{page}");
        }
    }

    #[test]
    fn with_words_what_they_name_stands_before_what_was_found() {
        assert_eq!(paths("schedu")[..2], ["/settings/schedules", "/tasks/1"]);
        assert_eq!(paths("nothing of ours").len(), 7);
        assert_eq!(paths("x").last().unwrap(), "/tasks?repository=web%20%26%20shop");
        let first = entries("dark", &found()).remove(0);
        assert_eq!(first.goal, Goal::Act(Action::Theme(Theme::Dark)));
    }
}
