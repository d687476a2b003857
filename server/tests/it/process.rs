//! The program itself: starts, is told to end, is killed.

mod burst;
mod crash;
mod pages;
mod trust;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

fn program(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("SWITCHBOARD_DATA", data);
    command
}

/// Starts `serve` on ports of its own and waits until it says that it is ready, and where.
#[expect(clippy::zombie_processes, reason = "whoever calls this ends it and waits for it")]
fn serve(data: &Path) -> (Child, String) {
    let mut child = program(data)
        .args(["serve", "--addr", "127.0.0.1:0", "--ops-addr", "127.0.0.1:0"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended: {said}");
        said.push_str(&line);
        if let Some((_, rest)) = line.split_once("http://") {
            let address = rest.split_whitespace().next().unwrap().to_owned();
            // The rest of its log must go somewhere, or it would wait for us.
            std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
            return (child, address);
        }
    }
}

fn health(address: &str) -> String {
    get(address, "/health/ready")
}

/// The whole answer, head and body.
fn get(address: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Cut off, where the server has no room for us.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The whole answer of the API, whose body comes without chunks: an old client asks.
fn get_as(address: &str, key: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        format!("GET /api/v1{target} HTTP/1.0\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Whether the cluster below this folder runs.
fn database_runs(data: &Path) -> bool {
    data.join("postgres/postmaster.pid").exists()
}

#[test]
fn it_starts_on_an_empty_folder_and_ends_in_order_with_its_database() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, address) = serve(data.path());
    assert!(health(&address).starts_with("HTTP/1.1 200"), "{}", health(&address));
    assert!(database_runs(data.path()));
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
    assert!(!database_runs(data.path()));
}

#[test]
fn after_a_kill_the_database_is_adopted() {
    let data = tempfile::tempdir().unwrap();
    let (mut killed, _) = serve(data.path());
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(database_runs(data.path()), "the database outlives a killed server");
    let before = std::fs::read_to_string(data.path().join("postgres/postmaster.pid")).unwrap();
    let (mut child, address) = serve(data.path());
    let after = std::fs::read_to_string(data.path().join("postgres/postmaster.pid")).unwrap();
    assert_eq!(before.lines().next(), after.lines().next());
    assert!(health(&address).starts_with("HTTP/1.1 200"));
    signal(&child, "INT");
    assert!(child.wait().unwrap().success());
    assert!(!database_runs(data.path()));
}

fn refused(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[test]
fn it_refuses_the_open_network_without_https_and_a_taken_address() {
    let data = tempfile::tempdir().unwrap();
    let said = refused(program(data.path()).args(["serve", "--addr", "0.0.0.0:0"]));
    assert!(said.contains("https") && said.contains("reverse proxy"), "{said}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = refused(program(data.path()).args(["serve", "--addr", &address]));
    assert!(said.contains("can't listen on"), "{said}");
    assert!(!data.path().join("postgres").exists(), "nothing was touched");
}

#[test]
fn config_prints_what_is_in_effect_without_secrets() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("switchboard.toml");
    std::fs::write(&file, "slots = 5\n").unwrap();
    let output = program(data.path())
        .env("SWITCHBOARD_CONFIG", &file)
        .env("DATABASE_URL", "postgres://app:hunter2@db/switchboard")
        .arg("config")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(
        printed.contains("slots = \"5\" # file") && printed.contains("database_url = \"***\""),
        "{printed}"
    );
    assert!(!printed.contains("hunter2"));
    std::fs::write(&file, "slot = 5\n").unwrap();
    let said = refused(program(data.path()).env("SWITCHBOARD_CONFIG", &file).arg("config"));
    assert!(said.contains("unknown key \"slot\""), "{said}");
}

/// The process number of the cluster below this folder.
fn database(data: &Path) -> Option<u32> {
    let file = std::fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    // The last line says `ready` once it is.
    let ready = file.lines().nth(7).is_some_and(|line| line.trim() == "ready");
    file.lines().next().filter(|_| ready)?.parse().ok()
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if happened() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain: {what}");
}

#[test]
fn a_database_that_dies_is_started_again_without_anybody() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, address) = serve(data.path());
    let killed = database(data.path()).unwrap();
    assert!(Command::new("kill").args(["-KILL", &killed.to_string()]).status().unwrap().success());
    until("another database", || database(data.path()).is_some_and(|pid| pid != killed));
    until("it is ready again", || health(&address).starts_with("HTTP/1.1 200"));
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
    assert!(!database_runs(data.path()));
}

#[test]
fn out_of_file_descriptors_it_waits_and_recovers() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, address) = serve(data.path());
    let few = Command::new("prlimit").args(["--nofile=128", "--pid", &child.id().to_string()]).status();
    assert!(few.unwrap().success());
    let crowd: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let open = format!("/proc/{}/fd", child.id());
    until("it has no file descriptor left", || std::fs::read_dir(&open).unwrap().count() >= 127);
    drop(crowd);
    until("there is room again", || health(&address).starts_with("HTTP/1.1 200"));
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}
