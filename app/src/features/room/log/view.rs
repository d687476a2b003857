//! Drawing the log: rows in sight, following the end until somebody scrolls away from it.

use domain::ExecutionId;
use domain::executions::{EventBody, ExecutionEvent};
use leptos::html;
use leptos::prelude::*;

use super::Page;
use super::find::Find;
use super::folds::Folds;
use super::geometry::{BEYOND, Geometry, Window};
use super::held::{GoesOn, Held, PAGE, Taken};
use super::row::{Row, Shown};
use super::tools::tools;
use crate::api::executions::{ExecutionAt, LogQuery, list_commands, read_log};
use crate::features::place;
use crate::features::room::now;
use crate::live::connection;
use crate::strings::strings;
use crate::ui::button::Button;
use crate::ui::document;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;

/// A page that did not come is asked for so often in a row; another scroll begins anew.
const MOST_TIMES: u8 = 5;

/// The log's state on this page, shared by its parts.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub id: ExecutionId,
    pub held: RwSignal<Held>,
    pub folds: RwSignal<Folds>,
    pub following: RwSignal<bool>,
    /// The line that the address names.
    pub marked: RwSignal<Option<i64>>,
    pub slug: Memo<String>,
    window: RwSignal<Window>,
    fetching: StoredValue<bool>,
    /// The page that was asked for last, and how often in a row.
    asked: StoredValue<(i64, u8)>,
    outer: NodeRef<html::Div>,
    list: NodeRef<html::Ol>,
}

impl View {
    fn of(page: Page) -> Self {
        let Page { execution: id, line, lines } = page;
        let held = Held::of(lines);
        let (first, last) = held.run();
        Self {
            id,
            held: RwSignal::new(held),
            folds: RwSignal::new(Folds::default()),
            following: RwSignal::new(line == 0),
            marked: RwSignal::new((line > 0).then_some(line)),
            slug: place::slug(),
            window: RwSignal::new((first - 1, last - first + 1)),
            fetching: StoredValue::new(false),
            asked: StoredValue::new((0, 0)),
            outer: NodeRef::new(),
            list: NodeRef::new(),
        }
    }

    fn geometry(self) -> Geometry {
        let lines = self.held.with(Held::count);
        let rows = self.folds.with(|folds| folds.rows(lines));
        let height = self.outer.get_untracked().map_or(0, |view| view.client_height());
        Geometry { rows, height }
    }

    fn scrolled(self) -> i32 {
        self.outer.get_untracked().map_or(0, |view| view.scroll_top())
    }

    /// The first line in sight.
    pub fn top_line(self) -> i64 {
        let row = untrack(|| self.geometry().row_at(self.scrolled()));
        self.folds.with_untracked(|folds| folds.line_at(row))
    }

    /// Brings a line into sight and marks it.
    pub fn go_to(self, line: i64) {
        let line = line.clamp(1, self.held.with_untracked(Held::count).max(1));
        self.following.set(false);
        self.marked.set(Some(line));
        self.held.with_untracked(|held| self.folds.update(|folds| folds.reveal(line, held.commands())));
        let row = self.folds.with_untracked(|folds| folds.row_of(line));
        let geometry = untrack(|| self.geometry());
        let scrolled = geometry.scroll_to(row);
        self.window.set(geometry.window(scrolled));
        // The room for the rows is there once the effects of this have run.
        request_animation_frame(move || {
            if let Some(view) = self.outer.try_get_untracked().flatten() {
                view.set_scroll_top(scrolled);
            }
        });
    }

    /// Brings a line to the top again, after rows before it came or went.
    pub fn show_top(self, line: i64) {
        let marked = self.marked.get_untracked();
        self.go_to(line);
        self.marked.set(marked);
    }

    pub fn go_to_end(self) {
        self.following.set(true);
        self.window.set(untrack(|| self.geometry()).last_window());
        document::scroll_to_end(self.outer);
    }

