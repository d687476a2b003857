//! Finds PostgreSQL's programs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::ClusterError;

/// The oldest version that the schema's SQL is written for.
const AT_LEAST: u32 = 15;

/// A folder that holds `initdb`, `postgres` and `psql` of a version that will do.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    folder: PathBuf,
    psql: PathBuf,
    /// Beside the programs when they come as a bundle of their own.
    libraries: Option<PathBuf>,
}

impl Binaries {
    /// The operator's folder alone if one is named; else what `pg_config` names, then the usual places, newest
    /// first. An existing cluster needs the version that made it.
    pub(crate) fn find(named: Option<&Path>, made_by: Option<&str>) -> Result<Self, ClusterError> {
        let folders = named.map_or_else(usual_folders, |named| vec![named.to_owned()]);
        let found: Vec<(u32, Self)> = folders.iter().filter_map(|folder| Self::inspect(folder)).collect();
        let chosen = match made_by {
            Some(version) => found.into_iter().find(|(major, _)| major.to_string() == version),
            None => found.into_iter().find(|(major, _)| *major >= AT_LEAST),
        };
        match (chosen, made_by) {
            (Some((_, binaries)), _) => Ok(binaries),
            (None, Some(version)) if named.is_none() => Err(ClusterError::OtherVersion {
                cluster: PathBuf::from("the data folder"),
                made_by: version.to_owned(),
            }),
            (None, _) => Err(ClusterError::NotInstalled {
                at_least: AT_LEAST,
                looked_in: named.map_or_else(|| "the usual places".to_owned(), |at| at.display().to_string()),
                advice: advice(&std::fs::read_to_string("/etc/os-release").unwrap_or_default()).to_owned(),
            }),
        }
    }

    pub(crate) fn command(&self, program: Program) -> Command {
        match program {
            Program::Initdb => Command::new(self.folder.join("initdb")),
            Program::Postgres => Command::new(self.folder.join("postgres")),
            Program::Psql => Command::new(&self.psql),
        }
    }

    /// Set after `env_clear`.
    pub(crate) fn add_libraries(&self, command: &mut Command) {
        if let Some(libraries) = &self.libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
    }

    fn inspect(folder: &Path) -> Option<(u32, Self)> {
        let postgres = folder.join("postgres");
        if !postgres.is_file() || !folder.join("initdb").is_file() {
            return None;
        }
        let psql =
            [folder.join("psql"), PathBuf::from("/usr/bin/psql"), PathBuf::from("/usr/local/bin/psql")]
                .into_iter()
                .find(|psql| psql.is_file())?;
        let beside = folder.parent().map(|parent| parent.join("lib"));
        let libraries = beside.filter(|lib| lib.join("libpq.so.5").exists());
        let mut command = Command::new(&postgres);
        if let Some(libraries) = &libraries {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        let output = command.arg("--version").output().ok()?;
        let major = major(&String::from_utf8_lossy(&output.stdout))?;
        Some((major, Self { folder: folder.to_owned(), psql, libraries }))
    }
}

/// The programs that are used.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Program {
    Initdb,
    Postgres,
    Psql,
}

/// `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)` and `postgres (PostgreSQL) 18beta1` are 15 and 18.
fn major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = pg_config().into_iter().collect();
    for (parent, inner) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/lib64/postgresql", "bin"),
        ("/usr/libexec", ""),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/usr", "bin"),
    ] {
        folders.extend(newest_first(Path::new(parent)).into_iter().map(|folder| folder.join(inner)));
    }
    for place in ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"] {
        folders.push(PathBuf::from(place));
    }
    folders
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !folder.trim().is_empty()).then(|| PathBuf::from(folder.trim()))
}

/// Folders named by a version (`17`, `postgresql17`, `postgresql@17`, `pgsql-17`), the highest first.
fn newest_first(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let bare = ["postgresql@", "postgresql", "pgsql-"]
                .iter()
                .find_map(|prefix| name.strip_prefix(prefix))
                .unwrap_or(&name);
            Some((bare.parse().ok()?, entry.path()))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, path)| path).collect()
}

/// How to install PostgreSQL on the system that this `/etc/os-release` describes.
fn advice(os_release: &str) -> &'static str {
    let is = |name: &str| {
        os_release
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
            .any(|ids| ids.trim_matches('"').split(' ').any(|id| id == name))
    };
    if is("debian") || is("ubuntu") {
        "apt-get install postgresql"
    } else if is("fedora") || is("rhel") {
        "dnf install postgresql-server"
    } else if is("alpine") {
        "apk add postgresql"
    } else if is("arch") {
        "pacman -S postgresql"
    } else if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else {
        "the package postgresql of your system"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_print_them() {
        assert_eq!(major("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("no such thing"), None);
    }

    #[test]
    fn the_newest_folder_comes_first() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["9", "17", "postgresql@16", "other"] {
            std::fs::create_dir(parent.path().join(name)).unwrap();
        }
        let names: Vec<_> =
            newest_first(parent.path()).iter().map(|p| p.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["17", "postgresql@16", "9"]);
    }

    #[test]
    fn advice_names_the_command_of_the_system() {
        assert_eq!(advice("ID=debian\nVERSION_ID=\"12\""), "apt-get install postgresql");
        assert_eq!(advice("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\""), "dnf install postgresql-server");
    }
}
