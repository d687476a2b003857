//! What an execution uses of the machine, measured beside it.

use crate::cgroup::Cgroup;
use crate::outcome::Cause;
use crate::processes;
use crate::spec::Limits;
use crate::tree;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const DISK_EVERY: Duration = Duration::from_millis(300);
const MEMORY_EVERY: Duration = Duration::from_millis(100);
/// More entries than this are as good as a full disk, and walking them takes too long.
const MOST_ENTRIES: u64 = 1_000_000;
const EVERYTHING: Used = Used { bytes: u64::MAX, entries: u64::MAX };
/// What must stay free for everyone else.
const RESERVE: u64 = 256 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    folders: Vec<PathBuf>,
    /// The disk that they are on.
    device: u64,
    /// What the checkout takes by itself.
    baseline: Used,
    walk: Option<JoinHandle<Used>>,
    next_walk: Instant,
    next_memory: Instant,
}

/// What folders take of a disk.
#[derive(Debug, Clone, Copy)]
struct Used {
    bytes: u64,
    entries: u64,
}

impl Used {
    fn is_over(self, most: Self) -> bool {
        self.bytes > most.bytes || self.entries > most.entries
    }
}

impl Watch {
    pub(crate) fn new(limits: Limits, folders: Vec<PathBuf>) -> Self {
        let baseline = used(&folders, EVERYTHING);
        let now = Instant::now();
        let device =
            folders.first().and_then(|folder| fs::metadata(folder).ok()).map_or(0, |folder| folder.dev());
        Self { device, limits, folders, baseline, walk: None, next_walk: now, next_memory: now }
    }

    /// Which limit is met, if one is.
    pub(crate) async fn check(&mut self, group: &Cgroup, root: i32) -> Option<Cause> {
        match self.memory(group, root) {
            Some(cause) => Some(cause),
            None => self.disk(root).await,
        }
    }

    /// The last look, once everything has ended: a limit may have been met between two looks.
    pub(crate) fn check_ended(&self, group: &Cgroup) -> Option<Cause> {
        if group.memory_kills() > 0 {
            return Some(Cause::Memory { limit_bytes: self.limits.memory_bytes });
        }
        let most = self.most();
        (used(&self.folders, most).bytes >= most.bytes)
            .then_some(Cause::Disk { limit_bytes: self.limits.disk_bytes })
    }

    fn memory(&mut self, group: &Cgroup, root: i32) -> Option<Cause> {
        let now = Instant::now();
        if now < self.next_memory {
            return None;
        }
        self.next_memory = now + MEMORY_EVERY;
        let over = if group.bounds_memory() {
            group.memory_kills() > 0
        } else {
            let inside = processes::descendants(root);
            let nameless = processes::nameless(&inside, self.device).memory;
            processes::resident_bytes(&inside).saturating_add(nameless) > self.limits.memory_bytes
        };
        over.then_some(Cause::Memory { limit_bytes: self.limits.memory_bytes })
    }

    fn most(&self) -> Used {
        Used {
            bytes: self.baseline.bytes.saturating_add(self.limits.disk_bytes),
            entries: self.baseline.entries.saturating_add(MOST_ENTRIES),
        }
    }

    async fn disk(&mut self, root: i32) -> Option<Cause> {
        let most = self.most();
        if let Some(walk) = self.walk.take_if(|walk| walk.is_finished()) {
            self.next_walk = Instant::now() + DISK_EVERY;
            if walk.await.is_ok_and(|used| used.is_over(most)) {
                return Some(Cause::Disk { limit_bytes: self.limits.disk_bytes });
            }
        }
        if self.walk.is_none() && Instant::now() >= self.next_walk {
            let folders = self.folders.clone();
            let device = self.device;
            self.walk = Some(tokio::task::spawn_blocking(move || {
                let nameless = processes::nameless(&processes::descendants(root), device).disk;
                let named = used(&folders, most);
                Used { bytes: named.bytes.saturating_add(nameless), ..named }
            }));
            if self.folders.first().is_some_and(|folder| is_nearly_full(folder)) {
                return Some(Cause::DiskReserve);
            }
        }
        None
    }
}

/// The blocks that these folders take and how many entries they have, no further than it takes to pass `most`.
fn used(folders: &[PathBuf], most: Used) -> Used {
    let mut sum = Used { bytes: 0, entries: 0 };
    for folder in folders {
        let walked = tree::walk(folder, 0o500, |_, metadata| {
            sum.entries += 1;
            sum.bytes = sum.bytes.saturating_add(metadata.blocks().saturating_mul(512));
            if sum.is_over(most) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match walked {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return sum,
            // Folders so deep that they can't be opened are made to hide in.
            Err(error) if error.raw_os_error() == Some(libc::ENAMETOOLONG) => return EVERYTHING,
            Err(error) => tracing::warn!(%error, "a folder could not be measured"),
        }
    }
    sum
}

fn is_nearly_full(folder: &Path) -> bool {
    nix::sys::statvfs::statvfs(folder)
        .is_ok_and(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()) < RESERVE)
}
