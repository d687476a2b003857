//! Where everything of the cluster lies, with owners and modes.
//!
//! ```text
//! <data>/postgres        the cluster, of the account that runs it; or a link to it (see `home`)
//! <data>/postgres.new    one that `initdb` has not finished: thrown away at the next start
//! <data>/postgres.owner  <data>/postgres.app     the passwords, 0600
//! <data>/postgres.log    what the server wrote
//! <data>/postgres.turn   <data>/postgres.holders the locks
//! <data>/run             the Unix socket, 0700
//! ```

use std::fs::{DirBuilder, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::account::Account;
use crate::{ClusterError, secret};

/// `sun_path` holds 104 bytes on some systems and 108 on others; `/.s.PGSQL.5432` takes 15.
const LONGEST_SOCKET_FOLDER: usize = 88;

/// The folders and files of one cluster, made ready.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    data: PathBuf,
    home: PathBuf,
    run: PathBuf,
    pub(crate) account: Account,
}

impl Place {
    pub(crate) fn prepare(data: &Path) -> Result<Self, ClusterError> {
        DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(ClusterError::io(data))?;
        let data = data.canonicalize().map_err(ClusterError::io(data))?;
        let account = Account::choose(&data.join("postgres"))?;

        open_to(&data, &account)?;
        let home = home(&data, &account)?;
        let run = run_folder(&data, &account)?;
        Ok(Self { data, home, run, account })
    }

    /// The folder that PostgreSQL calls its data directory.
    pub(crate) fn cluster(&self) -> PathBuf {
        self.home.join("postgres")
    }

    pub(crate) fn unfinished(&self) -> PathBuf {
        self.home.join("postgres.new")
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn socket_folder(&self) -> &Path {
        &self.run
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.data.join("postgres.log")
    }

    pub(crate) fn turn_file(&self) -> PathBuf {
        self.data.join("postgres.turn")
    }

    pub(crate) fn holder_file(&self) -> PathBuf {
        self.data.join("postgres.holders")
    }

    pub(crate) fn owner_password_file(&self) -> PathBuf {
        self.data.join("postgres.owner")
    }

    pub(crate) fn app_password_file(&self) -> PathBuf {
        self.data.join("postgres.app")
    }

    /// The major version that made the cluster; none where there is no cluster yet.
    pub(crate) fn made_by(&self) -> Option<String> {
        let version = std::fs::read_to_string(self.cluster().join("PG_VERSION")).ok()?;
        Some(version.trim().to_owned())
    }

    /// A folder below `parent` that only the account may enter.
    pub(crate) fn private_folder(&self, path: &Path) -> Result<(), ClusterError> {
        private_folder(path, &self.account)
    }
}

/// The data folder itself is ours, so we may let the account pass through it; nothing in it is readable by it.
fn open_to(data: &Path, account: &Account) -> Result<(), ClusterError> {
    let parent_open = data.parent().is_none_or(|parent| account.may_search(parent));
    if parent_open && !account.may_search(data) {
        let mode = std::fs::metadata(data).map_err(ClusterError::io(data))?.mode() & 0o7777;
        let opened = Permissions::from_mode(mode | 0o011);
        std::fs::set_permissions(data, opened).map_err(ClusterError::io(data))?;
    }
    Ok(())
}

/// Where the cluster's folder is. Usually the data folder. Below a folder that the account may not search (root's
/// own home is one), it is a new folder in `/var/lib/switchboard`, and the data folder holds a link to it, so that
/// removing the data folder still means beginning anew.
fn home(data: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let link = data.join("postgres");
    if let Ok(target) = std::fs::read_link(&link) {
        let home = target.parent().unwrap_or(&target).to_owned();
        DirBuilder::new().recursive(true).mode(0o711).create(&home).map_err(ClusterError::io(&home))?;
        return Ok(home);
    }
    if account.may_search(data) {
        return Ok(data.to_owned());
    }
    let home = Path::new("/var/lib/switchboard").join(secret::random_name()?);
    DirBuilder::new().recursive(true).mode(0o711).create(&home).map_err(|source| {
        let problem = format!(
            "the user `{}`, which PostgreSQL runs as, may not search a folder above it, and {} can't be made \
             ({source}); choose another data folder with SWITCHBOARD_DATA",
            account.name,
            home.display()
        );
        ClusterError::folder(data, problem)
    })?;
    symlink(home.join("postgres"), &link).map_err(ClusterError::io(&link))?;
    tracing::info!(cluster = %home.display(), "the data folder is closed to PostgreSQL's user: its cluster is elsewhere");
    Ok(home)
}

/// The socket's folder: `run` in the data folder, or a hashed one in the system's when that path is too long or
/// closed to the account.
fn run_folder(data: &Path, account: &Account) -> Result<PathBuf, ClusterError> {
    let near = data.join("run");
    let folder = if near.as_os_str().len() <= LONGEST_SOCKET_FOLDER && account.may_search(data) {
        near
    } else {
        let mut hasher = DefaultHasher::new();
        (data, nix::unistd::geteuid().as_raw()).hash(&mut hasher);
        let system =
            if nix::unistd::geteuid().is_root() && Path::new("/run").is_dir() { "/run" } else { "/tmp" };
        Path::new(system).join(format!("switchboard-{:016x}", hasher.finish()))
    };
    private_folder(&folder, account)?;
    Ok(folder)
}

fn private_folder(path: &Path, account: &Account) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => return account.own(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ClusterError::io(path)(error)),
    }
    // Not ours to trust before it is looked at: another user may have made it first in a shared folder.
    let found = std::fs::symlink_metadata(path).map_err(ClusterError::io(path))?;
    if !found.is_dir() || found.mode() & 0o077 != 0 {
        return Err(ClusterError::folder(
            path,
            "is not a private folder (mode 0700); remove it and start again",
        ));
    }
    if found.uid() == nix::unistd::geteuid().as_raw() {
        // Made by us, and interrupted before it was handed over.
        return account.own(path);
    }
    if !account.owns(&found) {
        return Err(ClusterError::folder(path, "belongs to another user; remove it and start again"));
    }
    Ok(())
}
