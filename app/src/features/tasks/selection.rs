//! Which tasks are chosen for one change to all of them, and how that change is made and taken back.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::bulk::{BULK_LIMIT, BulkAction, BulkAnswer, BulkChange, BulkRequest};
use domain::tasks::Task;
use domain::{Saved, TaskId};
use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::board::{BulkOf, bulk_tasks, every_task};
use crate::api::tasks::TaskQuery;
use crate::features::tasks::controls::Act;
use crate::features::tasks::sheet::Sheet;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::toast::{Toasts, Undo};

/// How long something that was done can be taken back.
pub const UNDO: Duration = Duration::from_secs(10);

/// What takes a change back: each change with the tasks that it is made to.
type Back = Vec<(BulkChange, Vec<Arc<Task>>)>;

/// From context of a page of tasks.
#[derive(Debug, Clone, Copy)]
pub struct Selection {
    pub ids: RwSignal<BTreeSet<TaskId>>,
    /// The one chosen last: a range goes from there.
    last: StoredValue<Option<TaskId>>,
    live: Live,
    toasts: Toasts,
    slug: Memo<String>,
}

impl Selection {
    pub fn new(live: Live, toasts: Toasts, slug: Memo<String>) -> Self {
        Self { ids: RwSignal::new(BTreeSet::new()), last: StoredValue::new(None), live, toasts, slug }
    }

    pub fn holds(self, id: TaskId) -> bool {
        self.ids.with(|ids| ids.contains(&id))
    }

    pub fn toggle(self, id: TaskId) {
        self.last.set_value(Some(id));
        self.ids.update(|ids| {
            if !ids.remove(&id) {
                ids.insert(id);
            }
        });
    }

    /// Chooses everything between the one chosen last and this one, where both stand in one lane.
    pub fn extend(self, id: TaskId, sheet: Sheet) {
        let last = self.last.get_value();
        let range = last.and_then(|last| {
            sheet.orders.with_untracked(|orders| orders.iter().find_map(|order| between(order, last, id)))
        });
        match range {
            Some(range) => self.ids.update(|ids| ids.extend(range)),
            None => self.toggle(id),
        }
        self.last.set_value(Some(id));
    }

    pub fn clear(self) {
        self.ids.update(BTreeSet::clear);
    }

    /// Chooses every task of the filter, also those that are not read yet.
    pub fn all(self, sheet: Sheet) {
        let filter = sheet.shown.with_untracked(|shown| shown.filter.clone());
        let query = TaskQuery { workspace: self.slug.get_untracked(), filter };
        leptos::task::spawn_local(async move {
            match every_task(query).await {
                Ok(tasks) => {
                    self.ids.try_update(|ids| ids.extend(tasks.iter().map(|task| task.id)));
                    self.live.lists.tasks().try_update(|table| table.read(tasks));
                }
                Err(error) => self.toasts.refused(&error),
            }
        });
    }

    /// The chosen tasks as they are shown; those that are gone are not among them.
    pub fn tasks(self) -> Vec<Arc<Task>> {
        let ids = self.ids.get();
        self.live.lists.tasks().with(|table| ids.iter().filter_map(|id| table.get(*id)).collect())
    }

    /// Makes one change to tasks: shown at once, told truly, and offered to be taken back where it can be.
    pub fn change(self, tasks: Vec<Arc<Task>>, change: BulkChange) {
        let back = inverse(&tasks, &change);
        self.run(self.slug.get_untracked(), tasks, change, back);
    }

    /// Removes tasks after a while, in which it can be taken back: until then nothing is removed anywhere.
    pub fn remove(self, tasks: Vec<Arc<Task>>) {
        let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
        let tokens: Vec<(TaskId, u64)> = ids.iter().map(|id| (*id, self.live.expect_gone(*id))).collect();
        self.ids.update(|chosen| chosen.retain(|id| !ids.contains(id)));
        // Somebody may be on another page by then: nothing here may hang on this one.
        let undone = Arc::new(AtomicBool::new(false));
        let (kept, told_undone) = (tokens.clone(), Arc::clone(&undone));
        let workspace = self.slug.get_untracked();
        let undo = Undo::new(move || {
            told_undone.store(true, Ordering::Relaxed);
            for (_, token) in &kept {
                self.live.refused(*token);
            }
        });
        let words = &strings().board;
        self.toasts.offer(told(ids.len(), words.will_be_deleted, words.will_be_deleted_many), undo);
        set_timeout(
            move || {
                if !undone.load(Ordering::Relaxed) {
                    self.send(workspace, tokens, BulkChange::of(BulkAction::Delete), Vec::new());
                }
            },
            UNDO,
        );
    }

