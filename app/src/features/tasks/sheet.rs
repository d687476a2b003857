//! What a page of tasks has read, and how it reads on: lanes, counts, and what ended tasks came to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::board::{Board, Column, GLANCES_LIMIT, Glance};
use domain::tasks::{Task, TaskFilter};
use domain::{TaskId, UserId};
use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::board::{TasksOf, count_board, glance_at, read_board, read_list, read_page};
use crate::api::tasks::TaskQuery;
use crate::features::tasks::filter::{Shown, View, says};
use crate::features::tasks::lanes::Lane;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::live::table::Table;
use crate::ui::toast::Toasts;

/// As many tasks as a further page has.
const PAGE: u32 = 100;
/// As many labels as are offered to choose from.
const LABELS: usize = 50;
/// A burst of changes is counted once.
const REST: Duration = Duration::from_millis(800);
/// Tasks that end together are looked at together.
const TOGETHER: Duration = Duration::from_millis(60);

/// What is known of the last execution of a task: asked about at this version of the task.
type Known = (i64, Option<Glance>);

/// The page's own state. From context.
#[derive(Debug, Clone, Copy)]
pub struct Sheet {
    slug: Memo<String>,
    live: Live,
    /// What the lanes were read by. It follows the address once the answer is there.
    pub shown: RwSignal<Shown>,
    pub lanes: RwSignal<Vec<Lane>>,
    me: RwSignal<Option<UserId>>,
    /// What the server found for the words of a search, in texts that the page doesn't hold whole.
    found: RwSignal<HashSet<TaskId>>,
    glances: RwSignal<HashMap<TaskId, Known>>,
    wanted: StoredValue<Vec<(TaskId, i64)>>,
    /// The labels of the tasks that are known here.
    pub labels: Memo<Vec<String>>,
    /// The ids of each lane, as they stand now.
    pub orders: Memo<Vec<Vec<TaskId>>>,
}

/// Reads what the address asks for.
pub async fn load(workspace: String, shown: Shown) -> Result<(Shown, Board), ApiError> {
    let query = TaskQuery { workspace, filter: shown.filter.clone() };
    let board = match shown.view {
        View::Board => read_board(query).await?,
        View::List => read_list(query).await?,
    };
    Ok((shown, board))
}

impl Sheet {
    pub fn new(slug: Memo<String>, live: Live) -> Self {
        let shown = RwSignal::new(Shown::default());
        let lanes = RwSignal::new(Vec::<Lane>::new());
        let (me, found) = (RwSignal::new(None), RwSignal::new(HashSet::new()));
        let orders = Memo::new(move |_| {
            let tasks = held(live, &shown.get(), me.get(), found);
            lanes.with(|lanes| lanes.iter().map(|lane| lane.order(&tasks)).collect())
        });
        let labels = Memo::new(move |_| {
            let known = live.lists.tasks().with(Table::rows);
            let labels: BTreeSet<&String> = known.iter().flat_map(|task| &task.labels).collect();
            labels.into_iter().take(LABELS).cloned().collect()
        });
        let (glances, wanted) = (RwSignal::new(HashMap::new()), StoredValue::new(Vec::new()));
        let sheet = Self { slug, live, shown, lanes, me, found, glances, wanted, labels, orders };
        sheet.count_again();
        sheet
    }

    /// Takes what was read. The rows go to where the feed finds them.
    pub fn take(self, (shown, board): (Shown, Board)) {
        let sort = shown.filter.sort.clone().unwrap_or_else(|| "-created_at".to_owned());
        let midway = shown.filter.cursor.is_some();
        let lanes = board.lanes.iter().map(|lane| Lane::new(lane, &sort, midway)).collect();
        let rows: Vec<Task> = board.lanes.into_iter().flat_map(|lane| lane.items).collect();
        let versions: HashMap<TaskId, i64> = rows.iter().map(|task| (task.id, task.version)).collect();
        self.found.set(rows.iter().map(|task| task.id).collect());
        self.glances.update(|glances| {
            for glance in board.glances {
                let version = versions.get(&glance.task_id).copied().unwrap_or_default();
                glances.insert(glance.task_id, (version, Some(glance)));
            }
        });
        self.live.lists.tasks().update(|table| table.read_anew(rows));
        self.me.set(board.me);
        self.shown.set(shown);
        self.lanes.set(lanes);
    }

    /// The ids of a lane.
    pub fn order(self, index: usize) -> Memo<Vec<TaskId>> {
        Memo::new(move |_| self.orders.with(|orders| orders.get(index).cloned().unwrap_or_default()))
    }

    /// How many tasks a lane has.
    pub fn count(self, index: usize) -> Memo<i64> {
        Memo::new(move |_| {
            let shown = self.orders.with(|orders| orders.get(index).map_or(0, Vec::len));
            self.lanes.with(|lanes| lanes.get(index).map_or(0, |lane| lane.count(shown)))
        })
    }

    /// Where the server's next page of a lane begins.
    pub fn next(self, index: usize) -> Memo<Option<String>> {
        Memo::new(move |_| self.lanes.with(|lanes| lanes.get(index).and_then(|lane| lane.next.clone())))
    }

    /// The filter that a lane is read by.
    fn filter(self, index: usize) -> Option<TaskFilter> {
        let filter = self.shown.try_with_untracked(|shown| shown.filter.clone())?;
        let lane = self.lanes.try_with_untracked(|lanes| lanes.get(index).cloned())??;
        let status = lane.column.map(|column| words(column, filter.status.as_deref()));
        let status = status.or_else(|| filter.status.clone());
        Some(TaskFilter { status, sort: Some(lane.sort), cursor: lane.next, limit: Some(PAGE), ..filter })
    }

