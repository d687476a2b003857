//! Folders: long paths, root, closed parents.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::support::{ask, open};

/// A folder that everyone may pass through, as a home usually is.
fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    folder
}

#[test]
fn a_long_data_path_gets_a_short_socket() {
    let parent = open_folder();
    let above = parent.path().join("a".repeat(90));
    std::fs::create_dir(&above).unwrap();
    let data = above.join("b".repeat(90));
    let cluster = open(&data);
    assert!(cluster.socket_folder().join(".s.PGSQL.5432").as_os_str().len() < 104);
    assert_eq!(ask(&cluster.app_url(), "select 1"), "1");
    let socket_folder = cluster.socket_folder().to_owned();
    assert_eq!(socket_folder.metadata().unwrap().mode() & 0o777, 0o700);
    drop(cluster);
    std::fs::remove_dir_all(socket_folder).unwrap();
}

#[test]
fn a_path_with_spaces_and_letters_of_other_languages_works() {
    let parent = open_folder();
    let cluster = open(&parent.path().join("mit Leerzeichen & ö%20?"));
    assert_eq!(ask(&cluster.app_url(), "select 1"), "1");
}

#[test]
fn as_root_the_server_is_an_unprivileged_process() {
    if !nix::unistd::geteuid().is_root() {
        // Elsewhere every other test here runs as an unprivileged user already.
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let cluster = open(data.path());
    let process = std::fs::metadata(format!("/proc/{}", cluster.process_id())).unwrap();
    assert_ne!(process.uid(), 0);
    assert_eq!(data.path().join("postgres").metadata().unwrap().uid(), process.uid());
    assert_eq!(data.path().join("postgres.owner").metadata().unwrap().uid(), 0);
}

#[test]
fn as_root_below_a_closed_folder_the_cluster_lies_elsewhere_and_goes_with_its_link() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let parent = tempfile::tempdir().unwrap();
    std::fs::set_permissions(parent.path(), Permissions::from_mode(0o700)).unwrap();
    let data = parent.path().join("data");
    let cluster = open(&data);
    ask(&cluster.owner_url(), "create table kept as select 42 as n");
    drop(cluster);
    let link = std::fs::read_link(data.join("postgres")).unwrap();
    assert!(link.starts_with("/var/lib/switchboard"), "{link:?}");
    let again = open(&data);
    assert_eq!(ask(&again.owner_url(), "select n from kept"), "42");
    let socket_folder = again.socket_folder().to_owned();
    drop(again);
    std::fs::remove_dir_all(link.parent().unwrap()).unwrap();
    std::fs::remove_dir_all(socket_folder).unwrap();
}
