//! The board: what waits, what runs, what needs somebody, what is done.

use domain::board::{Column, FIRST_PAGE};
use leptos::html;
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::card::Card;
use crate::features::tasks::filter::{Shown, View};
use crate::features::tasks::hands::Hands;
use crate::features::tasks::sheet::{Sheet, words};
use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::document;
use crate::ui::empty::Empty;
use crate::ui::icon::Glyph;
use crate::ui::status::Dot;
use crate::ui::windowed::Windowed;

pub(super) fn tone(column: Column) -> Tone {
    match column {
        Column::Draft | Column::Queued => Tone::Idle,
        Column::Running => Tone::Run,
        Column::NeedsYou => Tone::Wait,
        Column::Done => Tone::Good,
    }
}

/// A column's name, and what it says while it is empty.
pub(super) fn column_words(column: Column) -> (&'static str, &'static str) {
    let words = &strings().tasks;
    match column {
        Column::Draft => (words.column_draft, words.nothing_draft),
        Column::Queued => (words.column_queued, words.nothing_queued),
        Column::Running => (words.column_running, words.nothing_running),
        Column::NeedsYou => (words.column_needs, words.nothing_needs),
        Column::Done => (words.column_done, words.nothing_done),
    }
}

#[component]
pub fn Board() -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let empty = Memo::new(move |_| sheet.orders.with(|orders| orders.iter().all(Vec::is_empty)));
    let filtered = Memo::new(move |_| sheet.shown.with(Shown::is_filtered));
    move || {
        if empty.get() {
            view! { <div class="content"><NoTasks filtered=filtered.get()/></div> }.into_any()
        } else {
            view! { <Columns/> }.into_any()
        }
    }
}

/// The columns that the filter leaves, and on a phone the way between them.
#[component]
fn Columns() -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let element = NodeRef::<html::Div>::new();
    let here = RwSignal::new(0_usize);
    let drafts = sheet.count(0);
    let shown = Memo::new(move |_| {
        let status = sheet.shown.with(|shown| shown.filter.status.clone());
        let mut columns: Vec<(usize, Column)> = Column::ALL.into_iter().enumerate().collect();
        columns.retain(|(_, column)| !column.statuses(status.as_deref()).is_empty());
        // Drafts are somebody's own doing: where there are none the column says nothing.
        columns.retain(|(_, column)| *column != Column::Draft || drafts.get() > 0);
        columns
    });
    element.on_load(move |_| begin_with_work(sheet, shown, element));
    view! {
        <Switcher shown here/>
        <div class="board" node_ref=element on:scroll=move |_| here.set(document::nearest_child(element))>
            <For each=move || shown.get() key=|(index, _)| *index let((index, column))>
                <ColumnView index column/>
            </For>
        </div>
    }
}

/// On a phone one column is in sight: the first that has something in it.
fn begin_with_work(sheet: Sheet, shown: Memo<Vec<(usize, Column)>>, board: NodeRef<html::Div>) {
    if document::is_narrow() {
        let first = sheet.orders.with_untracked(|orders| {
            let has_work = |index: &usize| orders.get(*index).is_some_and(|order| !order.is_empty());
            shown.with_untracked(|shown| shown.iter().position(|(index, _)| has_work(index)))
        });
        document::show_child(board, first.unwrap_or_default());
    }
}

/// The columns by name and count, for a phone. Each is a link to its column, also without script.
#[component]
fn Switcher(shown: Memo<Vec<(usize, Column)>>, here: RwSignal<usize>) -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    view! {
        <nav class="switcher phone-only" aria-label=strings().tasks.columns>
            <For each=move || shown.get() key=|(index, _)| *index let((index, column))>
                <a href=format!("#column-{}", column.as_str()) rel="external"
                    aria-current=move || {
                        let at = shown.with(|shown| shown.iter().position(|(other, _)| *other == index));
                        (at == Some(here.get())).then_some("true")
                    }>
                    {column_words(column).0} <span class="n">{sheet.count(index)}</span>
                </a>
            </For>
        </nav>
    }
}

#[component]
fn ColumnView(index: usize, column: Column) -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let hands = expect_context::<Hands>();
    let (name, hint) = column_words(column);
    let ids = sheet.order(index);
    let count = sheet.count(index);
    let nothing = Memo::new(move |_| ids.with(Vec::is_empty));
    view! {
        <section class="column" data-drop=move || hands.takes(column) id=format!("column-{}", column.as_str()) data-column=column.as_str() aria-label=name>
            <header><Dot tone=tone(column)/> <h2>{name}</h2> <span class="n">{count}</span></header>
            <Windowed ids row=|id| view! { <Card id/> } first=FIRST_PAGE as usize
                near_end=Callback::new(move |()| sheet.more(index))>
                {move || nothing.get().then(|| view! { <p class="nothing">{hint}</p> })}
                <More index column/>
            </Windowed>
        </section>
    }
}

/// The way to the rest of a column: by scrolling, and without script by the list.
#[component]
fn More(index: usize, column: Column) -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let next = sheet.next(index);
    let count = sheet.count(index);
    let path = place::path("/tasks");
    let href = Signal::derive(move || {
        let mut list = sheet.shown.get().begin();
        list.view = View::List;
        list.filter.status = Some(words(column, list.filter.status.as_deref()));
        list.filter.sort = Some(column.sort().to_owned());
        format!("{}{}", path.get(), list.query())
    });
    move || {
        next.get().is_some().then(|| {
            view! {
                <p class="more">
                    <ButtonLink href variant=Variant::Quiet>{strings().tasks.show_all} " " {count}</ButtonLink>
                </p>
            }
        })
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
