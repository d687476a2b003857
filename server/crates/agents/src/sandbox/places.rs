//! Where things stand for the script: at fixed places inside the namespaces, or where they are on the machine.

use super::mounts::ETC;
use super::{HOME, OBJECTS, Plan, RUN, WORK, scratch};
use std::path::{Path, PathBuf};

const SYSTEM: [&str; 7] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc"];

#[derive(Debug)]
pub(super) struct Places {
    pub(super) work: PathBuf,
    pub(super) home: PathBuf,
    pub(super) temporary: PathBuf,
    pub(super) script: PathBuf,
    pub(super) agent: Option<PathBuf>,
    pub(super) prelude: PathBuf,
    pub(super) objects: PathBuf,
    /// What may be read and written beside these.
    also_readable: Vec<PathBuf>,
    also_writable: Vec<PathBuf>,
}

impl Places {
    pub(super) fn of(plan: &Plan<'_>) -> Self {
        if plan.isolation.bubblewrap.is_some() { Self::inside(plan) } else { Self::outside(plan) }
    }

    /// All of /etc and /dev, which are private and nearly empty.
    fn inside(plan: &Plan<'_>) -> Self {
        let run = PathBuf::from(RUN);
        Self {
            work: WORK.into(),
            home: HOME.into(),
            temporary: "/tmp".into(),
            script: run.join("script"),
            agent: plan.agent.map(|_| run.join("agent")),
            prelude: run.join("prelude.sh"),
            objects: OBJECTS.into(),
            also_readable: vec!["/etc".into(), "/dev".into()],
            also_writable: vec!["/dev/shm".into()],
        }
    }

    /// Of /etc and /dev the few things that are named: the rest is the machine's own.
    fn outside(plan: &Plan<'_>) -> Self {
        let names = ["passwd", "group", "hosts", "nsswitch.conf"];
        let etc = ETC.iter().chain(&names).map(|name| PathBuf::from("/etc").join(name));
        Self {
            work: plan.spec.worktree.clone(),
            home: scratch(plan.directory, "home"),
            temporary: scratch(plan.directory, "tmp"),
            script: plan.script.to_path_buf(),
            agent: plan.agent.map(Path::to_path_buf),
            prelude: plan.directory.join("prelude.sh"),
            objects: plan.spec.objects.clone(),
            also_readable: etc.collect(),
            also_writable: Vec::new(),
        }
    }

    pub(super) fn readable(&self, named: &[PathBuf]) -> Vec<PathBuf> {
        let mut all = SYSTEM.map(PathBuf::from).to_vec();
        all.extend(self.also_readable.iter().chain(named).cloned());
        all.extend([self.objects.clone(), self.script.clone(), self.prelude.clone()]);
        all.extend(self.agent.clone());
        all
    }

    pub(super) fn writable(&self) -> Vec<PathBuf> {
        let mut all = vec![self.work.clone(), self.home.clone(), self.temporary.clone()];
        all.extend(self.also_writable.iter().cloned());
        all
    }
}
