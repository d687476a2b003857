//! What somebody does with tasks from the board and the list: shown at once, confirmed by the feed, taken back with a
//! word where it is refused. Two who change the same field see both values and choose.

use std::sync::Arc;

use domain::problem::FieldConflict;
use domain::tasks::{Priority, Task, TaskPatch};
use domain::{Code, Edit, TaskId, UserId};
use leptos::prelude::*;

use crate::api::board::{TaskEdit, edit_task};
use crate::api::tasks::TaskAct;
use crate::features::tasks::controls::Act;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::ui::toast::Toasts;

/// A change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Title(String),
    Priority(Priority),
    Labels(Vec<String>),
    Assignee(Option<UserId>),
}

impl Change {
    fn patch(&self, version: Option<i64>) -> TaskPatch {
        let mut patch = TaskPatch { version, ..TaskPatch::default() };
        match self.clone() {
            Self::Title(title) => patch.title = Some(title),
            Self::Priority(priority) => patch.priority = Some(priority),
            Self::Labels(labels) => patch.labels = Edit::Set(labels),
            Self::Assignee(user) => patch.assignee_id = user.map_or(Edit::Clear, Edit::Set),
        }
        patch
    }

    /// The task as it will be.
    fn applied(&self, task: &Task) -> Task {
        let mut task = task.clone();
        match self.clone() {
            Self::Title(title) => task.title = title.trim().to_owned(),
            Self::Priority(priority) => task.priority = priority,
            Self::Labels(labels) => task.labels = labels,
            Self::Assignee(user) => task.assignee_id = user,
        }
        task
    }
}

/// A change that met another of the same field.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    pub id: TaskId,
    pub change: Change,
    pub conflicts: Vec<FieldConflict>,
}

/// From context of a page of tasks.
#[derive(Debug, Clone, Copy)]
pub struct Edits {
    live: Live,
    toasts: Toasts,
    slug: Memo<String>,
    /// Waits for somebody's choice.
    pub clash: RwSignal<Option<Clash>>,
}

impl Edits {
    pub fn new(live: Live, toasts: Toasts, slug: Memo<String>) -> Self {
        Self { live, toasts, slug, clash: RwSignal::new(None) }
    }

    /// The task as it is shown.
    pub fn task(self, id: TaskId) -> Option<Arc<Task>> {
        self.live.lists.tasks().try_with_untracked(|table| table.get(id)).flatten()
    }

    /// Says why nothing was done.
    pub fn warn(self, why: String) {
        self.toasts.warned(why);
    }

    /// Changes a field of a task as it was seen: what another has changed since then is not overwritten.
    pub fn change(self, seen: &Task, change: Change) {
        let now = self.task(seen.id);
        let wanted = change.applied(now.as_deref().unwrap_or(seen));
        if now.as_deref() == Some(&wanted) {
            return;
        }
        // What we have just done ourselves is no other's change.
        let pending = self.live.lists.tasks().try_with_untracked(|table| table.is_pending(seen.id));
        let version = (pending == Some(false)).then_some(seen.version);
        self.send(wanted, change, version);
    }

    /// Takes our value where two have changed the same field.
    pub fn insist(self, clash: Clash) {
        let confirmed =
            self.live.lists.tasks().try_with_untracked(|table| table.confirmed(clash.id)).flatten();
        if let Some(task) = confirmed {
            self.send(clash.change.applied(&task), clash.change, Some(task.version));
        }
    }

    fn send(self, wanted: Task, change: Change, version: Option<i64>) {
        let id = wanted.id;
        let edit = TaskEdit { workspace: self.slug.get_untracked(), id, patch: change.patch(version) };
        let token = self.live.expect_task(wanted);
        leptos::task::spawn_local(async move {
            let answer = edit_task(edit).await;
            self.live.answered(Some(token), &answer);
            match answer {
                Err(error) if error.code == Code::Conflict && !error.conflicts.is_empty() => {
                    self.clash.try_set(Some(Clash { id, change, conflicts: error.conflicts }));
                }
                Err(error) => self.toasts.refused(&error),
                Ok(_) => {}
            }
        });
    }

    /// Does something with a task as a whole.
    pub fn act(self, task: &Task, act: Act) {
        let foreseen = act.foreseen(task.status);
        let token = foreseen.map(|status| self.live.expect_task(Task { status, ..task.clone() }));
        let request = TaskAct { workspace: self.slug.get_untracked(), id: task.id };
        leptos::task::spawn_local(async move {
            let answer = act.send(request).await;
            self.live.answered(token, &answer);
            if let Err(error) = &answer {
                self.toasts.refused(error);
            }
        });
    }
}