    fn on_scroll(self) {
        let (geometry, scrolled) = (untrack(|| self.geometry()), self.scrolled());
        let at_end = geometry.is_at_end(scrolled);
        if self.following.get_untracked() != at_end {
            self.following.set(at_end);
        }
        self.asked.set_value((0, 0));
        let wanted = geometry.window(scrolled);
        let (start, _) = self.window.get_untracked();
        // Moving the window by every row would draw all the time.
        if start.abs_diff(wanted.0) > BEYOND.unsigned_abs() / 2 || wanted.0 == 0 && start != 0 {
            self.window.set(wanted);
        } else if geometry.is_scaled() {
            self.make_room(geometry);
        }
    }

    /// Room above and below for the rows that are not drawn.
    fn make_room(self, geometry: Geometry) {
        let (before, after) = geometry.padding(self.window.get_untracked(), self.scrolled());
        document::pad(self.list, before, after);
    }

    /// The first page that a row in sight needs and that is not held.
    fn missing(self) -> Option<i64> {
        let (start, count) = self.window.get();
        let rows = self.geometry().rows;
        self.held.with(|held| {
            let lines =
                (start..(start + count).min(rows)).map(|row| self.folds.with(|folds| folds.line_at(row)));
            lines.into_iter().find_map(|line| held.missing(line, line))
        })
    }

    /// Whether to ask for a page: a server that never gives it must not be asked without end.
    fn may_ask(self, line: i64) -> bool {
        let (last, times) = self.asked.get_value();
        let times = if last == line { times.saturating_add(1) } else { 0 };
        self.asked.set_value((line, times));
        times < MOST_TIMES
    }

    fn rows(self, sought: Option<String>) -> Vec<Shown> {
        let (start, count) = self.window.get();
        let rows = self.geometry().rows;
        let marked = self.marked.get();
        self.held.with(|held| {
            self.folds.with(|folds| {
                let shown = |row| {
                    let number = folds.line_at(row);
                    let line = held.line(number).cloned();
                    let command = line.as_ref().and_then(|line| match line.body {
                        EventBody::Tool { command, .. } => {
                            held.commands().iter().find(|known| known.command == command).cloned()
                        }
                        _ => None,
                    });
                    let folded = command.as_ref().is_some_and(|command| folds.has(command.command));
                    let sought = sought.clone();
                    Shown { number, line, command, folded, marked: marked == Some(number), sought }
                };
                (start..(start + count).min(rows)).map(shown).collect()
            })
        })
    }
}

#[component]
pub fn Log(page: Page) -> impl IntoView {
    let words = strings();
    let view = View::of(page);
    let find = Find::new(view);
    hear(view);
    keep_in_place(view);
    fetch(view, expect_context::<Toasts>());
    know_commands(view);
    follow_address(view);
    let rows = Memo::new(move |_| view.rows(find.sought()));
    let fold = Callback::new(move |command| {
        view.following.set(false);
        view.held.with_untracked(|held| view.folds.update(|folds| folds.toggle(command, held.commands())));
    });
    let mark = Callback::new(move |line: i64| {
        view.marked.set(Some(line));
        document::show_hash(&format!("#L{line}"));
    });
    let empty = move || view.held.with(|held| held.count() == 0);
    // Their chunk came with the page's.
    let tools = now(tools(Some((view, find))));
    view! {
        {tools}
        <div class="log" tabindex="0" role="log" aria-label=words.room.log_label node_ref=view.outer
            on:scroll=move |_| view.on_scroll()>
            <ol node_ref=view.list>
                <For each=move || rows.get() key=Shown::key let(shown)>
                    <Row shown fold mark/>
                </For>
            </ol>
            {move || empty().then(|| view! { <p class="log-empty">{nothing(view)}</p> })}
        </div>
        <Jump view/>
    }
}

fn nothing(view: View) -> &'static str {
    let words = &strings().room;
    if view.held.with(Held::is_finished) { words.no_output } else { words.waiting_output }
}

