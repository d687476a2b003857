//! Who looks at which task now.

use crate::{TaskId, UserId};
use serde::{Deserialize, Serialize};

/// As many tasks as one snapshot tells of, and as many people as it names at one of them.
pub const TASKS_TOLD: usize = 200;
pub const PEOPLE_TOLD: usize = 20;

/// A task, and the people who have it open before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looking {
    pub task: TaskId,
    pub people: Vec<UserId>,
}

/// The people at a task, without the one who asks.
pub fn others(all: &[Looking], task: TaskId, me: Option<UserId>) -> Vec<UserId> {
    let here = all.iter().find(|looking| looking.task == task);
    let people = here.map(|looking| looking.people.iter().copied()).into_iter().flatten();
    people.filter(|user| Some(*user) != me).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_an_other_to_oneself() {
        let user = |id: u128| UserId(uuid::Uuid::from_u128(id));
        let task = |id: u128| TaskId(uuid::Uuid::from_u128(id));
        let all = [
            Looking { task: task(1), people: vec![user(7), user(8)] },
            Looking { task: task(2), people: vec![user(7)] },
        ];
        assert_eq!(others(&all, task(1), Some(user(7))), [user(8)]);
        assert_eq!(others(&all, task(1), None), [user(7), user(8)]);
        assert!(others(&all, task(2), Some(user(7))).is_empty());
        assert!(others(&all, task(3), Some(user(7))).is_empty());
    }
}
