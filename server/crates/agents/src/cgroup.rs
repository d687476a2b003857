//! The control groups of an execution: version 2 where it is delegated, version 1 controllers where they are what is found.
//!
//! Every power is found by itself, because machines mix: memory and processes may be bounded by version 1 while
//! version 2, without controllers, freezes and kills.

use crate::processes;
use domain::ExecutionId;
use nix::sys::signal::Signal;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Cgroup {
    /// Folders that the execution's processes join.
    folders: Vec<PathBuf>,
    unified: Option<PathBuf>,
    memory: Option<Memory>,
    bounds_processes: bool,
    freezer: Option<PathBuf>,
}

#[derive(Debug)]
enum Memory {
    Unified(PathBuf),
    Version1(PathBuf),
}

/// Whether memory and processes of an execution can be bounded by groups here.
pub(crate) fn available() -> bool {
    make_room();
    let probe =
        Cgroup::create_named(&format!("switchboard-probe-{}", std::process::id()), u64::MAX >> 20, 512);
    let enough = probe.bounds_memory() && probe.bounds_processes;
    probe.remove();
    enough
}

impl Cgroup {
    pub(crate) fn create(execution: ExecutionId, memory_bytes: u64, processes: u64) -> Self {
        Self::create_named(&format!("switchboard-{execution}"), memory_bytes, processes)
    }

    /// What a supervisor that was killed could not remove. It may have been frozen, and what is frozen can't die.
    pub(crate) fn end_left_behind(execution: ExecutionId) {
        let group = Self::left_behind(execution);
        for folder in &group.folders {
            let _ = fs::write(folder.join("freezer.state"), "THAWED");
            let _ = fs::write(folder.join("cgroup.freeze"), "0");
            let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            let members: Vec<i32> = members.lines().filter_map(|pid| pid.parse().ok()).collect();
            processes::signal(&members, Signal::SIGKILL);
        }
        group.remove();
    }

    fn left_behind(execution: ExecutionId) -> Self {
        let name = format!("switchboard-{execution}");
        let parents = [
            unified_parent(),
            version1_parent("memory"),
            version1_parent("pids"),
            version1_parent("freezer"),
        ];
        let folders = parents.into_iter().flatten().map(|parent| parent.join(&name));
        Self { folders: folders.filter(|folder| folder.exists()).collect(), ..Self::default() }
    }

    fn create_named(name: &str, memory_bytes: u64, processes: u64) -> Self {
        let mut group = Self::default();
        if let Some(folder) = unified_parent().and_then(|parent| make(&parent, name)) {
            if set(&folder, "memory.max", memory_bytes).is_ok() {
                // Where these are missing the limit above still holds, less neatly.
                let _ = set(&folder, "memory.swap.max", 0);
                let _ = set(&folder, "memory.oom.group", 1);
                group.memory = Some(Memory::Unified(folder.clone()));
            }
            group.bounds_processes = set(&folder, "pids.max", processes).is_ok();
            group.unified = Some(folder.clone());
            group.folders.push(folder);
        }
        if group.memory.is_none()
            && let Some(folder) = version1_parent("memory").and_then(|parent| make(&parent, name))
        {
            if set(&folder, "memory.limit_in_bytes", memory_bytes).is_ok() {
                let _ = set(&folder, "memory.memsw.limit_in_bytes", memory_bytes);
                group.memory = Some(Memory::Version1(folder.clone()));
            }
            group.folders.push(folder);
        }
        if !group.bounds_processes
            && let Some(folder) = version1_parent("pids").and_then(|parent| make(&parent, name))
        {
            group.bounds_processes = set(&folder, "pids.max", processes).is_ok();
            group.folders.push(folder);
        }
        let freezes = group.unified.as_ref().is_some_and(|folder| folder.join("cgroup.freeze").exists());
        if !freezes && let Some(folder) = version1_parent("freezer").and_then(|parent| make(&parent, name)) {
            group.freezer = Some(folder.clone());
            group.folders.push(folder);
        }
        group
    }

    /// The files that a process writes `0` to, to be in.
    pub(crate) fn entrances(&self) -> Vec<PathBuf> {
        self.folders.iter().map(|folder| folder.join("cgroup.procs")).collect()
    }

    pub(crate) fn bounds_memory(&self) -> bool {
        self.memory.is_some()
    }

    pub(crate) fn bounds_processes(&self) -> bool {
        self.bounds_processes
    }

