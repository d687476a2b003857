//! Which change of a task is worth a notification, and to whom. Pure.

use domain::UserId;
use domain::tasks::{Task, TaskStatus};

use crate::strings::strings;

/// What is told, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// My task is done, or somebody else has cancelled it.
    Ended,
    Failed,
    /// It waits for an answer.
    Waiting,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Ended, Self::Failed, Self::Waiting];

    /// What a browser keeps that is not to tell of it.
    pub fn muted(self) -> &'static str {
        match self {
            Self::Ended => "notify-not-ended",
            Self::Failed => "notify-not-failed",
            Self::Waiting => "notify-not-waiting",
        }
    }

    pub fn words(self) -> &'static str {
        let words = &strings().notices;
        match self {
            Self::Ended => words.ended,
            Self::Failed => words.failed,
            Self::Waiting => words.waiting,
        }
    }
}

/// What a change of a task tells a person, by its status before (where it is known here), and by who has made it.
pub fn news(
    before: Option<TaskStatus>,
    task: &Task,
    (me, by): (Option<UserId>, Option<UserId>),
) -> Option<Kind> {
    let mine = me.is_some() && (task.created_by == me || task.assignee_id == me);
    // What this page has never seen has just ended if it has not changed since.
    let fresh = match before {
        Some(before) => before != task.status,
        None => task.completed_at.is_none_or(|at| at == task.updated_at),
    };
    if !mine || !fresh {
        return None;
    }
    match task.status {
        TaskStatus::Completed => Some(Kind::Ended),
        TaskStatus::Cancelled if by != me => Some(Kind::Ended),
        TaskStatus::Failed => Some(Kind::Failed),
        TaskStatus::Waiting => Some(Kind::Waiting),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::tasks::lanes::tests::task;
    use domain::DateTime;

    #[test]
    fn only_news_of_ones_own_is_told() {
        use TaskStatus::{Cancelled, Completed, Failed, Paused, Queued, Running, Waiting};
        let user = |id: u128| Some(UserId(uuid::Uuid::from_u128(id)));
        let (me, other) = (user(1), user(2));
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let of = |status: TaskStatus| Task {
            status,
            created_by: me,
            completed_at: status.is_settled().then(|| at(5)),
            updated_at: at(5),
            ..task(1)
        };
        let mine = |status| of(status);
        let theirs = |status| Task { created_by: other, ..of(status) };
        let given = |status| Task { created_by: other, assignee_id: me, ..of(status) };
        let later = |status| Task { updated_at: at(9), ..of(status) };
        let cases = [
            ("done", Some(Running), mine(Completed), None, Some(Kind::Ended)),
            ("failed", Some(Running), mine(Failed), None, Some(Kind::Failed)),
            ("waits", Some(Running), mine(Waiting), None, Some(Kind::Waiting)),
            ("assigned to me", Some(Running), given(Failed), None, Some(Kind::Failed)),
            ("somebody else's", Some(Running), theirs(Failed), None, None),
            ("cancelled by me", Some(Queued), mine(Cancelled), me, None),
            ("cancelled by another", Some(Queued), mine(Cancelled), other, Some(Kind::Ended)),
            ("renamed afterwards", Some(Completed), mine(Completed), other, None),
            ("goes on", Some(Paused), mine(Running), None, None),
            ("never seen, ends now", None, mine(Completed), None, Some(Kind::Ended)),
            ("never seen, ended before", None, later(Completed), other, None),
            ("never seen, waits", None, mine(Waiting), None, Some(Kind::Waiting)),
        ];
        for (name, before, task, by, expected) in cases {
            assert_eq!(news(before, &task, (me, by)), expected, "{name}");
        }
        assert_eq!(news(Some(Running), &of(Failed), (None, None)), None, "nobody is signed in");
    }
}
