//! Which crate may depend on which, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{read, root};
use super::{all_well, refused};

/// Who may know whom. `testkit` stands in nobody's list: it is for tests alone.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("agents", &["domain", "outbound"]),
    ("app", &["backend", "domain", "tenancy"]),
    ("backend", &["agents", "domain", "jobs", "tenancy", "vault"]),
    ("cluster", &["domain"]),
    ("domain", &[]),
    ("frontend", &["app"]),
    ("jobs", &["domain", "tenancy"]),
    ("outbound", &[]),
    ("server", &["agents", "app", "backend", "cluster", "domain", "jobs", "tenancy", "vault"]),
    ("tenancy", &["domain"]),
    ("testkit", &["agents", "backend", "cluster", "domain", "jobs", "tenancy"]),
    ("trials", &[]),
    ("vault", &["domain"]),
    ("xtask", &[]),
];

/// Crates of others that a crate of ours must never depend on.
const FORBIDDEN: [(&str, &[&str]); 7] = [
    ("agents", &["axum", "leptos", "sqlx"]),
    ("backend", &["axum", "leptos"]),
    ("cluster", &["axum", "leptos"]),
    ("domain", &["axum", "getrandom", "leptos", "rand", "sqlx", "tokio"]),
    ("outbound", &["axum", "leptos", "sqlx"]),
    ("tenancy", &["axum", "leptos"]),
    ("vault", &["axum", "leptos", "sqlx", "tokio"]),
];

/// What `app` may have on the server alone.
const SERVER_ONLY: [&str; 5] = ["backend", "http", "leptos_axum", "tenancy", "tracing"];

struct Manifest {
    name: String,
    path: String,
    table: toml::Table,
}

impl Manifest {
    fn parse(path: &str, text: &str) -> Self {
        let table: toml::Table = text.parse().unwrap();
        let name = table["package"]["name"].as_str().unwrap().to_owned();
        Self { name, path: path.to_owned(), table }
    }

    fn names(&self, section: &str) -> BTreeSet<String> {
        let section = self.table.get(section).and_then(toml::Value::as_table);
        section.map(|table| table.keys().cloned().collect()).unwrap_or_default()
    }
}

fn manifests() -> Vec<Manifest> {
    let workspace: toml::Table = read("Cargo.toml").parse().unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let paths = members.iter().map(|member| format!("{}/Cargo.toml", member.as_str().unwrap()));
    paths.map(|path| Manifest::parse(&path, &read(&path))).collect()
}

fn edges(manifests: &[Manifest]) -> Vec<String> {
    let allowed: BTreeMap<_, _> = ALLOWED.into_iter().collect();
    let ours: BTreeSet<&str> = allowed.keys().copied().collect();
    let mut problems = Vec::new();
    for manifest in manifests {
        let Some(may) = allowed.get(manifest.name.as_str()) else {
            problems.push(format!(
                "{}: the crate is not in the table of crates.rs: add it with what it may know",
                manifest.path
            ));
            continue;
        };
        for name in manifest.names("dependencies") {
            if ours.contains(name.as_str()) && !may.contains(&name.as_str()) {
                problems.push(format!(
                    "{}: {} must not know {name}: move what it needs down, or decide the edge in an ADR and in crates.rs",
                    manifest.path, manifest.name
                ));
            }
        }
    }
    problems
}

fn foreign(manifests: &[Manifest]) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, forbidden) in FORBIDDEN {
        for manifest in manifests.iter().filter(|manifest| manifest.name == name) {
            for dependency in
                manifest.names("dependencies").iter().filter(|found| forbidden.contains(&found.as_str()))
            {
                problems.push(format!("{}: {name} must never know {dependency}", manifest.path));
            }
        }
    }
    problems
}

fn app_features(app: &Manifest) -> Vec<String> {
    let mut problems = Vec::new();
    for name in SERVER_ONLY {
        let Some(dependency) = app.table["dependencies"].get(name) else {
            continue;
        };
        if dependency.get("optional").and_then(toml::Value::as_bool) != Some(true) {
            problems.push(format!("{}: {name} must be optional, or it comes into the browser", app.path));
        }
        for (feature, parts) in app.table["features"].as_table().unwrap() {
            let turns_on =
                parts.as_array().unwrap().iter().any(|part| part.as_str() == Some(&format!("dep:{name}")));
            if turns_on && feature != "ssr" {
                problems.push(format!("{}: the feature {feature} turns {name} on; only ssr may", app.path));
            }
        }
    }
    problems
}

#[test]
fn crates_know_only_whom_they_may() {
    all_well(&edges(&manifests()));
}

#[test]
fn a_forbidden_edge_is_refused() {
    let bad = Manifest::parse(
        "a/Cargo.toml",
        "[package]\nname = \"tenancy\"\n[dependencies]\nbackend.workspace = true",
    );
    refused(&edges(&[bad]), "a/Cargo.toml: tenancy must not know backend");
    let testkit =
        Manifest::parse("b", "[package]\nname = \"server\"\n[dependencies]\ntestkit.workspace = true");
    refused(&edges(&[testkit]), "server must not know testkit");
    let unknown = Manifest::parse("c", "[package]\nname = \"billing\"");
    refused(&edges(&[unknown]), "not in the table");
}

#[test]
fn crates_stay_free_of_what_is_not_theirs() {
    all_well(&foreign(&manifests()));
}

#[test]
fn a_foreign_dependency_is_refused() {
    let bad = Manifest::parse("a", "[package]\nname = \"domain\"\n[dependencies]\ntokio = \"1\"");
    refused(&foreign(&[bad]), "domain must never know tokio");
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    let manifests = manifests();
    all_well(&app_features(manifests.iter().find(|manifest| manifest.name == "app").unwrap()));
}

#[test]
fn a_server_crate_in_the_browser_is_refused() {
    let text = "[package]\nname = \"app\"\n[dependencies]\nbackend = { path = \"b\" }\n[features]\nhydrate = [\"dep:tenancy\"]\nssr = []";
    refused(&app_features(&Manifest::parse("a", text)), "backend must be optional");
    let text = "[package]\nname = \"app\"\n[dependencies]\ntenancy = { path = \"b\", optional = true }\n[features]\nhydrate = [\"dep:tenancy\"]";
    refused(&app_features(&Manifest::parse("a", text)), "hydrate turns tenancy on");
}

#[test]
fn crates_lie_in_folders_of_their_names() {
    for manifest in manifests() {
        let folder = manifest.path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap().to_owned();
        assert_eq!(manifest.name, folder, "{}: name the folder as the crate", manifest.path);
        assert!(root().join(&manifest.path).exists());
    }
}