    /// Reads the next page of a lane, unless that is under way.
    pub fn more(self, index: usize) {
        let Some(filter) = self.filter(index).filter(|filter| filter.cursor.is_some()) else { return };
        let begun = self.change(index, |lane| !std::mem::replace(&mut lane.reading, true));
        if begun != Some(true) {
            return;
        }
        let toasts = use_context::<Toasts>();
        let cursor = filter.cursor.clone();
        let query = TaskQuery { workspace: self.slug.get_untracked(), filter };
        leptos::task::spawn_local(async move {
            let answer = read_page(query).await;
            match answer {
                Ok(page) => {
                    self.found.try_update(|found| found.extend(page.items.iter().map(|task| task.id)));
                    self.change(index, |lane| {
                        // Somebody may have asked for something else meanwhile.
                        if lane.next == cursor {
                            lane.extend(&page.items, page.next_cursor);
                        }
                    });
                    self.live.lists.tasks().try_update(|table| table.read(page.items));
                }
                Err(error) => {
                    if let Some(toasts) = toasts {
                        toasts.refused(&error);
                    }
                    // A moment's rest, so that a server that refuses isn't asked without end.
                    let rest = move || {
                        self.change(index, |lane| lane.reading = false);
                    };
                    set_timeout(rest, REST * 5);
                }
            }
        });
    }

    fn change<T>(self, index: usize, change: impl FnOnce(&mut Lane) -> T) -> Option<T> {
        self.lanes.try_update(|lanes| lanes.get_mut(index).map(change)).flatten()
    }

    /// Counts again shortly after tasks have changed, where a lane is not read to its end.
    fn count_again(self) {
        let waiting = StoredValue::new(false);
        let tasks = self.live.lists.tasks();
        Effect::new(move |ran: Option<()>| {
            tasks.track();
            let partial = self.lanes.with_untracked(|lanes| lanes.iter().any(|lane| lane.next.is_some()));
            if ran.is_none() || !partial || waiting.try_get_value().unwrap_or(true) {
                return;
            }
            waiting.set_value(true);
            set_timeout(
                move || {
                    waiting.try_set_value(false);
                    self.ask_counts();
                },
                REST,
            );
        });
    }

    fn ask_counts(self) {
        let Some(filter) = self.shown.try_with_untracked(|shown| shown.filter.clone()) else { return };
        let query = TaskQuery { workspace: self.slug.get_untracked(), filter };
        leptos::task::spawn_local(async move {
            // A count that fails leaves the last one; the next change counts again.
            let Ok(totals) = count_board(query).await else { return };
            let all: i64 = totals.iter().map(|(_, total)| total).sum();
            self.lanes.try_update(|lanes| {
                for lane in lanes {
                    let own = totals.iter().find(|(column, _)| Some(*column) == lane.column);
                    lane.total = own.map_or(all, |(_, total)| *total);
                }
            });
        });
    }

    /// What the last execution of a task came to, as far as it is known.
    pub fn glance(self, id: TaskId) -> Option<Glance> {
        self.glances.with(|glances| glances.get(&id).and_then(|(_, glance)| glance.clone()))
    }

    /// Asks what a task came to, once for every version of it. Called from effects.
    pub fn ask_glance(self, id: TaskId, version: i64) {
        let known = self.glances.with_untracked(|glances| glances.get(&id).map(|(at, _)| *at));
        if known.is_some_and(|at| at >= version) {
            return;
        }
        let first = self.wanted.try_update_value(|wanted| {
            wanted.push((id, version));
            wanted.len() == 1
        });
        if first == Some(true) {
            set_timeout(move || self.look(), TOGETHER);
        }
    }

    fn look(self) {
        let wanted: HashMap<TaskId, i64> =
            self.wanted.try_update_value(std::mem::take).unwrap_or_default().into_iter().collect();
        let ids: Vec<TaskId> = wanted.keys().copied().take(GLANCES_LIMIT).collect();
        let query = TasksOf { workspace: self.slug.get_untracked(), ids: ids.clone() };
        leptos::task::spawn_local(async move {
            let found = glance_at(query).await.unwrap_or_default();
            self.glances.try_update(|glances| {
                for id in ids {
                    let glance = found.iter().find(|glance| glance.task_id == id).cloned();
                    glances.insert(id, (wanted.get(&id).copied().unwrap_or_default(), glance));
                }
            });
        });
    }
}

/// The statuses of a column as a filter names them.
pub fn words(column: Column, wanted: Option<&str>) -> String {
    column.statuses(wanted).iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",")
}

/// The tasks that the page asks for, of those that are known.
fn held(live: Live, shown: &Shown, me: Option<UserId>, found: RwSignal<HashSet<TaskId>>) -> Vec<Arc<Task>> {
    let named = shown.filter.repository.as_deref();
    let repositories = named.map(|_| live.lists.repositories().with(Table::rows)).unwrap_or_default();
    let mut tasks = live.lists.tasks().with(Table::rows);
    tasks.retain(|task| {
        let repository = repositories.iter().find(|repository| Some(repository.id) == task.repository_id);
        shown.holds(task, repository.map(AsRef::as_ref), me)
    });
    if let Some(words) = shown.filter.q.as_deref() {
        found.with(|found| tasks.retain(|task| found.contains(&task.id) || says(task, words)));
    }
    tasks
}
