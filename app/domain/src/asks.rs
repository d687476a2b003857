//! What agents ask people while they run: to approve an action, or to answer a question.

use crate::tasks::words;
use crate::{AskId, DateTime, ExecutionId, TaskId, UserId};
use serde::{Deserialize, Serialize};

/// The longest title, in characters.
pub const TITLE_LIMIT: usize = 200;
/// The longest detail, in characters: a command, a piece of a diff. Its row in the feed stays small.
pub const DETAIL_LIMIT: usize = 1_200;
/// The most choices of a question, and the longest of them, in characters.
pub const CHOICES_LIMIT: usize = 8;
pub const CHOICE_LIMIT: usize = 100;
/// The longest answer and the longest note beside a decision, in characters.
pub const ANSWER_LIMIT: usize = 1_000;
/// The longest message to an agent, in characters: as much as a review of many lines.
pub const MESSAGE_LIMIT: usize = 20_000;
/// The most asks of one execution that may be open at once.
pub const OPEN_LIMIT: usize = 8;
/// The most asks of one execution.
pub const ASKS_LIMIT: usize = 500;
/// How long an ask waits where the agent does not say, and the bounds of what it may say, in seconds.
pub const TIMEOUT_SECONDS: i64 = 24 * 60 * 60;
pub const TIMEOUT_MOST_SECONDS: i64 = 7 * 24 * 60 * 60;

words! {
    AskKind {
        /// May it do this?
        Approval = "approval",
        /// It needs to know something.
        Question = "question",
    }
}

words! {
    /// How much harm an action can do, as its agent judges it.
    Risk {
        /// It reads, or changes only what the execution can undo.
        Low = "low",
        /// It changes something outside, which can be undone.
        Medium = "medium",
        /// It spends, sends, deletes or can't be undone.
        High = "high",
    }
}

words! {
    Decision {
        Allow = "allow",
        /// This and the same again, for the rest of the execution.
        AllowAlways = "allow_always",
        Deny = "deny",
    }
}

words! {
    AskState {
        Open = "open",
        /// A person has decided or answered.
        Resolved = "resolved",
        /// Nobody did in time.
        Expired = "expired",
        /// The execution ended, or was cancelled, before anybody did.
        Withdrawn = "withdrawn",
    }
}

/// What an agent asks a person, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ask {
    pub id: AskId,
    pub task_id: TaskId,
    pub execution_id: ExecutionId,
    /// 1, 2, 3 … of its execution.
    pub number: i64,
    pub kind: AskKind,
    /// What is to be done, or the question.
    pub title: String,
    /// What it is about, exactly: a command, a piece of a diff. May be empty.
    pub detail: String,
    /// Of an approval.
    pub risk: Option<Risk>,
    /// The agent can take `allow_always`.
    pub can_remember: bool,
    /// Of a question: what can be chosen.
    pub choices: Vec<String>,
    /// Of a question: whether an answer in one's own words will do.
    pub free_text: bool,
    pub state: AskState,
    /// Of an approval that a person resolved.
    pub decision: Option<Decision>,
    /// The answer to a question, or the reason beside a decision.
    pub answer: Option<String>,
    pub asked_at: DateTime,
    /// From then on it is taken for unanswered: an approval is not given.
    pub expires_at: DateTime,
    pub resolved_at: Option<DateTime>,
    pub resolved_by: Option<UserId>,
    /// When the agent was told.
    pub delivered_at: Option<DateTime>,
}

impl Ask {
    pub fn is_open(&self) -> bool {
        self.state == AskState::Open
    }
}

/// A person's word on an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approve {
    /// The ask that it is about.
    pub approval: AskId,
    pub decision: Decision,
    /// Why, for the agent and for whoever looks later.
    #[serde(default)]
    pub note: Option<String>,
}

/// A person's answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// The ask that it is about.
    pub question: AskId,
    /// One of its choices, or one's own words where it takes them.
    pub text: String,
}

/// Something said to a running agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMessage {
    pub text: String,
}
