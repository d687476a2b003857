//! The wire between a supervisor and the agent in its sandbox: JSON objects, one a line, on the agent's stdin and
//! stdout; its stderr is a log. Every agent but the shell is brought to these two enums: one of our own speaks them as
//! they stand, one with a protocol of its own is translated where it is started.
//!
//! An agent that asks waits for the answer, and its execution holds no slot meanwhile. What it has running beside goes
//! on. It may ask several things at once; it is told the answers together, once there is one to each.

mod bounds;

use domain::asks::{AskKind, AskState, Decision, Risk};
use domain::executions::Stream;
use domain::{ExecutionId, TaskId};
use serde::{Deserialize, Serialize};

/// The longest line that is read of an agent, in bytes.
pub(crate) const LINE_LIMIT: usize = 256 * 1024;

/// What an agent says. Fields that are not known here are left aside, so that a newer agent can be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromAgent {
    /// To people.
    Text {
        text: String,
    },
    /// It begins to do something. What is under way has ended by then.
    Tool {
        title: String,
    },
    /// What that prints.
    ToolOutput {
        stream: Stream,
        text: String,
    },
    ToolFinished {
        exit_code: i32,
    },
    /// May it do this? `ask` is its own name for the question, and comes back with the answer.
    AskApproval {
        ask: String,
        title: String,
        #[serde(default)]
        detail: String,
        risk: Risk,
        /// It can take `allow_always`.
        #[serde(default)]
        can_remember: bool,
        #[serde(default)]
        timeout_seconds: Option<i64>,
    },
    /// With choices, or in a person's own words, or both.
    AskQuestion {
        ask: String,
        title: String,
        #[serde(default)]
        detail: String,
        #[serde(default)]
        choices: Vec<String>,
        #[serde(default)]
        free_text: bool,
        #[serde(default)]
        timeout_seconds: Option<i64>,
    },
}

/// What an agent is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToAgent {
    /// Its task, as its first line. It stands in the worktree.
    Begin { execution: ExecutionId, task: TaskId, title: String, description: String, script: String },
    /// Without a decision it may not: `state` says why there is none.
    Decided { ask: String, state: AskState, decision: Option<Decision>, note: Option<String> },
    /// Without a text there is no answer: `state` says why.
    Answered { ask: String, state: AskState, text: Option<String> },
    /// What a person says to it in between.
    Message { text: String },
}

/// What is asked, within bounds and without the agent's own name for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub kind: AskKind,
    pub title: String,
    pub detail: String,
    pub risk: Option<Risk>,
    pub can_remember: bool,
    pub choices: Vec<String>,
    pub free_text: bool,
    pub timeout_seconds: i64,
}

/// What a server has for an agent. Numbers are the execution's own; the same again is told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Resolution { number: i64, state: AskState, decision: Option<Decision>, answer: Option<String> },
    Message { number: i64, text: String },
}
