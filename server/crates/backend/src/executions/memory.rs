//! Whether this machine has the memory for one more execution.
//!
//! An execution may use as much as its limit, so that much must be free when it begins. What began a moment ago has
//! not used its memory yet, and counts with its whole limit until it has had the time to, or has ended.

use domain::ExecutionId;
use std::time::Duration;
use tokio::time::Instant;

/// After so long an execution's use is seen in what is free.
const SETTLES_AFTER: Duration = Duration::from_secs(10);

/// What the machine has, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) total: u64,
    pub(super) available: u64,
}

/// The memory of this worker's machine, as executions are given it.
#[derive(Debug)]
pub(super) struct Memory {
    /// Left alone, for everything else on the machine.
    reserve: u64,
    /// The most that one execution may use.
    each: u64,
    begun: Vec<(ExecutionId, Instant)>,
}

impl Memory {
    pub(super) fn new(reserve: u64, each: u64) -> Self {
        Self { reserve, each, begun: Vec::new() }
    }

    /// For how many more there is memory now. Where the machine doesn't say, memory limits nothing.
    pub(super) fn room(&mut self) -> usize {
        self.settle(Instant::now());
        let Some(machine) = look() else { return usize::MAX };
        fits(machine, self.reserve, self.each, self.begun.len())
    }

    fn settle(&mut self, now: Instant) {
        self.begun.retain(|(_, begun)| now.duration_since(*begun) < SETTLES_AFTER);
    }

    pub(super) fn note_begun(&mut self, executions: impl Iterator<Item = ExecutionId>) {
        let now = Instant::now();
        self.begun.extend(executions.map(|execution| (execution, now)));
    }

    /// What an execution was given is free again with its end.
    pub(super) fn note_ended(&mut self, execution: ExecutionId) {
        self.begun.retain(|(begun, _)| *begun != execution);
    }
}

/// How many more fit. A machine that could never hold one whole limit takes one where half of it is free: the limit is
/// a ceiling, and a small machine must work too.
fn fits(machine: Machine, reserve: u64, each: u64, fresh: usize) -> usize {
    let is_small = machine.total.saturating_sub(reserve) < each;
    let (each, reserve) = if is_small { (machine.total / 2, 0) } else { (each, reserve) };
    let each = each.max(1);
    let promised = each.saturating_mul(fresh as u64);
    let free = machine.available.saturating_sub(reserve).saturating_sub(promised);
    usize::try_from(free / each).unwrap_or(usize::MAX)
}

fn look() -> Option<Machine> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    read(&text)
}

fn read(text: &str) -> Option<Machine> {
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
    };
    Some(Machine { total: of("MemTotal:")?, available: of("MemAvailable:")? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const GIB: u64 = 1024 * 1024 * 1024;

    #[test]
    fn a_limit_must_fit_in_what_is_available() {
        for (total, available, reserve, fresh, expected) in [
            (16, 10, 1, 0, 4),
            (16, 10, 1, 2, 2),
            (16, 10, 1, 9, 0),
            (16, 2, 1, 0, 0),
            (16, 3, 1, 0, 1),
            (16, 0, 1, 0, 0),
            (4, 3, 0, 0, 1),
            // Too small for one whole limit: one at a time, where half of it is free.
            (2, 1, 1, 0, 1),
            (2, 1, 1, 1, 0),
            (2, 0, 1, 0, 0),
        ] {
            let machine = Machine { total: total * GIB, available: available * GIB };
            let count = fits(machine, reserve * GIB, 2 * GIB, fresh);
            assert_eq!(count, expected, "{total} {available} {reserve} {fresh}");
        }
    }

    #[test]
    fn what_has_ended_or_settled_is_promised_nothing() {
        let mut memory = Memory::new(0, 1);
        let (quick, slow) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        memory.note_begun([quick, slow].into_iter());
        memory.note_ended(quick);
        assert_eq!(memory.begun.iter().map(|(execution, _)| *execution).collect::<Vec<_>>(), [slow]);
        memory.settle(Instant::now() + SETTLES_AFTER);
        assert!(memory.begun.is_empty());
    }

    #[test]
    fn the_kernel_is_understood() {
        let text = "MemTotal:       16000 kB\nMemFree: 1 kB\nMemAvailable:    8000 kB\n";
        assert_eq!(read(text), Some(Machine { total: 16_000 * 1024, available: 8_000 * 1024 }));
        assert_eq!(read("MemTotal: 1 kB\n"), None);
    }
}
