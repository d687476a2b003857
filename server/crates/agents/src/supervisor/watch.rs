//! What an execution uses of the machine, measured beside it.

use crate::cgroup::Cgroup;
use crate::outcome::Cause;
use crate::processes;
use crate::spec::Limits;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const DISK_EVERY: Duration = Duration::from_millis(300);
const MEMORY_EVERY: Duration = Duration::from_millis(100);
/// More entries than this are as good as a full disk, and walking them takes too long.
const MOST_ENTRIES: usize = 1_000_000;
/// What must stay free for everyone else.
const RESERVE: u64 = 256 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    folders: Vec<PathBuf>,
    /// The disk that they are on.
    device: u64,
    /// What the checkout takes by itself.
    baseline: u64,
    walk: Option<JoinHandle<u64>>,
    next_walk: Instant,
    next_memory: Instant,
}

impl Watch {
    pub(crate) fn new(limits: Limits, folders: Vec<PathBuf>) -> Self {
        let baseline = used(&folders, u64::MAX);
        let now = Instant::now();
        let device = folders
            .first()
            .and_then(|folder| fs::metadata(folder).ok())
            .map_or(0, |folder| folder.dev());
        Self {
            device,
            limits,
            folders,
            baseline,
            walk: None,
            next_walk: now,
            next_memory: now,
        }
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
            return Some(Cause::Memory {
                limit_bytes: self.limits.memory_bytes,
            });
        }
        let most = self.baseline.saturating_add(self.limits.disk_bytes);
        (used(&self.folders, most) >= most).then_some(Cause::Disk {
            limit_bytes: self.limits.disk_bytes,
        })
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
        over.then_some(Cause::Memory {
            limit_bytes: self.limits.memory_bytes,
        })
    }

    async fn disk(&mut self, root: i32) -> Option<Cause> {
        let most = self.baseline.saturating_add(self.limits.disk_bytes);
        if let Some(walk) = self.walk.take_if(|walk| walk.is_finished()) {
            self.next_walk = Instant::now() + DISK_EVERY;
            if walk.await.unwrap_or(0) > most {
                return Some(Cause::Disk {
                    limit_bytes: self.limits.disk_bytes,
                });
            }
        }
        if self.walk.is_none() && Instant::now() >= self.next_walk {
            let folders = self.folders.clone();
            let device = self.device;
            self.walk = Some(tokio::task::spawn_blocking(move || {
                let nameless = processes::nameless(&processes::descendants(root), device).disk;
                used(&folders, most).saturating_add(nameless)
            }));
            if self.folders.first().is_some_and(|folder| is_nearly_full(folder)) {
                return Some(Cause::DiskReserve);
            }
        }
        None
    }
}

/// The blocks that these folders take, no further than it takes to pass `enough`. Links are not followed.
fn used(folders: &[PathBuf], enough: u64) -> u64 {
    let mut total: u64 = 0;
    let mut entries = 0;
    let mut queue = folders.to_vec();
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            entries += 1;
            let Ok(metadata) = entry.metadata() else { continue };
            total = total.saturating_add(metadata.blocks().saturating_mul(512));
            if metadata.is_dir() {
                queue.push(entry.path());
            }
            if entries > MOST_ENTRIES {
                return u64::MAX;
            }
        }
        if total > enough {
            break;
        }
    }
    total
}

fn is_nearly_full(folder: &Path) -> bool {
    nix::sys::statvfs::statvfs(folder)
        .is_ok_and(|disk| disk.blocks_available().saturating_mul(disk.fragment_size()) < RESERVE)
}
