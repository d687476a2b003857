//! Executions: one run of a task by one agent, its events, its outcome and its diff.

use crate::asks::{AskState, Decision, Risk};
pub use crate::progress::{Progress, Wait};
use crate::publish::Publication;
use crate::tasks::{Agent, words};
use crate::{AskId, DateTime, ExecutionId, TaskId, UserId};
use serde::{Deserialize, Serialize};

words! {
    ExecutionStatus {
        Queued = "queued",
        Starting = "starting",
        Running = "running",
        Paused = "paused",
        Waiting = "waiting",
        Succeeded = "succeeded",
        Failed = "failed",
        Cancelled = "cancelled",
    }
}

impl ExecutionStatus {
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

words! {
    /// How an execution ended, derived from evidence and never from what the agent claims.
    OutcomeClass {
        Succeeded = "succeeded",
        /// It ran no command, printed nothing and changed nothing.
        Empty = "empty",
        Failed = "failed",
        TimedOut = "timed_out",
        OutOfMemory = "out_of_memory",
        Killed = "killed",
        Stalled = "stalled",
        Cancelled = "cancelled",
        Budget = "budget",
        RateLimited = "rate_limited",
        Auth = "auth",
        /// Its supervisor is gone and did not say how it ended.
        Lost = "lost",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outcome {
    pub class: OutcomeClass,
    /// One sentence.
    pub reason: String,
    /// Whether running it again may end differently.
    pub retryable: bool,
    pub summary: String,
}

/// A command that ran, by the shell's own trace. A script can forge its trace; exit code, diff and output it can't.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CommandEvidence {
    pub command: String,
    /// `None` where the run ended before the command did.
    pub exit_code: Option<i32>,
    pub ms: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    pub commands: Vec<CommandEvidence>,
    /// Commands that are not listed, at least: the further rounds of loops, and those beyond the first 500.
    #[serde(default)]
    pub commands_omitted: u64,
    pub files_changed: u64,
    pub insertions: u64,
    pub deletions: u64,
}

/// One run of a task. In the feed it comes without stdout, stderr and evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Execution {
    pub id: ExecutionId,
    pub task_id: TaskId,
    /// 1, 2, 3 … of its task.
    pub number: i64,
    pub agent: Agent,
    pub agent_session_id: Option<String>,
    pub model: Option<String>,
    pub status: ExecutionStatus,
    /// What is happening now, in a few words.
    pub detail: String,
    pub outcome: Option<Outcome>,
    #[serde(default)]
    pub evidence: Evidence,
    pub exit_code: Option<i32>,
    /// The layers that held it, strongest first: `namespaces`, `landlock`, `seccomp`, …
    pub isolation: Vec<String>,
    /// The last 64 KiB; all of it is in the events.
    #[serde(default)]
    pub stdout: String,
    #[serde(default)]
    pub stderr: String,
    pub cost: Option<Cost>,
    pub tokens: Option<Tokens>,
    pub created_at: DateTime,
    pub started_at: Option<DateTime>,
    pub completed_at: Option<DateTime>,
    /// The sequence of its last stored event; 0 before the first. Not in the feed.
    #[serde(default)]
    pub last_seq: i64,
    /// What was published of it: the newest tries, oldest first.
    #[serde(default)]
    pub publications: Vec<Publication>,
    /// What happens now, until it has ended. Not in the feed: it changes with every other execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
}

words! {
    /// Who says something in an execution.
    Speaker { Agent = "agent", Person = "person" }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cost {
    /// A decimal number.
    pub amount: String,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    pub input: u64,
    pub output: u64,
    pub cached: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Stream {
    Stdout,
    Stderr,
}

/// What happened, at a place in the execution's own gapless sequence that begins with 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExecutionEvent {
    pub seq: i64,
    pub at: DateTime,
    #[serde(flatten)]
    pub body: EventBody,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EventBody {
    Started {
        agent: Agent,
        isolation: Vec<String>,
        /// The commit that the worktree began from.
        base: Option<String>,
    },
    Status {
        status: ExecutionStatus,
        /// What is happening now: `fetching the repository`, `running the set-up script`, …
        detail: String,
    },
    /// A top-level command began.
    Tool {
        /// 1, 2, 3 … of the execution.
        command: u32,
        title: String,
    },
    /// A piece of output, byte-exact: what is not UTF-8 comes as `base64` beside a readable `text`.
    ToolOutput {
        stream: Stream,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
    },
    /// A top-level command ended.
    ToolFinished {
        command: u32,
        exit_code: i32,
        ms: u64,
    },
    FileChange {
        path: String,
        status: FileStatus,
    },
    Diff {
        files_changed: u64,
        insertions: u64,
        deletions: u64,
    },
    /// What the agent says to people, or a person to the agent.
    Text {
        role: Speaker,
        text: String,
        /// Who said it, where it was a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// The agent asks whether it may do something.
    ApprovalRequested {
        approval: AskId,
        title: String,
        detail: String,
        risk: Risk,
        expires_at: DateTime,
    },
    /// It was told whether it may. Without a decision it may not: nobody decided in time, or nobody can any more.
    ApprovalResolved {
        approval: AskId,
        state: AskState,
        decision: Option<Decision>,
        note: Option<String>,
        by: Option<UserId>,
    },
    /// The agent asks something.
    QuestionAsked {
        question: AskId,
        title: String,
        choices: Vec<String>,
        expires_at: DateTime,
    },
    /// It was told the answer, or that there is none.
    QuestionAnswered {
        question: AskId,
        state: AskState,
        answer: Option<String>,
        by: Option<UserId>,
    },
    /// Something a person should know: output was dropped, a limit was met.
    Notice {
        text: String,
    },
    /// The last event of every execution.
    Finished {
        status: ExecutionStatus,
        outcome: Outcome,
        exit_code: Option<i32>,
    },
}

words! {
    FileStatus { Added = "added", Modified = "modified", Deleted = "deleted", Renamed = "renamed", Copied = "copied", TypeChanged = "type_changed" }
}

/// What an execution changed, against the commit it began from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Diff {
    pub base: Option<String>,
    pub head: Option<String>,
    pub files: Vec<FileDiff>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileDiff {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_path: Option<String>,
    pub status: FileStatus,
    pub insertions: u64,
    pub deletions: u64,
    pub binary: bool,
    /// Unified, from the first `@@`. Empty for binary files and for those over 2 MiB.
    pub patch: String,
}

/// A page of events. `finished` says that no more will come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventPage {
    pub items: Vec<ExecutionEvent>,
    pub next_after: i64,
    pub finished: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_flat_on_the_wire() {
        let event = ExecutionEvent {
            seq: 3,
            at: DateTime::UNIX_EPOCH,
            body: EventBody::ToolOutput { stream: Stream::Stderr, text: "x\n".to_owned(), base64: None },
        };
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["kind"], "tool_output");
        assert_eq!(json["stream"], "stderr");
        assert_eq!(json["seq"], 3);
        assert_eq!(serde_json::from_value::<ExecutionEvent>(json).unwrap(), event);
    }
}
