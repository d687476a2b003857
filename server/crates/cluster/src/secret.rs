//! The passwords of the two login roles: random, one file each, readable by this program's user alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::ClusterError;
use crate::place::Place;

/// Both passwords. No `Debug`, so that they reach no log.
pub(crate) struct Passwords {
    owner: String,
    app: String,
}

impl Passwords {
    /// Reads them; makes those that are missing. The owner's can't be made anew for an existing cluster, because
    /// nobody could sign in to set it.
    pub(crate) fn load_or_make(place: &Place) -> Result<Self, ClusterError> {
        let owner_file = place.owner_password_file();
        if place.made_by().is_some() && !owner_file.exists() {
            let problem = format!(
                "is missing: it holds the owner's password of the cluster in {}; restore it from a backup",
                place.cluster().display()
            );
            return Err(ClusterError::folder(&owner_file, problem));
        }
        Ok(Self { owner: load_or_make(&owner_file)?, app: load_or_make(&place.app_password_file())? })
    }

    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    pub(crate) fn app(&self) -> &str {
        &self.app
    }
}

/// 128 random bits as hexadecimal digits.
pub(crate) fn random_name() -> Result<String, ClusterError> {
    hexadecimal(16)
}

fn load_or_make(path: &Path) -> Result<String, ClusterError> {
    match File::open(path) {
        Ok(file) => {
            let mut text = String::new();
            file.take(1024).read_to_string(&mut text).map_err(ClusterError::io(path))?;
            let password = text.trim().to_owned();
            // Only what we write ourselves goes on into SQL and URLs.
            if password.len() < 32 || !password.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ClusterError::folder(path, "does not hold a password that this program wrote"));
            }
            Ok(password)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
        Err(error) => Err(ClusterError::io(path)(error)),
    }
}

/// Written beside and renamed, so that no half-written password is ever read.
fn make(path: &Path) -> Result<String, ClusterError> {
    let password = hexadecimal(32)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".unfinished");
    let write = || -> io::Result<()> {
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        writeln!(file, "{password}")?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    };
    write().map_err(ClusterError::io(path))?;
    Ok(password)
}

fn hexadecimal(bytes: usize) -> Result<String, ClusterError> {
    let mut random = vec![0_u8; bytes];
    getrandom::fill(&mut random).map_err(|error| ClusterError::Program {
        program: "the system's random source",
        detail: error.to_string(),
    })?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
