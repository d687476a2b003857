//! What the tests share: a client, signals, patience.

use std::path::Path;
use std::process::{Command, Output};

use cluster::{Cluster, Settings};

/// Opens the cluster of this data folder.
pub(crate) fn open(data: &Path) -> Cluster {
    Cluster::open(&Settings::new(data)).unwrap()
}

/// Runs one statement over a connection URL, as any client would.
pub(crate) fn psql(url: &str, statement: &str) -> Output {
    Command::new("psql")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .args(["--no-psqlrc", "--no-password", "--tuples-only", "--no-align", "--dbname", url])
        .args(["--command", statement])
        .output()
        .unwrap()
}

/// The answer to one statement, which must succeed.
pub(crate) fn ask(url: &str, statement: &str) -> String {
    let output = psql(url, statement);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Whether a process of this number runs (a zombie does not).
pub(crate) fn runs(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// A signal to a process that the test started.
pub(crate) fn signal(pid: u32, name: nix::sys::signal::Signal) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.try_into().unwrap()), name).unwrap();
}

/// Waits for something that happens by itself, for half a minute at most.
pub(crate) fn until(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if happened() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("waited in vain: {what}");
}
