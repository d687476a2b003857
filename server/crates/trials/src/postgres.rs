//! The processes of the managed PostgreSQL, found and struck from outside.

use std::fs;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The postmaster, first, and its children. Empty where none runs.
pub(crate) fn processes(data: &Path) -> Vec<i32> {
    let Some(postmaster) = postmaster(data) else { return Vec::new() };
    let mut found = vec![postmaster];
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    found.extend(numbers.filter(|process| parent(*process) == Some(postmaster)));
    found
}

/// The process that all others of the cluster come from.
pub(crate) fn postmaster(data: &Path) -> Option<i32> {
    let file = fs::read_to_string(data.join("postgres/postmaster.pid")).ok()?;
    let process = file.lines().next()?.trim().parse().ok()?;
    Path::new(&format!("/proc/{process}")).exists().then_some(process)
}

/// Those that serve a connection.
pub(crate) fn backends(data: &Path) -> Vec<i32> {
    let serves = |process: &i32| {
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.starts_with("postgres:") && line.contains("[local]")
    };
    processes(data).into_iter().filter(serves).collect()
}

/// Sends each the signal; who is gone meanwhile has what was wanted.
pub(crate) fn signal(processes: &[i32], signal: Signal) {
    for process in processes {
        let _ = kill(Pid::from_raw(*process), signal);
    }
}

fn parent(process: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in parentheses and may hold anything; what follows is numbers.
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}
