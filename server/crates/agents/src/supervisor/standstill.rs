//! Pausing: everything inside is stopped, and is said to be only once it is.

use super::Supervision;
use crate::cgroup::Cgroup;
use crate::processes;
use domain::executions::ExecutionStatus;
use nix::sys::signal::Signal;
use std::io;
use std::time::{Duration, Instant};

/// The kernel needs so long for a freeze at most; then each process is stopped by itself, too.
const FREEZE_TIME: Duration = Duration::from_secs(2);
/// Where there is no freezer, stopped processes are looked at again now and then.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Looks in a row before other things get their turn.
const LOOKS: u32 = 10;

/// What is done about standing still.
#[derive(Debug, Default)]
pub(super) struct Standstill {
    /// Since when it is wanted.
    wanted: Option<Instant>,
    /// Processes were stopped one by one, and must be continued so.
    signalled: bool,
    looked: Option<Instant>,
}

impl Standstill {
    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.is_some()
    }

    /// Stops what still moves below `root`. True once nothing does.
    fn press(&mut self, group: &Cgroup, root: i32) -> bool {
        let Some(since) = self.wanted else { return false };
        if group.freeze(true) && (group.is_frozen() || since.elapsed() < FREEZE_TIME) {
            return group.is_frozen();
        }
        self.signalled = true;
        self.looked = Some(Instant::now());
        // Whoever is stopped forks no more: what a second look does not find does not exist.
        let stands = processes::awake(&processes::descendants(root)).is_empty();
        processes::signal(&processes::awake(&processes::descendants(root)), Signal::SIGSTOP);
        stands
    }

    fn is_due(&self) -> bool {
        self.signalled && self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_AGAIN)
    }

    /// Lets everything below `root` move again.
    fn thaw(&mut self, group: &Cgroup, root: i32) {
        group.freeze(false);
        if self.signalled {
            processes::signal(&processes::descendants(root), Signal::SIGCONT);
        }
        // What is wanted holds for a next phase too.
        *self = Self { wanted: self.wanted.map(|_| Instant::now()), ..Self::default() };
    }
}

impl Supervision {
    /// From now on it is to stand still.
    pub(super) fn pause(&mut self) -> io::Result<()> {
        if self.cause.is_none() && self.standstill.wanted.is_none() {
            self.standstill.wanted = Some(Instant::now());
            for _ in 0..LOOKS {
                self.press()?;
                if self.clock.is_paused() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        Ok(())
    }

    /// Goes on stopping what is to be stopped, and says so once it is.
    pub(super) fn press(&mut self) -> io::Result<()> {
        if self.standstill.wanted.is_none() || (self.clock.is_paused() && !self.standstill.is_due()) {
            return Ok(());
        }
        let stands = self.standstill.press(&self.group, own_id());
        if !stands || self.clock.is_paused() {
            return Ok(());
        }
        self.clock.pause(Instant::now());
        self.status(ExecutionStatus::Paused, "paused")
    }

    pub(super) fn resume(&mut self) -> io::Result<()> {
        let stood = self.clock.is_paused();
        if self.standstill.wanted.is_none() {
            return Ok(());
        }
        self.release();
        if stood { self.status(ExecutionStatus::Running, "running again") } else { Ok(()) }
    }

    /// It is not wanted any more that anything stands still.
    pub(super) fn release(&mut self) {
        self.standstill.wanted = None;
        self.thaw();
    }

    /// Lets everything move again, without a word.
    pub(super) fn thaw(&mut self) {
        self.clock.resume(Instant::now());
        self.last_output = Instant::now();
        self.standstill.thaw(&self.group, own_id());
    }
}

/// Everything of the execution is below its supervisor.
pub(super) fn own_id() -> i32 {
    i32::try_from(std::process::id()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn ticks(root: i32) -> u64 {
        processes::descendants(root).into_iter().map(processes::ticks).sum()
    }

    #[test]
    fn without_a_freezer_a_busy_tree_that_forks_is_stopped_and_goes_on() {
        let script = "for n in 1 2 3 4; do (while :; do (:); done) & done; wait";
        let mut shell = Command::new("sh").args(["-c", script]).stdout(Stdio::null()).spawn().unwrap();
        // The tree below a process that is not stopped itself, as a supervisor is not.
        let root = i32::try_from(shell.id()).unwrap();
        let mine = |pids: Vec<i32>| pids.len() >= 4;
        while !mine(processes::descendants(root)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let mut standstill = Standstill { wanted: Some(Instant::now()), ..Standstill::default() };
        let group = Cgroup::default();
        while !standstill.press(&group, root) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let before = ticks(root);
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(ticks(root), before, "not a tick of a processor");
        standstill.thaw(&group, root);
        while ticks(root) <= before {
            std::thread::sleep(Duration::from_millis(5));
        }
        let below = processes::descendants(root);
        processes::signal(&below, Signal::SIGSTOP);
        processes::signal(&processes::descendants(root), Signal::SIGKILL);
        shell.kill().unwrap();
        shell.wait().unwrap();
    }
}
