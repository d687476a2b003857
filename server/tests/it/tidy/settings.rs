//! Settings that stand in two places and must say the same.

use toml::{Table, Value};

use super::source::read;
use super::{all_well, refused};

fn section(text: &str) -> Value {
    let table: Table = text.parse().unwrap();
    table["workspace"]["metadata"]["leptos"].clone()
}

fn differences(site: &str, cargo: &str) -> Vec<String> {
    if section(site) == section(cargo) {
        return Vec::new();
    }
    vec![format!(
        "Leptos.toml: [[workspace.metadata.leptos]] differs from the one in Cargo.toml: make them equal\n{:#?}\n{:#?}",
        section(site),
        section(cargo)
    )]
}

fn environment(config: &str, site: &str) -> Vec<String> {
    let config: Table = config.parse().unwrap();
    let site = section(site);
    let pairs = [("LEPTOS_OUTPUT_NAME", "output-name"), ("SERVER_FN_PREFIX", "server-fn-prefix")];
    let unequal =
        pairs.into_iter().filter(|(variable, key)| config["env"].get(*variable) != site[0].get(*key));
    unequal
        .map(|(variable, key)| format!(".cargo/config.toml: {variable} must equal {key} of Leptos.toml"))
        .collect()
}

fn bindgen(cargo: &str) -> Vec<String> {
    let cargo: Table = cargo.parse().unwrap();
    let version = |name: &str| {
        cargo["workspace"]["dependencies"].get(name).and_then(Value::as_str).map(ToOwned::to_owned)
    };
    let (library, tool) = (version("wasm-bindgen"), version("wasm-bindgen-cli-support"));
    let pinned = library.as_ref().is_some_and(|version| version.starts_with('='));
    if pinned && library == tool {
        return Vec::new();
    }
    vec![format!(
        "Cargo.toml: wasm-bindgen ({library:?}) and wasm-bindgen-cli-support ({tool:?}) must be pinned to one version with ="
    )]
}

/// Whoever installs gets the packages from their own registry, checked by hash.
fn hosts(lock: &str) -> Vec<String> {
    let lines = lock
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains("\"resolved\"") && !line.contains("https://registry.npmjs.org/"));
    lines
        .map(|(index, _)| {
            format!(
                "end2end/package-lock.json:{}: names a registry: write it with npm's omit-lockfile-registry-resolved (end2end/.npmrc sets it)",
                index + 1
            )
        })
        .collect()
}

#[test]
fn the_site_options_are_the_same_for_server_and_tools() {
    all_well(&differences(&read("Leptos.toml"), &read("Cargo.toml")));
    let one = "[[workspace.metadata.leptos]]\noutput-name = \"a\"";
    let other = "[[workspace.metadata.leptos]]\noutput-name = \"b\"";
    refused(&differences(one, other), "Leptos.toml");
}

#[test]
fn the_site_options_stand_where_leptos_looks() {
    let starts = read("Leptos.toml").lines().any(|line| line == "[[workspace.metadata.leptos]]");
    assert!(starts, "Leptos.toml: the header must begin a line");
}

#[test]
fn variables_of_the_build_equal_the_site_options() {
    all_well(&environment(&read(".cargo/config.toml"), &read("Leptos.toml")));
    let site = "[[workspace.metadata.leptos]]\noutput-name = \"a\"\nserver-fn-prefix = \"/f\"";
    refused(
        &environment("[env]\nLEPTOS_OUTPUT_NAME = \"b\"\nSERVER_FN_PREFIX = \"/f\"", site),
        "LEPTOS_OUTPUT_NAME",
    );
}

#[test]
fn bindings_are_made_by_the_version_they_are_for() {
    all_well(&bindgen(&read("Cargo.toml")));
    let apart = "[workspace.dependencies]\nwasm-bindgen = \"=0.2.1\"\nwasm-bindgen-cli-support = \"=0.2.2\"";
    refused(&bindgen(apart), "wasm-bindgen");
}

#[test]
fn the_lock_of_npm_names_no_registry() {
    all_well(&hosts(&read("end2end/package-lock.json")));
    refused(&hosts("{\n\"resolved\": \"https://mirror.example/a.tgz\"\n}"), "package-lock.json:2");
}
