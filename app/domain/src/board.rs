//! The board: tasks in columns by what they are doing, each with a first page and a count of all.

use crate::executions::OutcomeClass;
use crate::tasks::{Task, TaskStatus};
use crate::{TaskId, UserId};
use serde::{Deserialize, Serialize};

/// As many tasks of a column as a first page has: twice what a tall screen shows, so that the next are there in time.
/// Each of them is drawn by the server and taken over by the browser before the page answers.
pub const FIRST_PAGE: u32 = 20;
/// The most tasks that can be chosen at once.
pub const CHOICE_LIMIT: usize = 1_000;
/// The most tasks that one look at outcomes asks about.
pub const GLANCES_LIMIT: usize = 200;

/// What waits, what runs, what needs somebody, what is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Draft,
    Queued,
    Running,
    NeedsYou,
    Done,
}

impl Column {
    pub const ALL: [Self; 5] = [Self::Draft, Self::Queued, Self::Running, Self::NeedsYou, Self::Done];

    pub fn of(status: TaskStatus) -> Self {
        match status {
            TaskStatus::Draft => Self::Draft,
            TaskStatus::Queued => Self::Queued,
            TaskStatus::Running => Self::Running,
            TaskStatus::Paused | TaskStatus::Waiting => Self::NeedsYou,
            TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled => Self::Done,
        }
    }

    /// The word in the page: an anchor, a hook for tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::NeedsYou => "needs_you",
            Self::Done => "done",
        }
    }

    /// The statuses in it, as a filter names them: those of `wanted` where that names any.
    pub fn statuses(self, wanted: Option<&str>) -> Vec<TaskStatus> {
        let wanted: Vec<&str> = wanted
            .map(|words| words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect())
            .unwrap_or_default();
        let all = TaskStatus::ALL.iter().copied().filter(|status| Self::of(*status) == self);
        all.filter(|status| wanted.is_empty() || wanted.contains(&status.as_str())).collect()
    }

    /// The order in it: what comes next stands first.
    pub fn sort(self) -> &'static str {
        match self {
            Self::Queued => "-priority",
            Self::Draft => "-number",
            Self::Running | Self::NeedsYou | Self::Done => "-updated_at",
        }
    }
}

/// One column, or the whole list: its first page, and how many tasks it has in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// `None` for the list.
    pub column: Option<Column>,
    pub items: Vec<Task>,
    pub next_cursor: Option<String>,
    pub total: i64,
}

/// What the last execution of a task came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    pub task_id: TaskId,
    pub class: OutcomeClass,
    pub exit_code: Option<i32>,
    pub insertions: u64,
    pub deletions: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    pub lanes: Vec<Lane>,
    /// Whoever asked, for the filter `me`.
    pub me: Option<UserId>,
    pub glances: Vec<Glance>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_stands_in_one_column() {
        for status in TaskStatus::ALL {
            let holding: Vec<Column> =
                Column::ALL.into_iter().filter(|column| column.statuses(None).contains(status)).collect();
            assert_eq!(holding, [Column::of(*status)], "{status}");
        }
    }

    #[test]
    fn a_filter_narrows_a_column_and_can_empty_it() {
        assert_eq!(Column::Done.statuses(Some("failed, running")), [TaskStatus::Failed]);
        assert!(Column::Draft.statuses(Some("failed")).is_empty());
        assert_eq!(Column::NeedsYou.statuses(Some("")).len(), 2);
    }
}
