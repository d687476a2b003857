//! Which capability of `backend` may call which, always by its facade.

use std::collections::BTreeSet;

use super::source::{Source, product};
use super::{all_well, refused};

const BACKEND: &str = "server/crates/backend/src/";

/// Modules that every capability may use: they know none of them.
const SHARED: [&str; 5] = ["audit", "error", "idempotency", "patch", "tools"];

/// Who may call whom. An edge is added by decision, not by need of the moment.
const EDGES: [(&str, &str); 32] = [
    // Whoever may not read the trail is refused as anywhere.
    ("audit", "error"),
    // A board is of tasks, and says what they came to.
    ("board", "executions"),
    ("board", "tasks"),
    // A change to many tasks is a change to each.
    ("bulk", "tasks"),
    // Whoever does something with a task says so.
    ("comments", "activity"),
    ("executions", "activity"),
    ("publish", "activity"),
    ("tasks", "activity"),
    // A comment is about a task, and about what a run of it changed.
    ("comments", "executions"),
    ("comments", "tasks"),
    // A run is of a task, in a repository.
    ("executions", "repositories"),
    // Whether a running one may be paused for a more urgent one is the workspace's choice.
    ("executions", "settings"),
    ("executions", "tasks"),
    // A result is an execution's, of a task, in a repository, published as the workspace has it.
    ("publish", "executions"),
    ("publish", "repositories"),
    ("publish", "settings"),
    ("publish", "tasks"),
    // Comments of one run are sent as one: to its agent, or into a task.
    ("reviews", "comments"),
    ("reviews", "executions"),
    ("reviews", "tasks"),
    // A schedule makes a task from a template.
    ("schedules", "tasks"),
    ("schedules", "templates"),
    // Words find tasks and repositories.
    ("search", "repositories"),
    ("search", "tasks"),
    // Starting a task queues its execution.
    ("tasks", "executions"),
    // A task names the repository it works on.
    ("tasks", "repositories"),
    // A template is checked as the tasks that are made from it, and names the repository that they work on.
    ("templates", "repositories"),
    ("templates", "tasks"),
    // Links and sessions that have ended are swept.
    ("upkeep", "auth"),
    // An invitation may make an account and open a session; a workspace goes when nothing runs in it, with its mirrors.
    ("workspaces", "auth"),
    ("workspaces", "executions"),
    ("workspaces", "repositories"),
];

/// The parts of a capability that nobody else may see.
const PRIVATE: [&str; 3] = ["sql", "rules", "jobs"];

fn capability(path: &str) -> Option<&str> {
    let inside = path.strip_prefix(BACKEND)?;
    let name = inside.split('/').next()?.trim_end_matches(".rs");
    (name != "lib").then_some(name)
}

/// The paths that begin with `crate::`, with groups in braces taken apart one level deep.
fn crate_paths(line: &str) -> Vec<(String, Option<String>)> {
    let mut paths = Vec::new();
    for (start, _) in line.match_indices("crate::") {
        let rest = &line[start + "crate::".len()..];
        let parts: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.trim_end_matches(['}', ';', ' ']).split(',').collect(),
            None => vec![rest],
        };
        for part in parts {
            let ends = |letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':');
            let path = part.trim().split(ends).next().unwrap_or_default();
            let mut names = path.split("::").map(ToOwned::to_owned);
            if let Some(first) = names.next().filter(|name| !name.is_empty()) {
                paths.push((first, names.next()));
            }
        }
    }
    paths
}

fn crossings(sources: &[Source]) -> Vec<String> {
    let all: BTreeSet<&str> = sources.iter().filter_map(|source| capability(&source.path)).collect();
    let mut problems = Vec::new();
    for source in sources {
        let Some(from) = capability(&source.path) else {
            continue;
        };
        for (number, line) in source.lines() {
            for (to, part) in
                crate_paths(line).into_iter().filter(|(to, _)| to != from && all.contains(to.as_str()))
            {
                let place = format!("{}:{number}", source.path);
                if part.as_deref().is_some_and(|part| PRIVATE.contains(&part)) {
                    problems.push(format!("{place}: {from} must call {to}'s facade, never a part of it"));
                }
                let shared = SHARED.contains(&to.as_str()) && !SHARED.contains(&from);
                if !shared && !EDGES.contains(&(from, to.as_str())) {
                    problems.push(format!(
                        "{place}: {from} must not call {to}: decide the edge in capabilities.rs"
                    ));
                }
            }
        }
    }
    problems
}

#[test]
fn capabilities_call_only_the_facades_they_may() {
    all_well(&crossings(&product()));
}

#[test]
fn a_crossing_is_refused() {
    let path = |name: &str| format!("{BACKEND}{name}.rs");
    let tasks = Source::new(&path("tasks"), "");
    let repositories = Source::new(&path("repositories"), "use crate::tasks;");
    refused(&crossings(&[tasks.clone(), repositories]), "repositories must not call tasks");
    let executions = Source::new(&path("executions/runner"), "crate::tasks::sql::row()");
    refused(&crossings(&[tasks.clone(), executions]), "never a part of it");
    let grouped = Source::new(&path("auth"), "use crate::{error, tasks::get};");
    refused(&crossings(&[tasks, grouped]), "auth must not call tasks");
}
