//! Who may name what: SQL, pools, the backend, routers, the time of day.

use super::source::{Source, has_word, product};
use super::{all_well, refused};

/// A name, where it may stand, and what to do instead.
struct Rule {
    name: &'static str,
    may: fn(&str) -> bool,
    remedy: &'static str,
}

const RULES: [Rule; 6] = [
    Rule {
        name: "sqlx",
        may: |path| {
            starts(path, &["server/crates/tenancy/", "server/crates/jobs/", "server/crates/testkit/"])
                || (path.starts_with("server/crates/backend/src/") && is_sql(path))
        },
        remedy: "statements stand in a capability's sql.rs",
    },
    Rule {
        name: "PgPool",
        may: |path| {
            starts(path, &["server/crates/tenancy/", "server/crates/jobs/", "server/crates/testkit/"])
        },
        remedy: "a pool reaches every workspace: go through the doors of tenancy",
    },
    Rule {
        name: "backend",
        may: |path| !path.starts_with("app/src/") || is_api(path),
        remedy: "call a server function of app/src/api",
    },
    Rule {
        name: "tenancy",
        may: |path| !path.starts_with("app/src/") || is_api(path),
        remedy: "call a server function of app/src/api",
    },
    Rule {
        name: "axum",
        may: |path| path.starts_with("server/src/") || is_api(path),
        remedy: "routers stand in server/src",
    },
    Rule {
        name: "TenantTx",
        may: |path| {
            !starts(
                path,
                &[
                    "server/crates/agents/",
                    "server/crates/ai/",
                    "server/crates/mcp/",
                    "server/crates/connectors/",
                ],
            )
        },
        remedy: "the crate works without a transaction: hand it values",
    },
];

/// What `domain` must not ask of the machine it runs on.
const NOT_IN_DOMAIN: [&str; 8] =
    ["SystemTime::now", "Instant::now", "Utc::now", "Local::now", "new_v4", "now_v7", "getrandom", "rand"];

fn starts(path: &str, folders: &[&str]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_sql(path: &str) -> bool {
    path.ends_with("/sql.rs") || path.contains("/sql/")
}

fn is_api(path: &str) -> bool {
    path == "app/src/api.rs" || path.starts_with("app/src/api/")
}

/// A name counts where a path begins with it or an item is named by it, not as a part of a longer path of ours.
fn names(line: &str, name: &str) -> bool {
    let as_path = line.contains(&format!("{name}::")) || line.trim_start().starts_with("use ");
    let is_type = name.starts_with(char::is_uppercase);
    has_word(line, name) && (is_type || as_path) && !line.contains(&format!("::{name}::"))
}

fn misnamed(sources: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for rule in &RULES {
        for source in sources.iter().filter(|source| !(rule.may)(&source.path)) {
            let places = source.places(|line| names(line, rule.name));
            problems.extend(
                places.iter().map(|place| format!("{place}: must not name {}: {}", rule.name, rule.remedy)),
            );
        }
    }
    problems
}

fn impure_domain(sources: &[Source]) -> Vec<String> {
    let domain = sources.iter().filter(|source| source.path.starts_with("app/domain/src/"));
    let asks = |line: &str| NOT_IN_DOMAIN.iter().any(|name| has_word(line, name));
    let places = domain.flat_map(|source| source.places(asks));
    places
        .map(|place| {
            format!("{place}: domain knows neither the time of day nor chance: take it as an argument")
        })
        .collect()
}

fn deciding_sql(sources: &[Source]) -> Vec<String> {
    let rules = sources.iter().filter(|source| source.path.ends_with("/rules.rs"));
    let works = |line: &str| has_word(line, "async") || has_word(line, "await");
    let places = rules.flat_map(|source| source.places(works));
    places
        .map(|place| format!("{place}: rules are decisions without waiting: move the call to the facade"))
        .collect()
}

#[test]
fn everyone_names_only_what_they_may() {
    all_well(&misnamed(&product()));
}

#[test]
fn a_name_out_of_place_is_refused() {
    let table = [
        ("server/src/http/tasks.rs", "sqlx::query(x)", "sqlx"),
        ("server/crates/backend/src/tasks.rs", "use sqlx::Row;", "sqlx"),
        ("server/crates/backend/src/tasks/sql.rs", "fn all(pool: &PgPool) {}", "PgPool"),
        ("app/src/features/tasks.rs", "backend::tasks::list()", "backend"),
        ("app/src/live/store.rs", "use tenancy::Caller;", "tenancy"),
        ("server/crates/backend/src/lib.rs", "axum::Router::new()", "axum"),
        ("server/crates/agents/src/lib.rs", "fn run(tx: &mut TenantTx) {}", "TenantTx"),
    ];
    for (path, text, name) in table {
        refused(&misnamed(&[Source::new(path, text)]), &format!("{path}:1: must not name {name}"));
    }
}

#[test]
fn a_likeness_is_let_through() {
    let table = [
        ("app/src/features/tasks.rs", "leptos_axum::extract(); let backend = 1; // backend::tasks"),
        ("app/src/api/tasks.rs", "backend::tasks::list()"),
        ("server/crates/backend/src/tasks/sql.rs", "sqlx::query(x)"),
    ];
    for (path, text) in table {
        all_well(&misnamed(&[Source::new(path, text)]));
    }
}

#[test]
fn domain_is_pure() {
    all_well(&impure_domain(&product()));
    let bad = Source::new("app/domain/src/tasks.rs", "let now = chrono::Utc::now();");
    refused(&impure_domain(&[bad]), "app/domain/src/tasks.rs:1");
}

#[test]
fn rules_decide_without_waiting() {
    all_well(&deciding_sql(&product()));
    let bad = Source::new("server/crates/backend/src/tasks/rules.rs", "pub async fn admit() {}");
    refused(&deciding_sql(&[bad]), "rules.rs:1");
}
