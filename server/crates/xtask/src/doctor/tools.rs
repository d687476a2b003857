//! The tools that Switchboard is made and run with, and where they are looked for.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::output;
use crate::workspace::Workspace;

/// One tool, as it was found or not.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) optional: bool,
    pub(crate) found: Option<String>,
}

/// What to do without a browser.
pub(crate) const NO_CHROMIUM: &str =
    "there is no Chromium: install the package chromium or google-chrome-stable, or set CHROMIUM to its path";

/// Every tool, looked for now.
pub(crate) fn all(workspace: &Workspace) -> Vec<Tool> {
    let mut tools = Vec::from(to_build_and_run());
    tools.extend(to_test(workspace));
    tools
}

fn to_build_and_run() -> [Tool; 6] {
    [
        tool("C compiler", "links the programs", "install gcc or clang", version("cc", "--version")),
        tool("rustc", "compiles", "https://rustup.rs", version("rustc", "--version")),
        tool("wasm target", "the browser's side", "rustup target add wasm32-unknown-unknown", wasm_target()),
        tool("git", "repositories of tasks", "install git", version("git", "--version")),
        tool(
            "PostgreSQL",
            "keeps everything",
            "install PostgreSQL 15 or newer with its server, or set PG_BIN_DIR",
            postgres().map(|path| path.display().to_string()),
        ),
        tool("bubblewrap", "isolates what agents run", "install bubblewrap", version("bwrap", "--version")),
    ]
}

fn to_test(workspace: &Workspace) -> [Tool; 4] {
    let nextest = tool("nextest", "tests faster", "cargo install cargo-nextest --locked", nextest(workspace));
    [
        tool(
            "Node.js",
            "browser tests",
            "install Node.js 20 or newer with npm",
            version("node", "--version"),
        ),
        tool("Chromium", "browser tests", NO_CHROMIUM, chromium().map(|path| path.display().to_string())),
        tool("npm packages", "browser tests", "./dev e2e installs them", playwright(workspace)),
        Tool { optional: true, ..nextest },
    ]
}

fn tool(name: &'static str, purpose: &'static str, remedy: &'static str, found: Option<String>) -> Tool {
    Tool { name, purpose, remedy, optional: false, found }
}

fn version(program: &str, argument: &str) -> Option<String> {
    let told = output(Command::new(program).arg(argument)).ok()?;
    told.lines().next().map(ToOwned::to_owned)
}

fn wasm_target() -> Option<String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
    let library = Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown/lib");
    library.is_dir().then(|| library.display().to_string())
}

fn nextest(workspace: &Workspace) -> Option<String> {
    let told = output(&mut workspace.cargo(&["nextest", "--version"])).ok()?;
    told.lines().next().map(ToOwned::to_owned)
}

fn playwright(workspace: &Workspace) -> Option<String> {
    let path = workspace.path("end2end/node_modules/.bin/playwright");
    path.exists().then(|| "installed in end2end/node_modules".to_owned())
}

/// The newest PostgreSQL that can be run, by the places that distributions use.
fn postgres() -> Option<PathBuf> {
    let has_server = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    let told = std::env::var_os("PG_BIN_DIR").map(PathBuf::from);
    let configured = || output(Command::new("pg_config").arg("--bindir")).ok().map(PathBuf::from);
    told.filter(has_server).or_else(|| configured().filter(has_server)).or_else(|| {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
        let folders = versions.filter_map(|entry| {
            let number: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        });
        folders.filter(|(_, folder)| has_server(folder)).max().map(|(_, folder)| folder)
    })
}

/// `CHROMIUM`, else the first of the usual names.
pub(crate) fn chromium() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os("CHROMIUM").filter(|told| !told.is_empty()) {
        return Some(PathBuf::from(told)).filter(|path| path.exists());
    }
    ["chromium", "google-chrome", "google-chrome-stable"].iter().find_map(|name| on_path(name))
}

/// A snap is passed over: it can't read the temporary folders that tests work in.
fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())?;
    let is_snap = found.starts_with("/snap")
        || std::fs::canonicalize(&found)
            .is_ok_and(|real| real.starts_with("/snap") || real.ends_with("snap"));
    (!is_snap).then_some(found)
}