    /// How often the kernel killed in here for want of memory.
    pub(crate) fn memory_kills(&self) -> u64 {
        let file = match &self.memory {
            Some(Memory::Unified(folder)) => folder.join("memory.events"),
            Some(Memory::Version1(folder)) => folder.join("memory.oom_control"),
            None => return 0,
        };
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok()).unwrap_or(0)
    }

    /// Stops or thaws everything in here; false where no group can.
    pub(crate) fn freeze(&self, frozen: bool) -> bool {
        if let Some(folder) = &self.unified
            && set(folder, "cgroup.freeze", u64::from(frozen)).is_ok()
        {
            return true;
        }
        let word = if frozen { "FROZEN" } else { "THAWED" };
        self.freezer.as_ref().is_some_and(|folder| fs::write(folder.join("freezer.state"), word).is_ok())
    }

    /// Whether everything in here stands still, by the kernel's word.
    pub(crate) fn is_frozen(&self) -> bool {
        if let Some(folder) = &self.unified
            && let Ok(events) = fs::read_to_string(folder.join("cgroup.events"))
            && folder.join("cgroup.freeze").exists()
        {
            return events.lines().any(|line| line == "frozen 1");
        }
        let state =
            self.freezer.as_ref().and_then(|folder| fs::read_to_string(folder.join("freezer.state")).ok());
        state.is_some_and(|state| state.trim() == "FROZEN")
    }

    /// Kills everything in here at once; false where no group can.
    pub(crate) fn kill(&self) -> bool {
        self.unified.as_ref().is_some_and(|folder| set(folder, "cgroup.kill", 1).is_ok())
    }

    /// Removes the emptied groups. The kernel may need a moment after the last process is reaped.
    pub(crate) fn remove(&self) {
        let until = Instant::now() + Duration::from_secs(1);
        for folder in &self.folders {
            while let Err(error) = fs::remove_dir(folder) {
                if error.kind() == io::ErrorKind::NotFound {
                    break;
                }
                if Instant::now() > until {
                    tracing::warn!(%error, folder = %folder.display(), "a control group could not be removed");
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// A group with members can't hand controllers on. Where this process is alone in a delegated group, as a service
/// is, it moves into a leaf, so that executions get leaves beside it.
fn make_room() {
    let Some(own) = own_unified() else { return };
    let alone = fs::read_to_string(own.join("cgroup.procs"))
        .is_ok_and(|members| members.trim() == std::process::id().to_string());
    if alone
        && !is_root(&own)
        && has_controllers(&own.join("cgroup.controllers"))
        && let Some(leaf) = make(&own, "serve")
        && let Err(error) = fs::write(leaf.join("cgroup.procs"), "0")
    {
        tracing::debug!(%error, "the control group is not delegated");
    }
}

/// Where groups of version 2 are made: with controllers if any place has them, else wherever one may be made.
fn unified_parent() -> Option<PathBuf> {
    let own = own_unified()?;
    let above = own.parent().filter(|_| !is_root(&own)).map(Path::to_path_buf);
    let candidates = [Some(own.clone()), above];
    let delegated = candidates.iter().flatten().find(|folder| {
        let control = folder.join("cgroup.subtree_control");
        has_controllers(&folder.join("cgroup.controllers"))
            && (has_controllers(&control) || fs::write(&control, "+memory +pids").is_ok())
    });
    Some(delegated.cloned().unwrap_or(own))
}

fn has_controllers(file: &Path) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    ["memory", "pids"].iter().all(|name| text.split_whitespace().any(|word| word == *name))
}

fn is_root(folder: &Path) -> bool {
    // The root group alone has no `cgroup.type`.
    !folder.join("cgroup.type").exists()
}

fn own_unified() -> Option<PathBuf> {
    let mount = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        .map(PathBuf::from)
        .into_iter()
        .find(|folder| folder.join("cgroup.controllers").exists())?;
    Some(below(&mount, &membership("")?))
}

fn version1_parent(controller: &str) -> Option<PathBuf> {
    let mount = Path::new("/sys/fs/cgroup").join(controller);
    mount.join("cgroup.procs").exists().then_some(())?;
    Some(below(&mount, &membership(controller)?))
}

/// The path of this process in the hierarchy of a controller; "" is version 2.
fn membership(controller: &str) -> Option<String> {
    let text = fs::read_to_string("/proc/self/cgroup").ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let controllers = fields.next()?;
        let path = fields.next()?;
        controllers.split(',').any(|name| name == controller).then(|| path.to_owned())
    })
}

fn below(mount: &Path, path: &str) -> PathBuf {
    let inner = mount.join(path.trim_start_matches('/'));
    // In a container the path may be told from outside and not be visible here.
    if inner.exists() { inner } else { mount.to_path_buf() }
}

fn make(parent: &Path, name: &str) -> Option<PathBuf> {
    let folder = parent.join(name);
    match fs::create_dir(&folder) {
        Ok(()) => Some(folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Some(folder),
        Err(_) => None,
    }
}

fn set(folder: &Path, file: &str, value: u64) -> io::Result<()> {
    fs::write(folder.join(file), value.to_string())
}
