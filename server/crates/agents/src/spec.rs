//! What an execution is to do and within which limits: written once by the server, read by its supervisor.

use domain::repositories::Network;
use domain::tasks::Agent;
use domain::{ExecutionId, TaskId};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExecutionSpec {
    pub execution: ExecutionId,
    pub task: TaskId,
    pub agent: Agent,
    /// The program that is the agent, which speaks [`crate::wire`]; none: the script is run by the shell.
    #[serde(default)]
    pub program: Option<PathBuf>,
    /// What the agent is told of its task beside the script.
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// Runs first, as a phase of its own; blank: there is none.
    pub setup_script: String,
    pub script: String,
    /// The tree that the execution works in, from [`crate::Checkout`].
    pub worktree: PathBuf,
    /// The mirror's objects, which the execution may read and never write.
    pub objects: PathBuf,
    /// The commit that the worktree began from.
    pub base: String,
    pub network: Network,
    /// What it may reach with a network although it is not public. Named by the operator.
    #[serde(default)]
    pub reachable: Vec<IpNet>,
    pub author: Author,
    /// Folders of the machine that it may read too, such as toolchains. Named by the operator.
    #[serde(default)]
    pub readable: Vec<PathBuf>,
    #[serde(default)]
    pub limits: Limits,
}

/// Who commits made inside are by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Author {
    pub name: String,
    pub email: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub memory_bytes: u64,
    pub processes: u64,
    /// What it may write beyond its checkout.
    pub disk_bytes: u64,
    /// Time on the clock; paused time does not count.
    pub wall: Duration,
    /// Output that is kept; what is beyond is dropped, and the run goes on.
    pub output_bytes: u64,
    /// Without output for so long it has stalled.
    pub stall: Option<Duration>,
    /// Between asking to end and ending by force.
    pub grace: Duration,
    /// Without any server for so long it is stopped.
    pub orphan_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1024 * 1024;
        Self {
            memory_bytes: 2048 * MIB,
            processes: 512,
            disk_bytes: 2048 * MIB,
            wall: Duration::from_secs(30 * 60),
            output_bytes: 64 * MIB,
            stall: None,
            grace: Duration::from_secs(5),
            orphan_after: Duration::from_secs(60),
        }
    }
}

/// What a server asks of a running execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    Cancel,
    Pause,
    Resume,
}
