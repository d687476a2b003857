//! The live log. It holds what the page has read, draws only the lines in sight, and follows the end
//! until somebody scrolls away from it.

use std::sync::Arc;

use domain::ExecutionId;
use domain::executions::{EventBody, EventPage, Execution, ExecutionEvent};
use domain::tasks::{Task, TaskStatus};
use leptos::html;
use leptos::prelude::*;

use super::transcript::{Line, MOST_LINES, Taken, Transcript};
use crate::api::ApiError;
use crate::api::executions::{EVENTS_LIMIT, EventQuery, list_events};
use crate::features::place;
use crate::live::connection;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::document;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;

/// The height of a row in `log.css`, in pixels.
const ROW: i32 = 20;
/// Rows drawn beyond what is in sight, in either direction.
const BEYOND: usize = 40;
/// Rows drawn before the browser knows how many are in sight.
const FIRST: usize = 400;
/// This near to the end counts as being there.
const NEAR: i32 = 3 * ROW;

/// A run's events as they were read: those after a place, or why not.
pub type Read = Result<Page, ApiError>;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Page {
    pub execution: ExecutionId,
    /// The place before the first event.
    pub before: i64,
    pub events: EventPage,
}

/// The last page of a run's events.
pub async fn read(workspace: String, id: ExecutionId, last: i64) -> Read {
    let before = (last - i64::from(EVENTS_LIMIT)).max(0);
    let events = list_events(EventQuery { workspace, id, after: before, limit: EVENTS_LIMIT }).await?;
    Ok(Page { execution: id, before, events })
}

