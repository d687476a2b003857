//! Start, stop, crash.

use std::os::unix::fs::MetadataExt;

use cluster::{Cluster, Health, Settings};
use nix::sys::signal::Signal;

use crate::support::{ask, open, psql, runs, signal, until};

#[test]
fn a_fresh_start_makes_a_private_durable_utf8_cluster_and_close_stops_it() {
    let data = tempfile::tempdir().unwrap();
    let cluster = open(data.path());
    let pid = cluster.process_id();
    let owner = cluster.owner_url();
    assert_eq!(ask(&owner, "select current_database()"), "switchboard");
    for (setting, value) in [
        ("server_encoding", "UTF8"),
        ("lc_collate", "C.UTF-8"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
        ("max_connections", "100"),
        ("data_checksums", "on"),
    ] {
        let query = if setting == "lc_collate" {
            "select datcollate from pg_database where datname = current_database()".to_owned()
        } else {
            format!("show {setting}")
        };
        assert_eq!(ask(&owner, &query), value, "{setting}");
    }
    for name in ["postgres.owner", "postgres.app"] {
        assert_eq!(data.path().join(name).metadata().unwrap().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(cluster.socket_folder().metadata().unwrap().mode() & 0o777, 0o700);
    cluster.close().unwrap();
    assert!(!runs(pid));
}

#[test]
fn the_application_signs_in_without_any_right_of_its_own() {
    let data = tempfile::tempdir().unwrap();
    let cluster = open(data.path());
    let app = cluster.app_url();
    assert_eq!(ask(&app, "select current_user"), "switchboard_app");
    let rights = "select rolsuper or rolinherit or rolcreaterole or rolcreatedb or rolbypassrls \
                  from pg_roles where rolname = current_user";
    assert_eq!(ask(&app, rights), "f");
    assert!(!psql(&app, "create table t ()").status.success());
    // The socket asks everyone for a password, whoever the operating system says they are.
    let (before, after) = (app.find("app:").unwrap() + 4, app.find('@').unwrap());
    let wrong = format!("{}wrong{}", &app[..before], &app[after..]);
    assert!(!psql(&wrong, "select 1").status.success());
    assert!(!psql(&wrong.replace("switchboard_app:wrong", "switchboard_owner"), "select 1").status.success());
}

#[test]
fn what_was_written_is_there_after_a_restart_and_a_lost_app_password_is_made_anew() {
    let data = tempfile::tempdir().unwrap();
    let first = open(data.path());
    ask(&first.owner_url(), "create table kept as select 42 as n");
    let before = first.app_url();
    drop(first);
    std::fs::remove_file(data.path().join("postgres.app")).unwrap();
    let second = open(data.path());
    assert_eq!(ask(&second.owner_url(), "select n from kept"), "42");
    assert_ne!(second.app_url(), before);
    assert_eq!(ask(&second.app_url(), "select 1"), "1");
}

#[test]
fn a_killed_server_is_recovered_with_every_commit() {
    let data = tempfile::tempdir().unwrap();
    let mut cluster = open(data.path());
    let owner = cluster.owner_url();
    ask(&owner, "create table kept as select 42 as n");
    let killed = cluster.process_id();
    signal(killed, Signal::SIGKILL);
    until("the server is dead", || !runs(killed));
    assert!(data.path().join("postgres/postmaster.pid").exists(), "the crash left its pid file");
    assert_eq!(cluster.ensure().unwrap(), Health::Restarted);
    assert_ne!(cluster.process_id(), killed);
    assert_eq!(ask(&owner, "select n from kept"), "42");
    assert_eq!(cluster.ensure().unwrap(), Health::Running);
}

#[test]
fn a_stale_pid_file_that_names_a_living_stranger_does_not_stop_a_start() {
    let data = tempfile::tempdir().unwrap();
    open(data.path()).close().unwrap();
    let cluster = data.path().join("postgres");
    let owner = cluster.metadata().unwrap();
    // The test itself is the stranger that got the number after a reboot.
    let file = cluster.join("postmaster.pid");
    std::fs::write(&file, format!("{}\n{}\n1\n5432\n/x\n\n\nready\n", std::process::id(), cluster.display()))
        .unwrap();
    std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    let again = open(data.path());
    assert_eq!(ask(&again.owner_url(), "select 1"), "1");
}

#[test]
fn an_interrupted_initdb_is_made_anew() {
    let data = tempfile::tempdir().unwrap();
    let half = data.path().join("postgres.new");
    std::fs::create_dir_all(half.join("base/1")).unwrap();
    std::fs::write(half.join("PG_VERSION"), "15\n").unwrap();
    let cluster = open(data.path());
    assert_eq!(ask(&cluster.owner_url(), "select 1"), "1");
    assert!(!half.exists());
}

#[test]
fn a_lost_owner_password_is_one_clear_sentence() {
    let data = tempfile::tempdir().unwrap();
    open(data.path()).close().unwrap();
    std::fs::remove_file(data.path().join("postgres.owner")).unwrap();
    let error = Cluster::open(&Settings::new(data.path())).unwrap_err().to_string();
    assert!(error.contains("postgres.owner") && error.contains("is missing"), "{error}");
}

#[test]
fn a_missing_postgresql_names_what_to_install() {
    let data = tempfile::tempdir().unwrap();
    let settings = Settings { bin_dir: Some(data.path().join("none")), ..Settings::new(data.path()) };
    let error = Cluster::open(&settings).unwrap_err().to_string();
    assert!(error.contains("install") && error.contains("PG_BIN_DIR"), "{error}");
}

#[test]
fn no_debug_output_holds_a_password() {
    let data = tempfile::tempdir().unwrap();
    let cluster = open(data.path());
    let password = std::fs::read_to_string(data.path().join("postgres.app")).unwrap();
    assert!(cluster.app_url().contains(password.trim()));
    assert!(!format!("{cluster:?}").contains(password.trim()));
}
