//! What pages read: the rows that are known, the state of the connection, and when to read lists again.

use domain::comments::Comment;
use domain::executions::Execution;
use domain::repositories::Repository;
use domain::tasks::Task;
use domain::{Change, Saved};
use leptos::prelude::*;
use reactive_stores::Store;

use crate::api::ApiError;
use crate::live::reduce::{Lists, ListsStoreFields as _, apply};
use crate::ui::Tone;

/// The state of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Status {
    /// The page came from the server and no script runs yet.
    #[default]
    Static,
    Connecting,
    Live,
    Reconnecting,
    Offline,
    /// The session has ended, or its person is no member any more.
    Refused,
}

impl Status {
    pub fn tone(self) -> Tone {
        match self {
            Self::Static | Self::Connecting => Tone::Idle,
            Self::Live => Tone::Good,
            Self::Reconnecting => Tone::Wait,
            Self::Offline | Self::Refused => Tone::Bad,
        }
    }
}

/// The live side of a workspace's pages, from context.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    pub status: RwSignal<Status>,
    pub lists: Store<Lists>,
    /// Grows when lists that were read before must be read again: resources have it among their sources.
    pub generation: RwSignal<u32>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            status: RwSignal::new(Status::default()),
            lists: Store::new(Lists::default()),
            generation: RwSignal::new(0),
        }
    }
}

impl Live {
    /// Puts a change into its table.
    pub fn apply(&self, change: &Change) {
        match change.entity.as_str() {
            "task" => self.lists.tasks().update(|table| apply::<Task>(table, change)),
            "execution" => self.lists.executions().update(|table| apply::<Execution>(table, change)),
            "comment" => self.lists.comments().update(|table| apply::<Comment>(table, change)),
            "repository" => self.lists.repositories().update(|table| apply::<Repository>(table, change)),
            _ => {}
        }
    }

    /// Lists that were read before must be read again.
    pub fn read_again(&self) {
        self.generation.update(|generation| *generation = generation.wrapping_add(1));
    }

    /// Forgets everything, and has lists read again.
    pub fn start_over(&self) {
        self.lists.tasks().update(crate::live::table::Table::clear);
        self.lists.executions().update(crate::live::table::Table::clear);
        self.lists.repositories().update(crate::live::table::Table::clear);
        self.lists.comments().update(crate::live::table::Table::clear);
        self.read_again();
    }

    /// Shows a task as it will be, and returns the token by which the answer is told.
    pub fn expect_task(&self, task: Task) -> u64 {
        self.lists.tasks().try_update(|table| table.expect(task.id, Some(task))).unwrap_or_default()
    }

    /// Tells the answer to what was done: whether or not it was expected, a saved task is shown.
    pub fn answered(&self, token: Option<u64>, answer: &Result<Saved<Task>, ApiError>) {
        self.lists.tasks().try_update(|table| match (token, answer) {
            (Some(token), Ok(saved)) => table.saved(token, Some(saved.value.clone()), saved.seq),
            (Some(token), Err(_)) => table.refused(token),
            (None, Ok(saved)) => table.read([saved.value.clone()]),
            (None, Err(_)) => {}
        });
    }
}
