//! What an execution that has not ended does now, or what it waits for.

use serde::{Deserialize, Serialize};

/// Why an execution does not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Wait {
    /// For a slot. Others of the workspace may begin before it.
    Slot { before: i64 },
    /// For tasks to be completed, by their numbers. Those that failed or were cancelled must be retried, or taken off.
    Tasks { open: Vec<i64>, failed: Vec<i64> },
    /// As many run on its repository as may.
    Repository { running: i64, limit: i64 },
    /// There was a slot, and not the memory.
    Memory,
    /// A more urgent one has its slot; it goes on by itself.
    Preempted,
}

impl std::fmt::Display for Wait {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Slot { before: 0 } => formatter.write_str("next in the queue"),
            Self::Slot { before } => write!(formatter, "{before} before it in the queue"),
            Self::Tasks { open, failed } => {
                formatter.write_str("waits for ")?;
                let named = open.iter().map(|number| number.to_string());
                let failed = failed.iter().map(|number| format!("{number}, which did not succeed"));
                let all: Vec<String> = named.chain(failed).collect();
                let word = if all.len() == 1 { "task" } else { "tasks" };
                write!(formatter, "{word} {}", all.join(" and "))
            }
            Self::Repository { running: 1, .. } => {
                formatter.write_str("repository busy: 1 runs there already")
            }
            Self::Repository { running, .. } => {
                write!(formatter, "repository busy: {running} run there already")
            }
            Self::Memory => formatter.write_str("no free memory"),
            Self::Preempted => formatter.write_str("paused for a more urgent task"),
        }
    }
}

/// What happens now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// What it waits for; `null` while it works.
    pub waits_for: Option<Wait>,
    /// `fetching the repository`, `starting the sandbox`, or the command that runs.
    pub step: String,
    /// The command that runs or ran last: 1, 2, 3 … `null` before the first.
    pub command: Option<u32>,
    /// Since it began.
    pub elapsed_ms: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_few_words() {
        for (wait, words) in [
            (Wait::Slot { before: 0 }, "next in the queue"),
            (Wait::Slot { before: 2 }, "2 before it in the queue"),
            (Wait::Tasks { open: vec![3], failed: vec![] }, "waits for task 3"),
            (
                Wait::Tasks { open: vec![3], failed: vec![4] },
                "waits for tasks 3 and 4, which did not succeed",
            ),
            (Wait::Repository { running: 1, limit: 1 }, "repository busy: 1 runs there already"),
            (Wait::Memory, "no free memory"),
        ] {
            assert_eq!(wait.to_string(), words);
        }
    }
}
