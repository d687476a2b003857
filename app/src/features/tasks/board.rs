//! The board: what waits, what runs, what needs somebody, what is done.

use std::sync::Arc;

use domain::TaskId;
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::card::Card;
use crate::features::tasks::filter::Shown;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::live::table::Table;
use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::empty::Empty;
use crate::ui::icon::Glyph;
use crate::ui::status::Dot;

/// What the first columns and the last one ask the server for.
pub(super) const OPEN: &str = "draft,queued,running,paused,waiting";
pub(super) const ENDED: &str = "completed,failed,cancelled";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Draft,
    Queued,
    Running,
    NeedsYou,
    Done,
}

impl Column {
    const ALL: [Self; 5] = [Self::Draft, Self::Queued, Self::Running, Self::NeedsYou, Self::Done];

    fn of(status: TaskStatus) -> Self {
        match status {
            TaskStatus::Draft => Self::Draft,
            TaskStatus::Queued => Self::Queued,
            TaskStatus::Running => Self::Running,
            TaskStatus::Paused | TaskStatus::Waiting => Self::NeedsYou,
            TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled => Self::Done,
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Draft | Self::Queued => Tone::Idle,
            Self::Running => Tone::Run,
            Self::NeedsYou => Tone::Wait,
            Self::Done => Tone::Good,
        }
    }

    /// Its name, and what it says while it is empty.
    fn words(self) -> (&'static str, &'static str) {
        let words = &strings().tasks;
        match self {
            Self::Draft => (words.column_draft, ""),
            Self::Queued => (words.column_queued, words.nothing_queued),
            Self::Running => (words.column_running, words.nothing_running),
            Self::NeedsYou => (words.column_needs, words.nothing_needs),
            Self::Done => (words.column_done, words.nothing_done),
        }
    }

    /// The order in it: what comes next stands first.
    fn sort(self, tasks: &mut [Arc<Task>]) {
        match self {
            Self::Queued => tasks.sort_by_key(|task| (std::cmp::Reverse(task.priority), task.number)),
            Self::Draft => tasks.sort_by_key(|task| std::cmp::Reverse(task.number)),
            Self::Running | Self::NeedsYou | Self::Done => {
                tasks.sort_by_key(|task| (std::cmp::Reverse(task.updated_at), task.number));
            }
        }
    }
}

/// The tasks that the page asks for, as they are now.
pub(super) fn shown_tasks(shown: Memo<Shown>) -> Memo<Vec<Arc<Task>>> {
    let live = expect_context::<Live>();
    Memo::new(move |_| {
        let shown = shown.get();
        let repositories = live.lists.repositories().with(Table::rows);
        let mut tasks = live.lists.tasks().with(Table::rows);
        tasks.retain(|task| {
            let repository = repositories.iter().find(|repository| Some(repository.id) == task.repository_id);
            shown.holds(task, repository.map(AsRef::as_ref))
        });
        tasks
    })
}

#[component]
pub fn Board(shown: Memo<Shown>) -> impl IntoView {
    let tasks = shown_tasks(shown);
    let empty = Memo::new(move |_| tasks.with(Vec::is_empty));
    let filtered = Memo::new(move |_| shown.with(Shown::is_filtered));
    let has_drafts =
        Memo::new(move |_| tasks.with(|tasks| tasks.iter().any(|task| task.status == TaskStatus::Draft)));
    move || {
        if empty.get() {
            return view! { <div class="content"><NoTasks filtered=filtered.get()/></div> }.into_any();
        }
        view! {
            <div class="board">
                {move || has_drafts.get().then(|| view! { <ColumnView column=Column::Draft tasks/> })}
                {Column::ALL
                    .into_iter()
                    .filter(|column| *column != Column::Draft)
                    .map(|column| view! { <ColumnView column tasks/> })
                    .collect_view()}
            </div>
        }
        .into_any()
    }
}

#[component]
fn ColumnView(column: Column, tasks: Memo<Vec<Arc<Task>>>) -> impl IntoView {
    let (name, hint) = column.words();
    let ids = Memo::new(move |_| {
        let mut held: Vec<Arc<Task>> = tasks
            .with(|tasks| tasks.iter().filter(|task| Column::of(task.status) == column).cloned().collect());
        column.sort(&mut held);
        held.iter().map(|task| task.id).collect::<Vec<TaskId>>()
    });
    let count = move || ids.with(Vec::len);
    view! {
        <section class="column" aria-label=name>
            <header><Dot tone=column.tone()/> <h2>{name}</h2> <span class="n">{count}</span></header>
            <ol>
                <For each=move || ids.get() key=|id| *id let:id>
                    <Card id/>
                </For>
            </ol>
            {move || ids.with(Vec::is_empty).then(|| view! { <p class="nothing">{hint}</p> })}
        </section>
    }
}

/// No task at all, or none that the filters let through.
#[component]
pub fn NoTasks(filtered: bool) -> impl IntoView {
    let words = &strings().tasks;
    if filtered {
        return view! {
            <Empty glyph=Glyph::Search title=words.no_match text=words.no_match_hint>
                <ButtonLink href=place::path("/tasks")>{words.clear}</ButtonLink>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty glyph=Glyph::Board title=words.no_tasks text=words.no_tasks_hint>
            <ButtonLink href=place::path("/tasks/new") variant=Variant::Primary>{words.new_task}</ButtonLink>
            <ButtonLink href=place::path("/repositories/new")>{strings().repositories.add}</ButtonLink>
        </Empty>
    }
    .into_any()
}