/// The log of the chosen run; a place that says what will be there where nothing has run.
#[component]
pub fn LogPanel(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    first: Option<Read>,
) -> impl IntoView {
    let slug = place::slug();
    let chosen = Memo::new(move |_| execution.get().map(|execution| execution.id));
    let shown = RwSignal::new(first);
    Effect::new(move |before: Option<Option<ExecutionId>>| {
        let now = chosen.get();
        if let (Some(id), Some(before)) = (now, before)
            && before != now
        {
            let last = execution.get_untracked().map_or(0, |execution| execution.last_seq);
            leptos::task::spawn_local(async move {
                let read = read(slug.get_untracked(), id, last).await;
                shown.try_set(Some(read));
            });
        }
        now
    });
    view! {
        <section class="log-panel" aria-label=strings().room.log>
            {move || match shown.get() {
                Some(Ok(page)) => view! { <Log page/> }.into_any(),
                Some(Err(error)) => view! { <div class="log-empty"><Problem error/></div> }.into_any(),
                None => view! { <NotRun task/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NotRun(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = &strings().room;
    view! {
        <div class="log-empty">
            <h3>{words.not_started}</h3>
            {move || (task.get().status == TaskStatus::Draft).then(|| view! { <p>{words.not_started_hint}</p> })}
        </div>
    }
}

/// Which lines are drawn: from here, so many.
type Window = (usize, usize);

#[derive(Debug, Clone, Copy)]
struct Scroll {
    transcript: RwSignal<Transcript>,
    window: RwSignal<Window>,
    following: RwSignal<bool>,
    view: NodeRef<html::Div>,
    list: NodeRef<html::Ol>,
}

#[component]
fn Log(page: Page) -> impl IntoView {
    let Page { execution: id, before, events } = page;
    let words = strings();
    let transcript = RwSignal::new(Transcript::of(before, &events.items, words));
    let count = transcript.with_untracked(Transcript::len);
    let scroll = Scroll {
        transcript,
        window: RwSignal::new((count.saturating_sub(FIRST), FIRST)),
        following: RwSignal::new(true),
        view: NodeRef::new(),
        list: NodeRef::new(),
    };
    follow_feed(id, scroll);
    keep_in_place(scroll);
    let lines = Memo::new(move |_| {
        let (start, count) = scroll.window.get();
        transcript.with(|transcript| {
            (start..(start + count).min(transcript.len()))
                .filter_map(|index| Some((index, transcript.number(index), transcript.line(index)?.clone())))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Tools id scroll/>
        <div class="log" tabindex="0" role="log" aria-label=words.room.log_label node_ref=scroll.view
            on:scroll=move |_| scrolled(scroll)>
            <ol node_ref=scroll.list>
                <For each=move || lines.get() key=|(index, _, line)| (*index, line.text.len()) let((_index, number, line))>
                    <Row number line/>
                </For>
            </ol>
            {move || transcript.with(Transcript::is_empty).then(|| view! { <p class="log-empty">{nothing(&transcript)}</p> })}
        </div>
        <Jump scroll/>
    }
}

fn nothing(transcript: &RwSignal<Transcript>) -> &'static str {
    let words = &strings().room;
    if transcript.with(Transcript::is_finished) { words.no_output } else { words.waiting_output }
}

#[component]
fn Row(number: Option<usize>, line: Line) -> impl IntoView {
    let words = &strings().room;
    let cut = line.cut.then(|| view! { <span class="dim">" … " {words.cut}</span> });
    let stderr = (line.kind == super::transcript::Kind::Stderr)
        .then(|| view! { <span class="visually-hidden">{words.stderr} ": "</span> });
    view! {
        <li class="log-row" data-kind=line.kind.as_str() data-tone=line.tone.as_str()>
            <span class="no" aria-hidden="true">{number}</span>
            <span class="text">{stderr} {line.text} {cut}</span>
        </li>
    }
}

/// Hears the run's events. They come in bursts: each burst is drawn once.
fn follow_feed(id: ExecutionId, scroll: Scroll) {
    let waiting = StoredValue::new(Vec::<ExecutionEvent>::new());
    let last = move || {
        let held = scroll.transcript.try_with_untracked(Transcript::last_seq).unwrap_or_default();
        waiting
            .try_with_value(|waiting| waiting.last().map(|event| event.seq))
            .flatten()
            .unwrap_or(held)
            .max(held)
    };
    let flush = move || {
        let events = waiting.try_update_value(std::mem::take).unwrap_or_default();
        let gap = scroll
            .transcript
            .try_update(|transcript| events.iter().any(|event| transcript.append(event) == Taken::Gap));
        if gap == Some(true) {
            connection::rewind(id);
        }
    };
    Effect::new(move |_| {
        connection::watch(id, last, move |event| {
            let first = waiting.try_update_value(|waiting| {
                waiting.push(event);
                waiting.len() == 1
            });
            if first == Some(true) {
                set_timeout(flush, std::time::Duration::from_millis(50));
            }
        });
    });
    on_cleanup(move || connection::unwatch(id));
}

/// After each change: room above and below for the lines that are not drawn, and the end in sight while following.
fn keep_in_place(scroll: Scroll) {
    Effect::new(move |_| {
        let count = scroll.transcript.with(Transcript::len);
        let following = scroll.following.get();
        let (start, drawn) = scroll.window.get();
        let in_sight = rows_in_sight(scroll);
        if following && start + drawn < count {
            scroll.window.set((count.saturating_sub(in_sight + 2 * BEYOND), in_sight + 2 * BEYOND));
            return;
        }
        let after = count.saturating_sub(start + drawn);
        document::pad(scroll.list, pixels(start), pixels(after));
        if following {
            document::scroll_to_end(scroll.view);
        }
    });
}

fn scrolled(scroll: Scroll) {
    let Some(view) = scroll.view.get_untracked() else {
        return;
    };
    let (top, height, whole) = (view.scroll_top(), view.client_height(), view.scroll_height());
    let at_end = top + height + NEAR >= whole;
    if scroll.following.get_untracked() != at_end {
        scroll.following.set(at_end);
    }
    let first = usize::try_from(top / ROW).unwrap_or_default().saturating_sub(BEYOND);
    let wanted = (first, rows_in_sight(scroll) + 2 * BEYOND);
    let (start, _) = scroll.window.get_untracked();
    // Moving the window by every line would redraw all the time.
    if !at_end && start.abs_diff(first) > BEYOND / 2 {
        scroll.window.set(wanted);
    }
}

fn rows_in_sight(scroll: Scroll) -> usize {
    let height = scroll.view.get_untracked().map_or(0, |view| view.client_height());
    usize::try_from(height / ROW).unwrap_or_default().max(20)
}

fn pixels(rows: usize) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX / ROW).saturating_mul(ROW)
}

#[component]
fn Tools(id: ExecutionId, scroll: Scroll) -> impl IntoView {
    let words = strings();
    let slug = place::slug();
    let toasts = expect_context::<Toasts>();
    let lines = move || scroll.transcript.with(Transcript::len);
    let copy = Callback::new(move |()| {
        let text = scroll.transcript.with_untracked(Transcript::text);
        document::copy(&text, move || toasts.done(strings().common.copied));
    });
    let follow = Callback::new(move |()| scroll.following.update(|following| *following = !*following));
    let download = Callback::new(move |()| {
        let workspace = slug.get_untracked();
        let last = scroll.transcript.with_untracked(Transcript::last_seq);
        leptos::task::spawn_local(async move {
            match read_through(workspace, id, 0, last).await {
                Ok(events) => document::save("output.log", &output(&events)),
                Err(error) => toasts.refused(&error),
            }
        });
    });
    let label = move || {
        if scroll.following.get() { words.room.following } else { words.room.follow }
    };
    view! {
        <div class="log-tools">
            <span>{lines} " " {words.room.lines}</span>
            <Earlier id scroll/>
            <span class="push">
                <Button variant=Variant::Quiet size=Size::Small on_press=follow>
                    <Icon glyph=Glyph::ChevronDown/> <span>{label}</span>
                </Button>
                <Button variant=Variant::Quiet size=Size::Small on_press=copy>
                    <Icon glyph=Glyph::Copy/> {words.room.copy_log}
                </Button>
                <Button variant=Variant::Quiet size=Size::Small on_press=download>
                    <Icon glyph=Glyph::Download/> {words.room.download}
                </Button>
            </span>
        </div>
    }
}

/// Reads the page of events before the first one held.
#[component]
fn Earlier(id: ExecutionId, scroll: Scroll) -> impl IntoView {
    let words = &strings().room;
    let slug = place::slug();
    let toasts = expect_context::<Toasts>();
    let earlier = move || scroll.transcript.with(Transcript::has_earlier);
    let full = move || scroll.transcript.with(|transcript| transcript.len() >= MOST_LINES);
    let read = Callback::new(move |()| {
        let words = strings();
        let workspace = slug.get_untracked();
        let (before, last) = scroll.transcript.with_untracked(|held| (held.before(), held.last_seq()));
        let from = (before - i64::from(EVENTS_LIMIT)).max(0);
        scroll.following.set(false);
        leptos::task::spawn_local(async move {
            match read_through(workspace, id, from, last).await {
                Ok(events) => {
                    let longer = Transcript::of(from, &events, words);
                    scroll.transcript.try_set(longer);
                }
                Err(error) => toasts.refused(&error),
            }
        });
    });
    move || match (earlier(), full()) {
        (false, _) => ().into_any(),
        (true, true) => view! { <span>{words.too_long}</span> }.into_any(),
        (true, false) => {
            view! { <Button variant=Variant::Quiet size=Size::Small on_press=read>{words.earlier}</Button> }
                .into_any()
        }
    }
}

/// Every event between two places. Bounded by what a page may hold.
async fn read_through(
    workspace: String,
    id: ExecutionId,
    from: i64,
    last: i64,
) -> Result<Vec<ExecutionEvent>, ApiError> {
    let mut events = Vec::new();
    let mut after = from;
    while after < last && events.len() < MOST_LINES {
        let query = EventQuery { workspace: workspace.clone(), id, after, limit: EVENTS_LIMIT };
        let page = list_events(query).await?;
        if page.items.is_empty() {
            break;
        }
        after = page.next_after;
        events.extend(page.items);
    }
    Ok(events)
}

/// What the run printed, whole and uncut.
fn output(events: &[ExecutionEvent]) -> String {
    let pieces = events.iter().filter_map(|event| match &event.body {
        EventBody::ToolOutput { text, .. } => Some(text.as_str()),
        _ => None,
    });
    pieces.collect()
}

#[component]
fn Jump(scroll: Scroll) -> impl IntoView {
    let jump = Callback::new(move |()| {
        scroll.following.set(true);
        document::scroll_to_end(scroll.view);
    });
    move || {
        (!scroll.following.get()).then(|| {
            view! {
                <span class="log-jump">
                    <Button on_press=jump><Icon glyph=Glyph::ChevronDown/> {strings().room.jump}</Button>
                </span>
            }
        })
    }
}
