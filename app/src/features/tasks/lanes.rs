//! The lanes of a page of tasks: five columns, or one list. Each knows how far it has been read, so that what lies
//! beyond is neither shown out of its order nor passed over. Pure.

use std::sync::Arc;

use domain::TaskId;
use domain::board::{Column, Lane as Read};
use domain::tasks::{Priority, Task};

/// A task's place in an order; the smaller stands first. Ties are told apart by id, as the server does.
pub type Place = (i64, u128);

/// The place of a task by a sort of the contract.
pub fn place(sort: &str, task: &Task) -> Place {
    let (key, descending) = sort.strip_prefix('-').map_or((sort, false), |key| (key, true));
    let (value, descending) = match key {
        "updated_at" => (task.updated_at.timestamp_micros(), descending),
        "number" => (task.number, descending),
        // The server orders by the place in the queue, where the most urgent has the least.
        "priority" => (rank(task.priority), !descending),
        _ => (task.created_at.timestamp_micros(), descending),
    };
    let id = task.id.0.as_u128();
    if descending { (-value, !id) } else { (value, id) }
}

fn rank(priority: Priority) -> i64 {
    match priority {
        Priority::Urgent => 0,
        Priority::High => 1,
        Priority::Normal => 2,
        Priority::Low => 3,
    }
}

/// One lane: what it shows, and how far it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// `None` for the list.
    pub column: Option<Column>,
    pub sort: String,
    /// Where the server's next page begins. `None` once all is read.
    pub next: Option<String>,
    /// The first place of a list that begins in the middle.
    from: Option<Place>,
    /// The last place that has been read.
    to: Option<Place>,
    /// As many as the server has counted.
    pub total: i64,
    /// The next page is under way.
    pub reading: bool,
}

impl Lane {
    /// A lane as the server gave it. `midway` where it does not begin at the beginning.
    pub fn new(read: &Read, sort: &str, midway: bool) -> Self {
        let sort = read.column.map_or(sort, |column| column.sort()).to_owned();
        let first = read.items.first().filter(|_| midway).map(|task| place(&sort, task));
        let last = read.items.last().map(|task| place(&sort, task));
        Self {
            column: read.column,
            next: read.next_cursor.clone(),
            from: first,
            to: last,
            total: read.total,
            reading: false,
            sort,
        }
    }

    /// The next page has come.
    pub fn extend(&mut self, items: &[Task], next: Option<String>) {
        self.to = items.last().map(|task| place(&self.sort, task)).max(self.to);
        self.next = next;
        self.reading = false;
    }

    /// Whether a task stands in it, as far as it has been read.
    fn holds(&self, task: &Task) -> bool {
        if self.column.is_some_and(|column| column != Column::of(task.status)) {
            return false;
        }
        let place = place(&self.sort, task);
        self.from.is_none_or(|from| from <= place)
            && (self.next.is_none() || self.to.is_none_or(|to| place <= to))
    }

    /// The ids of those tasks that stand in it, in its order.
    pub fn order(&self, tasks: &[Arc<Task>]) -> Vec<TaskId> {
        let held = tasks.iter().filter(|task| self.holds(task));
        let mut held: Vec<(Place, TaskId)> = held.map(|task| (place(&self.sort, task), task.id)).collect();
        held.sort_unstable();
        held.into_iter().map(|(_, id)| id).collect()
    }

    /// How many there are: exact where all is read, else as the server has counted.
    pub fn count(&self, shown: usize) -> i64 {
        let shown = i64::try_from(shown).unwrap_or(i64::MAX);
        if self.next.is_none() && self.from.is_none() { shown } else { self.total.max(shown) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
