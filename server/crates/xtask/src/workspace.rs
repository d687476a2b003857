//! Where things lie: the checkout, the build cache, the profiles.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

mod cache;

use cache::Cargo;

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Quick to build: for work on the sources.
    Dev,
    /// The server as the other tests have built it, with the site as it is shipped: the quickest way to a
    /// browser test in all (optimising the server takes minutes more than the journeys save).
    Test,
    /// What is shipped.
    Release,
}

impl Build {
    /// The name of its folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test => "test",
            Self::Release => "release",
        }
    }

    /// Cargo's name for the server's profile.
    pub(crate) fn server_profile(self) -> &'static str {
        match self {
            Self::Dev | Self::Test => "dev",
            Self::Release => "release",
        }
    }

    /// Cargo's name for the profile of the browser's side.
    pub(crate) fn wasm_profile(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Test | Self::Release => "wasm-release",
        }
    }

    /// Whether the site is made small: no names in the wasm, compressed files beside the plain ones.
    pub(crate) fn is_small(self) -> bool {
        self != Self::Dev
    }
}

/// The checkout and its build cache.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout that cargo runs this xtask for.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here.ancestors().nth(3).context("xtask lies in server/crates/xtask")?.to_path_buf();
        let target = target_folder(|name| std::env::var_os(name).map(PathBuf::from))
            .context("neither CARGO_TARGET_DIR, XDG_CACHE_HOME nor HOME is set")?;
        Ok(Self { root, target })
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Where cargo puts its products.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where cargo puts the products of a profile: its `dev` goes to `debug`.
    pub(crate) fn products(&self, triple: Option<&str>, profile: &str) -> PathBuf {
        let folder = if profile == "dev" { "debug" } else { profile };
        triple.map_or_else(|| self.target.clone(), |triple| self.target.join(triple)).join(folder)
    }

    /// A command of cargo that shares the one build cache, which it keeps while it lives.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Cargo {
        let kept = cache::claim(&self.target, &self.root, &self.members());
        if let Err(error) = &kept {
            super::console::failure(&format!(
                "the build cache may hold another checkout's products: {error:#}"
            ));
        }
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        // Cargo sets these for xtask itself; crates that read them would be built once more.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        Cargo::new(command, kept.ok())
    }

    /// Every crate that is built for the server: all members but the one for the browser.
    pub(crate) fn host_crates(&self) -> anyhow::Result<Vec<String>> {
        let members = self.members();
        anyhow::ensure!(!members.is_empty(), "Cargo.toml names no members");
        Ok(members.into_iter().filter(|name| name != "frontend").collect())
    }

    /// The names of our own crates: each lies in a folder of its name. None where Cargo.toml can't be read:
    /// cargo itself says why.
    fn members(&self) -> Vec<String> {
        let manifest = std::fs::read_to_string(self.path("Cargo.toml")).unwrap_or_default();
        let manifest: toml::Table = manifest.parse().unwrap_or_default();
        let members = manifest.get("workspace").and_then(|table| table.get("members")?.as_array());
        let paths = members.into_iter().flatten().filter_map(toml::Value::as_str);
        paths.filter_map(|path| path.rsplit('/').next()).map(ToOwned::to_owned).collect()
    }
}

/// `CARGO_TARGET_DIR`, else one folder in the user's cache: clones of the repository share what they can.
fn target_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|path| !path.as_os_str().is_empty());
    set("CARGO_TARGET_DIR").or_else(|| {
        let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
        Some(cache.join("switchboard/target"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_cache_is_the_users_unless_told_otherwise() {
        let with = |set: &'static [(&str, &str)]| {
            target_folder(move |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value))
            })
        };
        assert_eq!(with(&[("HOME", "/h")]).unwrap(), Path::new("/h/.cache/switchboard/target"));
        let cache = [("HOME", "/h"), ("XDG_CACHE_HOME", "/c")];
        assert_eq!(with(cache.to_vec().leak()).unwrap(), Path::new("/c/switchboard/target"));
        assert_eq!(with(&[("CARGO_TARGET_DIR", "/t"), ("HOME", "/h")]).unwrap(), Path::new("/t"));
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn the_browsers_crate_is_never_built_with_the_servers() {
        let crates = Workspace::find().unwrap().host_crates().unwrap();
        assert!(crates.contains(&"server".to_owned()));
        assert!(!crates.contains(&"frontend".to_owned()));
    }
}
