//! What is known of an end, before anyone says what it means.

use domain::executions::CommandEvidence;
use serde::{Deserialize, Serialize};

/// What the supervisor saw of the process. The last record of every spool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    /// Why it was ended, where it did not end by itself.
    pub cause: Option<Cause>,
    pub phase: Phase,
    /// The commands of the script, by the shell's own trace; of a loop the first rounds.
    pub commands: Vec<CommandEvidence>,
    /// How many more there were at least.
    #[serde(default)]
    pub commands_omitted: u64,
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    /// Output beyond the limit, which was not kept.
    pub dropped_bytes: u64,
}

/// Which script was running last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Setup,
    #[default]
    Script,
    /// No script: an agent, on its wire.
    Agent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    Cancelled,
    WallTime {
        seconds: u64,
    },
    Stalled {
        seconds: u64,
    },
    Memory {
        limit_bytes: u64,
    },
    Disk {
        limit_bytes: u64,
    },
    /// The machine itself is nearly out of disk.
    DiskReserve,
    /// No server was there to report to.
    Orphaned {
        seconds: u64,
    },
    /// The machine, or the service, is being shut down.
    Shutdown,
    /// The sandbox could not be made; nothing of the script ran.
    Sandbox {
        reason: String,
    },
}