/// Hears the run's events. They come in bursts: each burst is drawn once.
fn hear(view: View) {
    let waiting = StoredValue::new(Vec::<ExecutionEvent>::new());
    let last = move || view.held.try_with_untracked(Held::last_seq).unwrap_or_default();
    let flush = move || {
        let events = waiting.try_update_value(std::mem::take).unwrap_or_default();
        let top = view.window.try_get_untracked().map_or(0, |(start, _)| start);
        let gap = view.held.try_update(|held| {
            let gap = events.iter().any(|event| held.append(event) == Taken::Gap);
            held.trim(top);
            gap
        });
        if gap == Some(true) {
            connection::rewind(view.id);
        }
    };
    Effect::new(move |_| {
        connection::watch(view.id, last, move |event| {
            let first = waiting.try_update_value(|waiting| {
                waiting.push(event);
                waiting.len() == 1
            });
            if first == Some(true) {
                set_timeout(flush, std::time::Duration::from_millis(50));
            }
        });
    });
    let id = view.id;
    on_cleanup(move || connection::unwatch(id));
}

/// After each change: room for what is not drawn, and the end in sight while following.
fn keep_in_place(view: View) {
    Effect::new(move |_| {
        let geometry = view.geometry();
        let following = view.following.get();
        let (start, drawn) = view.window.get();
        let beyond = start > 0 && start >= geometry.rows;
        if (following && start + drawn < geometry.rows) || beyond {
            view.window.set(geometry.last_window());
            return;
        }
        view.make_room(geometry);
        if following {
            document::scroll_to_end(view.outer);
        }
    });
}

/// Reads what is in sight and not held, one page at a time.
fn fetch(view: View, toasts: Toasts) {
    Effect::new(move |_| {
        let Some(line) = view.missing() else { return };
        if view.fetching.get_value() || !view.may_ask(line) {
            return;
        }
        view.fetching.set_value(true);
        let limit = u32::try_from(2 * PAGE).unwrap_or_default();
        let query = LogQuery { workspace: view.slug.get_untracked(), id: view.id, line, limit };
        leptos::task::spawn_local(async move {
            let read = read_log(query).await;
            view.fetching.try_set_value(false);
            match read {
                Ok(page) => {
                    let top = view.window.try_get_untracked().map_or(line, |(start, _)| start);
                    let goes_on = view.held.try_update(|held| {
                        let goes_on = held.insert(page);
                        held.trim(top);
                        goes_on
                    });
                    if goes_on == Some(GoesOn::Again) {
                        connection::rewind(view.id);
                    }
                }
                // The next scroll asks again.
                Err(error) => toasts.refused(&error),
            }
        });
    });
}

/// The commands that began before what is held.
fn know_commands(view: View) {
    Effect::new(move |_| {
        let at = ExecutionAt { workspace: view.slug.get_untracked(), id: view.id };
        leptos::task::spawn_local(async move {
            // Without them lines only can't be folded.
            if let Ok(commands) = list_commands(at).await {
                view.held.try_update(|held| held.know(commands));
            }
        });
    });
}

/// A line that the address names after `#L`, or before it was scrolled to as `?line=`.
fn follow_address(view: View) {
    Effect::new(move |_| {
        let named = move || document::hash().strip_prefix("#L")?.parse::<i64>().ok();
        if let Some(line) = named().or_else(|| view.marked.get_untracked()) {
            view.go_to(line);
        }
        let handle = window_event_listener(leptos::ev::hashchange, move |_| {
            if let Some(line) = named() {
                view.go_to(line);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

#[component]
fn Jump(view: View) -> impl IntoView {
    let jump = Callback::new(move |()| view.go_to_end());
    move || {
        (!view.following.get()).then(|| {
            view! {
                <span class="log-jump">
                    <Button on_press=jump><Icon glyph=Glyph::ChevronDown/> {strings().room.jump}</Button>
                </span>
            }
        })
    }
}
