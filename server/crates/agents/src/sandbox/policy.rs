//! What the two inner stages of the sandbox are told, as JSON arguments. Nothing in it is secret.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Outside the namespaces: join the groups, tie the life to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) entrances: Vec<PathBuf>,
    /// The supervisor, as whose child it must find itself.
    pub(crate) parent: u32,
}

/// Inside: what the shell may.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Restriction {
    /// Become this user and group, where the sandbox was made as root.
    pub(crate) user: Option<u32>,
    /// Landlock was found at start: without it nothing starts.
    pub(crate) landlock: bool,
    pub(crate) network: bool,
    pub(crate) processes: Option<u64>,
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) file_bytes: u64,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) readable: Vec<PathBuf>,
    pub(crate) writable: Vec<PathBuf>,
    pub(crate) directory: PathBuf,
    /// The open file that the shell's trace goes to.
    pub(crate) trace: i32,
    /// The open file on which the supervisor says up to where it has read the trace.
    pub(crate) acknowledged: i32,
    /// The open socket by which the way to the network is handed out, where there is one.
    #[serde(default)]
    pub(crate) hand: Option<i32>,
    /// The program that is the agent, in place of the shell.
    #[serde(default)]
    pub(crate) agent: Option<PathBuf>,
    pub(crate) script: PathBuf,
    /// What bash reads first: it makes bash tell its top-level commands.
    pub(crate) prelude: PathBuf,
}
