//! The operating system account that PostgreSQL runs under: ours, or an unprivileged one when we are root.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Uid, User};

use crate::ClusterError;

/// Who the cluster's processes are.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    uid: u32,
    gid: u32,
    /// We are root and the children must not be.
    drops: bool,
}

impl Account {
    /// As root: the owner of an existing cluster, else `postgres`, else `nobody`. Otherwise ourselves.
    pub(crate) fn choose(cluster: &Path) -> Result<Self, ClusterError> {
        let ours = Uid::effective();
        let owner = std::fs::metadata(cluster).ok().map(|found| found.uid());
        if !ours.is_root() {
            if owner.is_some_and(|owner| owner != ours.as_raw()) {
                let problem = "belongs to another user; start as that user, or choose another data folder";
                return Err(ClusterError::folder(cluster, problem));
            }
            let user = User::from_uid(ours).ok().flatten();
            let name = user.map_or_else(|| ours.to_string(), |user| user.name);
            return Ok(Self { name, uid: ours.as_raw(), gid: nix::unistd::getegid().as_raw(), drops: false });
        }
        let found = owner
            .filter(|owner| *owner != 0)
            .and_then(|owner| User::from_uid(Uid::from_raw(owner)).ok().flatten())
            .or_else(|| User::from_name("postgres").ok().flatten())
            .or_else(|| User::from_name("nobody").ok().flatten());
        match found {
            Some(user) if !user.uid.is_root() => {
                Ok(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), drops: true })
            }
            _ => Err(ClusterError::folder(
                cluster,
                "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as",
            )),
        }
    }

    /// The command will run as this account, with an empty environment but for what it needs.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
        if self.drops {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Hands a folder or file of ours to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<(), ClusterError> {
        if self.drops {
            chown(path, Some(self.uid), Some(self.gid)).map_err(ClusterError::io(path))?;
        }
        Ok(())
    }

    /// Whether this is the account of the given file.
    pub(crate) fn owns(&self, metadata: &Metadata) -> bool {
        metadata.uid() == self.uid
    }

    /// Whether every folder down to and with this one lets the account through.
    pub(crate) fn may_search(&self, path: &Path) -> bool {
        !self.drops || path.ancestors().all(|folder| self.passes(folder))
    }

    fn passes(&self, folder: &Path) -> bool {
        let Ok(metadata) = std::fs::metadata(folder) else {
            return false;
        };
        let bit = if metadata.uid() == self.uid {
            0o100
        } else if metadata.gid() == self.gid {
            0o010
        } else {
            0o001
        };
        metadata.mode() & bit != 0
    }
}
