//! Programs that share one cluster: the last one out stops it, a killed one leaves it to be adopted.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

use crate::support::{ask, open, runs, signal};

const DATA: &str = "CLUSTER_TEST_DATA";

/// Not a test by itself: another program that opens the cluster and holds it until its input ends.
#[test]
#[ignore = "started by the other tests as a program of its own"]
fn another_program() {
    #[expect(clippy::disallowed_methods, reason = "the test that starts this program tells it the folder so")]
    let data = std::env::var(DATA).unwrap();
    let cluster = open(Path::new(&data));
    println!("\npid={}", cluster.process_id());
    let _ = std::io::stdin().lines().next();
    drop(cluster);
}

/// Starts it, and waits until it holds the cluster. With the server's pid.
fn start(data: &Path) -> (Child, u32) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "held::another_program", "--ignored", "--nocapture"])
        .env(DATA, data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.as_mut().unwrap());
    let pid = output.lines().map(Result::unwrap).find_map(|line| line.strip_prefix("pid=")?.parse().ok());
    let Some(pid) = pid else {
        panic!("the other program ended: {:?}", child.wait());
    };
    (child, pid)
}

#[test]
fn two_holders_share_one_server_and_the_last_one_out_stops_it() {
    let data = tempfile::tempdir().unwrap();
    let (mut other, server) = start(data.path());
    let ours = open(data.path());
    assert_eq!(ours.process_id(), server);
    drop(other.stdin.take());
    assert!(other.wait().unwrap().success());
    assert_eq!(ask(&ours.owner_url(), "select 1"), "1", "it runs on while somebody holds it");
    ours.close().unwrap();
    assert!(!runs(server));
}

#[test]
fn within_one_program_too() {
    let data = tempfile::tempdir().unwrap();
    let first = open(data.path());
    let second = open(data.path());
    let server = first.process_id();
    assert_eq!(second.process_id(), server);
    first.close().unwrap();
    assert!(runs(server));
    second.close().unwrap();
    assert!(!runs(server));
}

#[test]
fn a_server_whose_program_was_killed_is_adopted_and_stopped_in_the_end() {
    let data = tempfile::tempdir().unwrap();
    let (mut other, server) = start(data.path());
    signal(other.id(), Signal::SIGKILL);
    other.wait().unwrap();
    assert!(runs(server), "the server outlives a killed program");
    let ours = open(data.path());
    assert_eq!(ours.process_id(), server);
    assert_eq!(ask(&ours.app_url(), "select 1"), "1");
    ours.close().unwrap();
    assert!(!runs(server));
}

#[test]
fn programs_that_start_at_once_get_the_same_server() {
    let data = tempfile::tempdir().unwrap();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| open(data.path()))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let server = opened[0].process_id();
    assert!(opened.iter().all(|cluster| cluster.process_id() == server));
    drop(opened);
    assert!(!runs(server));
}
