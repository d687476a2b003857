//! A bundle: the server's binary with `hash.txt` and `site/` beside it, the form in which it is shipped.
//!
//! Each is made in a new folder and takes the place of the one before in one step, so that a failed build
//! never leaves pages without their script. Clones that share a build cache don't share bundles.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;

use crate::console::step;
use crate::workspace::{Build, Workspace};
use crate::{process, site};

/// The name of the server's binary.
pub(crate) const BINARY: &str = "switchboard";

/// A built server with its site.
#[derive(Debug)]
pub(crate) struct Bundle {
    folder: PathBuf,
}

impl Bundle {
    /// Where it lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes it. Only space is lost where this fails; the next build sweeps.
    pub(crate) fn discard(self) {
        drop(fs::remove_dir_all(self.folder));
    }

    /// The server's binary.
    pub(crate) fn binary(&self) -> PathBuf {
        self.folder.join(BINARY)
    }

    /// The site's built files.
    pub(crate) fn pkg(&self, workspace: &Workspace) -> anyhow::Result<PathBuf> {
        Ok(self.folder.join("site").join(site::options::SiteOptions::read(workspace)?.pkg))
    }
}

/// Builds server and site and puts them in the place of the bundle before.
pub(crate) fn build(workspace: &Workspace, build: Build) -> anyhow::Result<Bundle> {
    let new = build_aside(workspace, build)?;
    let folder = home(workspace).join(build.name());
    let old = home(workspace).join(unique("old"));
    match fs::rename(&folder, &old) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    }
    fs::rename(new.folder(), &folder).with_context(|| folder.display().to_string())?;
    // Only space is lost where this fails; the next build sweeps.
    drop(fs::remove_dir_all(old));
    Ok(Bundle { folder })
}

/// Builds server and site into a folder of their own and leaves the bundle before where it is.
pub(crate) fn build_aside(workspace: &Workspace, build: Build) -> anyhow::Result<Bundle> {
    step("compile the server", || compile_server(workspace, build))?;
    sweep(&home(workspace));
    let folder = home(workspace).join(unique("new"));
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let made = site::build(workspace, build, &folder).and_then(|()| put_binary(workspace, build, &folder));
    if made.is_err() {
        drop(fs::remove_dir_all(&folder));
    }
    made.map(|()| Bundle { folder })
}

/// Puts the freshly compiled server into a bundle, beside the site that is there.
pub(crate) fn renew_binary(workspace: &Workspace, build: Build, bundle: &Bundle) -> anyhow::Result<()> {
    step("compile the server", || compile_server(workspace, build))?;
    put_binary(workspace, build, bundle.folder())
}

fn compile_server(workspace: &Workspace, build: Build) -> anyhow::Result<()> {
    let profile = build.server_profile();
    process::run(&mut workspace.cargo(&[
        "build",
        "--package",
        "server",
        "--bin",
        BINARY,
        "--profile",
        profile,
    ]))
}

/// A link where the file system can: a debug binary is large. Cargo writes a new file on the next build.
fn put_binary(workspace: &Workspace, build: Build, folder: &Path) -> anyhow::Result<()> {
    let built = workspace.products(None, build.server_profile()).join(BINARY);
    let placed = folder.join(BINARY);
    drop(fs::remove_file(&placed));
    fs::hard_link(&built, &placed)
        .or_else(|_| fs::copy(&built, &placed).map(|_| ()))
        .with_context(|| format!("{} to {}", built.display(), placed.display()))
}

fn home(workspace: &Workspace) -> PathBuf {
    let root = workspace.path("");
    let name = site::hash::of(root.as_os_str().as_encoded_bytes());
    workspace.target().join("bundles").join(name)
}

fn unique(kind: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    format!("{kind}-{}-{now}", std::process::id())
}

/// Removes what an xtask that was killed has left.
fn sweep(home: &Path) {
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        if owner(&entry.file_name().to_string_lossy())
            .is_some_and(|pid| !Path::new("/proc").join(pid).exists())
        {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// The process that a folder made by `unique` belongs to.
fn owner(name: &str) -> Option<&str> {
    let mut parts = name.split('-');
    let known = matches!(parts.next(), Some("old" | "new"));
    parts.next().filter(|pid| known && pid.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_dead_have_left_is_swept() {
        let home = tempfile::tempdir().unwrap();
        let mine = unique("new");
        for name in ["new-999999999-1", "old-999999999-1", mine.as_str(), "dev", "release"] {
            fs::create_dir(home.path().join(name)).unwrap();
        }
        sweep(home.path());
        let left = |name: &str| home.path().join(name).exists();
        assert!(left(&mine) && left("dev") && left("release"));
        assert!(!left("new-999999999-1") && !left("old-999999999-1"));
    }
}
