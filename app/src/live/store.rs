//! What pages read: the rows that are known, the state of the connection, and when to read lists again.

use std::sync::Arc;

use domain::comments::Comment;
use domain::executions::Execution;
use domain::presence::{self, Looking};
use domain::repositories::Repository;
use domain::tasks::Task;
use domain::{Change, Saved, Seq, TaskId, UserId};
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
    /// Grows when saved views have changed: the feed says of one's own no more than that.
    pub views: RwSignal<u32>,
    /// The person who is signed in, once the connection says so.
    pub me: RwSignal<Option<UserId>>,
    /// Who looks at which task, as far as a page asks for it.
    pub looking: RwSignal<Vec<Looking>>,
    /// The browser has taken over the page. Until then it stays as the server drew it, and nothing may be heard: what
    /// is drawn otherwise than it stands there can't be taken over.
    pub taken: RwSignal<bool>,
    /// Hears every change of a task, before it is applied.
    heard: StoredValue<Option<Callback<Arc<Change>>>>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            status: RwSignal::new(Status::default()),
            lists: Store::new(Lists::default()),
            generation: RwSignal::new(0),
            views: RwSignal::new(0),
            me: RwSignal::new(None),
            looking: RwSignal::new(Vec::new()),
            taken: RwSignal::new(false),
            heard: StoredValue::new(None),
        }
    }
}

impl Live {
    /// Puts a change into its table.
    pub fn apply(&self, change: &Change) {
        if change.entity == "task"
            && let Some(hear) = self.heard.try_get_value().flatten()
        {
            hear.run(Arc::new(change.clone()));
        }
        match change.entity.as_str() {
            "task" => self.lists.tasks().update(|table| apply::<Task>(table, change)),
            "execution" => self.lists.executions().update(|table| apply::<Execution>(table, change)),
            "comment" => self.lists.comments().update(|table| apply::<Comment>(table, change)),
            "repository" => self.lists.repositories().update(|table| apply::<Repository>(table, change)),
            "saved_view" => self.views_changed(),
            _ => {}
        }
    }

    /// Has changes of tasks heard, or not any more.
    pub fn hear_tasks(&self, hear: Option<Callback<Arc<Change>>>) {
        self.heard.try_set_value(hear);
    }

    /// The others who look at a task.
    pub fn others_at(&self, task: TaskId) -> Vec<UserId> {
        self.looking.with(|all| presence::others(all, task, self.me.get()))
    }

    /// Saved views are to be read again.
    pub fn views_changed(&self) {
        self.views.try_update(|views| *views = views.wrapping_add(1));
    }

    /// Lists that were read before must be read again, and only then it is known what is gone.
    pub fn read_again(&self) {
        self.lists.tasks().update(crate::live::table::Table::doubt);
        self.lists.executions().update(crate::live::table::Table::doubt);
        self.lists.repositories().update(crate::live::table::Table::doubt);
        self.lists.comments().update(crate::live::table::Table::doubt);
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

    /// Shows a task as gone, and returns the token by which the answer is told.
    pub fn expect_gone(&self, id: TaskId) -> u64 {
        self.lists.tasks().try_update(|table| table.expect(id, None)).unwrap_or_default()
    }

    /// What was expected is saved: as this row, or gone.
    pub fn saved(&self, token: u64, row: Option<Task>, seq: Option<Seq>) {
        self.lists.tasks().try_update(|table| table.saved(token, row, seq));
    }

    /// What was expected is refused: it is again as it was.
    pub fn refused(&self, token: u64) {
        self.lists.tasks().try_update(|table| table.refused(token));
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
