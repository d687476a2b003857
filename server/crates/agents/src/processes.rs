//! The processes under a process, read from /proc. What a sandbox's supervisor counts, signals and ends.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;

/// Every process below `root`, nearest first, without `root` itself. Inside a PID namespace nothing can leave
/// this tree, and without one an orphan falls to the supervisor, which is a subreaper.
pub(crate) fn descendants(root: i32) -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for pid in all() {
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut queue = vec![root];
    while let Some(next) = queue.pop() {
        if let Some(below) = children.remove(&next) {
            found.extend_from_slice(&below);
            queue.extend(below);
        }
    }
    found
}

pub(crate) fn children(of: i32) -> Vec<i32> {
    all().filter(|pid| parent(*pid) == Some(of)).collect()
}

/// What these processes hold of memory, in bytes: shared pages count for each that maps them, so it is an upper bound.
pub(crate) fn resident_bytes(pids: &[i32]) -> u64 {
    let pages: u64 = pids
        .iter()
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/statm")).ok())
        .filter_map(|text| {
            let mut fields = text.split(' ').skip(1);
            let resident: u64 = fields.next()?.parse().ok()?;
            let shared: u64 = fields.next()?.parse().ok()?;
            Some(resident.saturating_sub(shared))
        })
        .sum();
    pages.saturating_mul(page_size())
}

/// What open files without a name hold, which no walk over folders finds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Nameless {
    /// On this device.
    pub(crate) disk: u64,
    /// Anywhere else, which is in memory.
    pub(crate) memory: u64,
}

pub(crate) fn nameless(pids: &[i32], device: u64) -> Nameless {
    let mut seen = HashSet::new();
    let mut sum = Nameless::default();
    for pid in pids {
        for entry in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten() {
            // Through the link to the open file itself.
            let Ok(file) = fs::metadata(entry.path()) else {
                continue;
            };
            if !file.is_file() || file.nlink() > 0 || !seen.insert((file.dev(), file.ino())) {
                continue;
            }
            let held = if file.dev() == device { &mut sum.disk } else { &mut sum.memory };
            *held = held.saturating_add(file.blocks().saturating_mul(512));
        }
    }
    sum
}

/// Signals each; those that are gone already are no failure.
pub(crate) fn signal(pids: &[i32], signal: Signal) {
    for pid in pids {
        match kill(Pid::from_raw(*pid), signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!(pid, %error, "a process could not be signalled"),
        }
    }
}

/// Those of them that could still use a processor: neither stopped nor dead.
pub(crate) fn awake(pids: &[i32]) -> Vec<i32> {
    let stands = |pid: &i32| matches!(state(*pid), None | Some(b'T' | b't' | b'Z' | b'X'));
    pids.iter().copied().filter(|pid| !stands(pid)).collect()
}

fn all() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// The processor time that a process has had, in ticks of the clock.
#[cfg(test)]
pub(crate) fn ticks(pid: i32) -> u64 {
    let fields = stat(pid).unwrap_or_default();
    let times = fields.split_ascii_whitespace().skip(11).take(2);
    times.filter_map(|field| field.parse::<u64>().ok()).sum()
}

fn parent(pid: i32) -> Option<i32> {
    stat(pid)?.split_ascii_whitespace().nth(1)?.parse().ok()
}

fn state(pid: i32) -> Option<u8> {
    stat(pid)?.split_ascii_whitespace().next()?.bytes().next()
}

/// What follows the name, which may hold anything, brackets too: it begins after the last one.
fn stat(pid: i32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.to_owned())
}

fn page_size() -> u64 {
    nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE)
        .ok()
        .flatten()
        .and_then(|size| u64::try_from(size).ok())
        .unwrap_or(4096)
}