    fn run(self, workspace: String, tasks: Vec<Arc<Task>>, change: BulkChange, back: Back) {
        let expected = tasks.iter().map(|task| {
            let wanted = applied(task, &change);
            (task.id, self.live.expect_task(wanted))
        });
        let tokens = expected.collect();
        self.send(workspace, tokens, change, back);
    }

    /// Sends a change in requests of a bounded size, one after the other, and tells all of it once.
    fn send(self, workspace: String, tokens: Vec<(TaskId, u64)>, change: BulkChange, back: Back) {
        leptos::task::spawn_local(async move {
            let mut told = Told::default();
            for part in tokens.chunks(BULK_LIMIT) {
                let ids = part.iter().map(|(id, _)| *id).collect();
                let request = BulkRequest { ids, change: change.clone() };
                let answer = bulk_tasks(BulkOf { workspace: workspace.clone(), request }).await;
                self.answered(part, answer, &mut told);
            }
            self.tell(workspace, told, back);
        });
    }

    fn answered(self, part: &[(TaskId, u64)], answer: Result<Saved<BulkAnswer>, ApiError>, told: &mut Told) {
        let Saved { value, seq } = match answer {
            Ok(saved) => saved,
            Err(error) => {
                for (_, token) in part {
                    self.live.refused(*token);
                }
                told.refused += part.len();
                told.why.get_or_insert_with(|| error.sentence(|code| strings().common.problem(code)));
                return;
            }
        };
        for ((id, token), result) in part.iter().zip(value.results) {
            if result.ok {
                told.done.insert(*id);
                self.live.saved(*token, result.task, seq);
            } else {
                told.refused += 1;
                self.live.refused(*token);
                if let Some(problem) = result.problem {
                    let error = ApiError::from(problem);
                    told.why.get_or_insert_with(|| error.sentence(|code| strings().common.problem(code)));
                }
            }
        }
    }

    fn tell(self, workspace: String, told: Told, mut back: Back) {
        let words = &strings().board;
        let count = told.done.len();
        let done = self::told(count, words.changed_one, words.changed_many);
        // What was refused has nothing to be taken back.
        for (_, tasks) in &mut back {
            tasks.retain(|task| told.done.contains(&task.id));
        }
        back.retain(|(_, tasks)| !tasks.is_empty());
        if told.refused > 0 {
            let refused = self::told(told.refused, words.refused_one, words.refused_many);
            let why = told.why.unwrap_or_default();
            let first = if count > 0 { format!("{done} ") } else { String::new() };
            self.toasts.warned(format!("{first}{refused} {why}"));
        }
        if !back.is_empty() {
            let undo = Undo::new(move || {
                for (change, tasks) in back.clone() {
                    self.run(workspace.clone(), tasks, change, Vec::new());
                }
            });
            self.toasts.offer(done, undo);
        } else if told.refused == 0 && count > 1 {
            self.toasts.done(done);
        }
    }
}

#[derive(Debug, Default)]
struct Told {
    done: BTreeSet<TaskId>,
    refused: usize,
    /// The first reason; the others are most often the same.
    why: Option<String>,
}

fn told(count: usize, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { format!("{count} {many}") }
}

/// The action of the API that an act of the page is.
pub fn action(act: Act) -> BulkAction {
    match act {
        Act::Start => BulkAction::Start,
        Act::Pause => BulkAction::Pause,
        Act::Resume => BulkAction::Resume,
        Act::Cancel => BulkAction::Cancel,
        Act::Retry => BulkAction::Retry,
    }
}

/// A task as it will be after a change of fields; what an action leads to takes its time and is not foretold.
fn applied(task: &Task, change: &BulkChange) -> Task {
    let mut task = task.clone();
    task.priority = change.priority.unwrap_or(task.priority);
    task.assignee_id = change.assignee_id.unwrap_or(task.assignee_id);
    task.labels = change.labels(&task.labels);
    task
}

