//! No server code in the browser's bundle.

use anyhow::bail;

use crate::process;
use crate::workspace::Workspace;

/// Crates that the browser's side must never depend on.
const FORBIDDEN: [&str; 10] =
    ["agents", "axum", "backend", "cluster", "graphile_worker", "jobs", "sqlx", "tenancy", "tokio", "utoipa"];

/// Reads what the browser's side depends on.
pub(crate) fn frontend_tree(workspace: &Workspace) -> anyhow::Result<()> {
    let tree = process::output(&mut workspace.cargo(&[
        "tree",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let found = forbidden(&tree);
    if !found.is_empty() {
        bail!(
            "frontend depends on {}: make it optional in app/Cargo.toml, turned on by the feature ssr alone \
             (`cargo tree -p frontend --target wasm32-unknown-unknown -e normal -i {}` shows the way)",
            found.join(", "),
            found.first().map_or("", |first| first)
        );
    }
    Ok(())
}

fn forbidden(tree: &str) -> Vec<&'static str> {
    let is_there = |name: &&str| tree.lines().any(|line| line.split(' ').next() == Some(*name));
    FORBIDDEN.into_iter().filter(is_there).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_crate_is_found_and_a_likeness_is_not() {
        let tree = "frontend v0.1.0 (/x)\ntokio v1.54.1\nsqlx-core v0.9.0\nleptos v0.8.23\nsqlx v0.9.0 (*)\n";
        assert_eq!(forbidden(tree), ["sqlx", "tokio"]);
        assert!(forbidden("frontend v0.1.0\nserde v1.0.0\n").is_empty());
    }
}
