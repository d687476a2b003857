//! Makes the cluster: `initdb` into a folder beside, renamed when it is whole.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::binaries::{Binaries, Program};
use crate::place::Place;
use crate::secret::Passwords;
use crate::{ClusterError, OWNER};

/// Does nothing where there is a cluster. A half-made one of an interrupted start is thrown away.
pub(crate) fn cluster(place: &Place, binaries: &Binaries, passwords: &Passwords) -> Result<(), ClusterError> {
    let unfinished = place.unfinished();
    remove(&unfinished)?;
    if place.made_by().is_some() {
        return Ok(());
    }
    refuse_foreign_files(&place.cluster())?;
    place.private_folder(&unfinished)?;
    let password_file = place.socket_folder().join("initdb.password");
    let made = hand_over_password(place, &password_file, passwords.owner())
        .and_then(|()| run_initdb(place, binaries, &password_file));
    std::fs::remove_file(&password_file).map_err(ClusterError::io(&password_file))?;
    made?;
    let cluster = place.cluster();
    std::fs::rename(&unfinished, &cluster).map_err(ClusterError::io(&cluster))?;
    let home = place.home();
    File::open(home).and_then(|home| home.sync_all()).map_err(ClusterError::io(home))
}

fn run_initdb(place: &Place, binaries: &Binaries, password_file: &Path) -> Result<(), ClusterError> {
    let mut command = binaries.command(Program::Initdb);
    place.account.apply(&mut command);
    binaries.add_libraries(&mut command);
    command
        .arg("--pgdata")
        .arg(place.unfinished())
        .arg("--pwfile")
        .arg(password_file)
        .args(["--username", OWNER, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
        .arg("--data-checksums");
    let output =
        command.output().map_err(|error| ClusterError::program("initdb", error.to_string().as_bytes()))?;
    if !output.status.success() {
        return Err(ClusterError::program("initdb", &output.stderr));
    }
    Ok(())
}

/// `initdb` runs as another account and can't read our own files; the file lies in its private folder and lives as
/// long as `initdb` runs.
fn hand_over_password(place: &Place, path: &Path, password: &str) -> Result<(), ClusterError> {
    remove(path)?;
    let mut file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::io(path))?;
    writeln!(file, "{password}").map_err(ClusterError::io(path))?;
    place.account.own(path)
}

/// A folder that holds anything but a cluster is not ours to remove.
fn refuse_foreign_files(cluster: &Path) -> Result<(), ClusterError> {
    let Ok(mut entries) = std::fs::read_dir(cluster) else {
        return Ok(());
    };
    if entries.next().is_some() {
        let problem =
            "holds files but is not a PostgreSQL cluster; move it away, or choose another data folder";
        return Err(ClusterError::folder(cluster, problem));
    }
    std::fs::remove_dir(cluster).map_err(ClusterError::io(cluster))
}

fn remove(path: &Path) -> Result<(), ClusterError> {
    let Ok(found) = std::fs::symlink_metadata(path) else {
        return Ok(());
    };
    let removed = if found.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    removed.map_err(ClusterError::io(path))
}