/// What takes a change back: tasks that were alike before go together. What was started, tried again or cancelled can't
/// be taken back.
fn inverse(tasks: &[Arc<Task>], change: &BulkChange) -> Back {
    let opposite = match change.action {
        Some(BulkAction::Pause) => Some(BulkAction::Resume),
        Some(BulkAction::Resume) => Some(BulkAction::Pause),
        _ => None,
    };
    if let Some(opposite) = opposite {
        return vec![(BulkChange::of(opposite), tasks.to_vec())];
    }
    let mut groups: Back = Vec::new();
    for task in tasks {
        let after = applied(task, change);
        if after == **task {
            continue;
        }
        let missing = |of: &[String], among: &[String]| -> Vec<String> {
            of.iter().filter(|label| !among.contains(label)).cloned().collect()
        };
        let back = BulkChange {
            action: None,
            priority: (after.priority != task.priority).then_some(task.priority),
            assignee_id: (after.assignee_id != task.assignee_id).then_some(task.assignee_id),
            add_labels: missing(&task.labels, &after.labels),
            remove_labels: missing(&after.labels, &task.labels),
        };
        match groups.iter_mut().find(|(known, _)| *known == back) {
            Some((_, held)) => held.push(Arc::new(after)),
            None => groups.push((back, vec![Arc::new(after)])),
        }
    }
    groups
}

/// The ids from one to another, in either direction, where an order holds both.
fn between(order: &[TaskId], one: TaskId, other: TaskId) -> Option<Vec<TaskId>> {
    let at = |wanted: TaskId| order.iter().position(|id| *id == wanted);
    let (one, other) = (at(one)?, at(other)?);
    order.get(one.min(other)..=one.max(other)).map(<[TaskId]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::tasks::lanes::tests::task;
    use domain::UserId;
    use domain::tasks::Priority;

    #[test]
    fn what_takes_a_change_back_is_what_each_task_was() {
        let anna = Some(UserId(uuid::Uuid::from_u128(9)));
        let tasks: Vec<Arc<Task>> = vec![
            Arc::new(Task { priority: Priority::Low, labels: vec!["a".to_owned()], ..task(1) }),
            Arc::new(Task { priority: Priority::High, assignee_id: anna, ..task(2) }),
            Arc::new(Task { priority: Priority::Low, labels: vec!["a".to_owned()], ..task(3) }),
            Arc::new(Task { priority: Priority::Urgent, labels: vec!["b".to_owned()], ..task(4) }),
        ];
        let change = BulkChange {
            priority: Some(Priority::Urgent),
            assignee_id: Some(None),
            add_labels: vec!["b".to_owned()],
            remove_labels: vec!["a".to_owned()],
            ..BulkChange::default()
        };
        let groups = inverse(&tasks, &change);
        let numbers: Vec<Vec<i64>> =
            groups.iter().map(|(_, tasks)| tasks.iter().map(|task| task.number).collect()).collect();
        assert_eq!(numbers, [vec![1, 3], vec![2]], "the fourth was as it is wanted");
        for (back, changed) in groups {
            for after in changed {
                let before = tasks.iter().find(|task| task.id == after.id).unwrap();
                assert_eq!(applied(&after, &back), **before);
            }
        }
    }

    #[test]
    fn what_stands_still_can_go_on_and_what_has_ended_can_not() {
        let tasks = vec![Arc::new(task(1))];
        let back =
            |action| inverse(&tasks, &BulkChange::of(action)).first().and_then(|(back, _)| back.action);
        assert_eq!(back(BulkAction::Pause), Some(BulkAction::Resume));
        assert_eq!(back(BulkAction::Resume), Some(BulkAction::Pause));
        for action in [BulkAction::Start, BulkAction::Cancel, BulkAction::Retry, BulkAction::Delete] {
            assert_eq!(back(action), None, "{action:?}");
        }
    }

    #[test]
    fn a_range_goes_either_way_and_stays_in_its_lane() {
        let ids: Vec<TaskId> = (1..=4).map(|number| task(number).id).collect();
        assert_eq!(between(&ids, ids[1], ids[3]).unwrap(), ids[1..=3]);
        assert_eq!(between(&ids, ids[3], ids[1]).unwrap(), ids[1..=3]);
        assert_eq!(between(&ids, ids[0], task(9).id), None);
    }
}
