//! What it means to drop a task on a column: the transition that it stands for, or why there is none. Pure.

use domain::board::Column;
use domain::tasks::{Priority, TaskStatus};

use crate::features::tasks::controls::Act;
use crate::strings::strings;

/// What a drop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropEffect {
    /// It lies where it was.
    Stay,
    Act(Act),
    /// It ends what is under way: asks first.
    Ask(Act),
    /// Its place among those that wait is its priority.
    Priority(Priority),
    No(Why),
}

/// Why a column does not take a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    RunsInTurn,
    NeverDraftAgain,
    OnlyRunningPauses,
    NotRunYet,
    WaitsForAnswer,
    AlreadyUnderWay,
}

impl DropEffect {
    /// What dropping a task with this status on a column does.
    pub fn on_column(status: TaskStatus, column: Column) -> Self {
        use TaskStatus::{Cancelled, Completed, Draft, Failed, Paused, Queued, Running, Waiting};
        if Column::of(status) == column {
            return Self::Stay;
        }
        match (status, column) {
            (Draft, Column::Queued) => Self::Act(Act::Start),
            (Completed | Failed | Cancelled, Column::Queued) => Self::Act(Act::Retry),
            (Paused, Column::Running) => Self::Act(Act::Resume),
            (Running, Column::NeedsYou) => Self::Act(Act::Pause),
            (Queued | Running | Paused | Waiting, Column::Done) => Self::Ask(Act::Cancel),
            (Draft, Column::Done) => Self::No(Why::NotRunYet),
            (Waiting, Column::Running) => Self::No(Why::WaitsForAnswer),
            (Running | Paused | Waiting, Column::Queued) => Self::No(Why::AlreadyUnderWay),
            (_, Column::Draft) => Self::No(Why::NeverDraftAgain),
            (_, Column::NeedsYou) => Self::No(Why::OnlyRunningPauses),
            (_, Column::Running | Column::Queued | Column::Done) => Self::No(Why::RunsInTurn),
        }
    }

    /// What dropping a task that waits on another that waits does: it takes that one's priority.
    pub fn on_task(own: (TaskStatus, Priority), other: (TaskStatus, Priority)) -> Option<Self> {
        let both_wait = own.0 == TaskStatus::Queued && other.0 == TaskStatus::Queued;
        (both_wait && own.1 != other.1).then_some(Self::Priority(other.1))
    }

    /// Whether the column takes it.
    pub fn is_taken(self) -> bool {
        !matches!(self, Self::No(_))
    }

    /// What it will do, in words.
    pub fn words(self) -> String {
        let words = strings();
        match self {
            Self::Stay => words.board.drop_stay.to_owned(),
            Self::Act(act) | Self::Ask(act) => act.words().to_owned(),
            Self::Priority(priority) => {
                format!("{}: {}", words.tasks.field_priority, words.words.priority(priority))
            }
            Self::No(why) => why.words().to_owned(),
        }
    }
}

impl Why {
    fn words(self) -> &'static str {
        let words = &strings().board;
        match self {
            Self::RunsInTurn => words.why_runs_in_turn,
            Self::NeverDraftAgain => words.why_never_draft,
            Self::OnlyRunningPauses => words.why_only_running,
            Self::NotRunYet => words.why_not_run,
            Self::WaitsForAnswer => words.why_answer,
            Self::AlreadyUnderWay => words.why_under_way,
        }
    }
}

/// The next priority up or down, where there is one.
pub fn step(priority: Priority, up: Step) -> Priority {
    let all = Priority::ALL;
    let at = all.iter().position(|one| *one == priority).unwrap_or_default();
    let next = match up {
        Step::Up => at + 1,
        Step::Down => at.saturating_sub(1),
    };
    all.get(next).copied().unwrap_or(priority)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Up,
    Down,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table of cases, read top to bottom")]
    fn a_drop_is_a_transition_or_says_why_not() {
        use Column::{Done, Draft, NeedsYou, Queued, Running};
        use DropEffect::{Act as Does, Ask, No, Stay};
        use TaskStatus as Is;
        let no = No;
        let cases: [(TaskStatus, [DropEffect; 5]); 8] = [
            (
                Is::Draft,
                [Stay, Does(Act::Start), no(Why::RunsInTurn), no(Why::OnlyRunningPauses), no(Why::NotRunYet)],
            ),
            (
                Is::Queued,
                [
                    no(Why::NeverDraftAgain),
                    Stay,
                    no(Why::RunsInTurn),
                    no(Why::OnlyRunningPauses),
                    Ask(Act::Cancel),
                ],
            ),
            (
                Is::Running,
                [
                    no(Why::NeverDraftAgain),
                    no(Why::AlreadyUnderWay),
                    Stay,
                    Does(Act::Pause),
                    Ask(Act::Cancel),
                ],
            ),
            (
                Is::Paused,
                [
                    no(Why::NeverDraftAgain),
                    no(Why::AlreadyUnderWay),
                    Does(Act::Resume),
                    Stay,
                    Ask(Act::Cancel),
                ],
            ),
            (
                Is::Waiting,
                [
                    no(Why::NeverDraftAgain),
                    no(Why::AlreadyUnderWay),
                    no(Why::WaitsForAnswer),
                    Stay,
                    Ask(Act::Cancel),
                ],
            ),
            (
                Is::Completed,
                [
                    no(Why::NeverDraftAgain),
                    Does(Act::Retry),
                    no(Why::RunsInTurn),
                    no(Why::OnlyRunningPauses),
                    Stay,
                ],
            ),
            (
                Is::Failed,
                [
                    no(Why::NeverDraftAgain),
                    Does(Act::Retry),
                    no(Why::RunsInTurn),
                    no(Why::OnlyRunningPauses),
                    Stay,
                ],
            ),
            (
                Is::Cancelled,
                [
                    no(Why::NeverDraftAgain),
                    Does(Act::Retry),
                    no(Why::RunsInTurn),
                    no(Why::OnlyRunningPauses),
                    Stay,
                ],
            ),
        ];
        for (status, drops) in cases {
            for (column, expected) in [Draft, Queued, Running, NeedsYou, Done].into_iter().zip(drops) {
                assert_eq!(DropEffect::on_column(status, column), expected, "{status} on {column:?}");
            }
        }
    }

    #[test]
    fn every_drop_that_is_taken_is_offered_by_the_menu_as_well() {
        for status in TaskStatus::ALL {
            for column in Column::ALL {
                if let DropEffect::Act(act) | DropEffect::Ask(act) = DropEffect::on_column(*status, column) {
                    assert!(Act::fitting(*status).contains(&act), "{status} on {column:?}");
                }
            }
        }
    }

    #[test]
    fn only_those_that_wait_are_ordered_by_priority() {
        use Priority::{High, Low};
        use TaskStatus::{Draft, Queued};
        assert_eq!(DropEffect::on_task((Queued, Low), (Queued, High)), Some(DropEffect::Priority(High)));
        assert_eq!(DropEffect::on_task((Queued, Low), (Queued, Low)), None);
        assert_eq!(DropEffect::on_task((Draft, Low), (Queued, High)), None);
        assert_eq!(DropEffect::on_task((Draft, Low), (Draft, High)), None);
        assert_eq!(step(Priority::Urgent, Step::Up), Priority::Urgent);
        assert_eq!(step(Priority::Normal, Step::Up), High);
        assert_eq!(step(Low, Step::Down), Low);
    }
}
