//! What is installed, what is missing and how to get it. It installs nothing; `./dev` does.

pub(crate) mod tools;

use crate::console::say;
use crate::workspace::Workspace;

/// Tells about every tool; false when one that is needed is missing.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<bool> {
    let mut complete = true;
    for tool in tools::all(workspace) {
        match &tool.found {
            Some(found) => say(&format!("  ok       {:<14} {found}", tool.name)),
            None if tool.optional => {
                say(&format!("  optional {:<14} {} ({})", tool.name, tool.remedy, tool.purpose))
            }
            None => {
                complete = false;
                say(&format!("  MISSING  {:<14} {} ({})", tool.name, tool.remedy, tool.purpose));
            }
        }
    }
    say(&format!("Build cache: {}", workspace.target().display()));
    if complete {
        say("Everything that is needed is there.");
    }
    Ok(complete)
}
