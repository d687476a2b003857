//! The quick switcher: a few words lead to any page, task or repository, and do what can be done anywhere.
//!
//! Pages and actions are known here; tasks and repositories are found by the server. It is fetched apart.

mod entries;

use std::time::Duration;

use domain::search::Found;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::over::{Over, over};
use crate::api::search::{Words, find};
use crate::features::place;
use crate::strings::strings;
use crate::ui::document;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::keys::Keys;
use crate::ui::status::TaskBadge;
use entries::{Action, Entry, Goal, entries};

/// Whoever types on is asked about once they rest this long.
const REST: Duration = Duration::from_millis(120);
/// The longest words that the server takes.
const WORDS: usize = 200;

/// Fetched when it is first opened.
#[component]
pub fn Switcher(open: RwSignal<bool>) -> impl IntoView {
    let used = Memo::new(move |before: Option<&bool>| before == Some(&true) || open.get());
    view! { <Suspense>{move || used.get().then(|| Suspend::new(over(Over::Switcher(open))))}</Suspense> }
}

/// The whole of it, from the chunk of what opens over pages.
pub fn opened(open: RwSignal<bool>) -> AnyView {
    view! { <Panel open/> }.into_any()
}

/// What was typed, and what was found for it.
#[derive(Debug, Clone, Copy)]
struct Looking {
    slug: Memo<String>,
    open: RwSignal<bool>,
    words: RwSignal<String>,
    found: RwSignal<Found>,
    /// Why the server found nothing.
    problem: RwSignal<Option<String>>,
    entries: Memo<Vec<Entry>>,
    /// Which entry is chosen.
    at: RwSignal<usize>,
    /// Counts what was asked: only the answer to the last question is shown.
    asked: StoredValue<u32>,
}

impl Looking {
    fn new(open: RwSignal<bool>) -> Self {
        let (words, found) = (RwSignal::new(String::new()), RwSignal::new(Found::default()));
        let entries = Memo::new(move |_| found.with(|found| words.with(|words| entries(words, found))));
        let (problem, at, asked) = (RwSignal::new(None), RwSignal::new(0), StoredValue::new(0));
        Self { slug: place::slug(), open, words, found, problem, entries, at, asked }
    }

    /// Begins anew.
    fn begin(self) {
        self.words.set(String::new());
        self.ask(Duration::ZERO);
    }

    fn type_words(self, words: String) {
        self.words.set(words);
        self.at.set(0);
        self.ask(REST);
    }

    /// Asks the server for what the words find, once they stand for a while.
    fn ask(self, rest: Duration) {
        self.asked.update_value(|asked| *asked = asked.wrapping_add(1));
        let number = self.asked.get_value();
        let is_last = move || self.asked.try_get_value() == Some(number);
        set_timeout(
            move || {
                if !is_last() {
                    return;
                }
                let query = Words { workspace: self.slug.get_untracked(), words: self.words.get_untracked() };
                leptos::task::spawn_local(async move {
                    let answer = find(query).await;
                    if is_last() {
                        let (found, problem) = match answer {
                            Ok(found) => (found, None),
                            Err(error) => {
                                let why = error.sentence(|code| strings().common.problem(code));
                                (Found::default(), Some(why))
                            }
                        };
                        self.found.try_set(found);
                        self.problem.try_set(problem);
                    }
                });
            },
            rest,
        );
    }

    fn move_by(self, by: isize) {
        let count = self.entries.with_untracked(Vec::len);
        self.at.update(|at| {
            // Beyond the last is the first again.
            *at = if count == 0 { 0 } else { (*at + count).saturating_add_signed(by) % count };
        });
        let selector = format!("#switcher-{}", self.at.get_untracked());
        request_animation_frame(move || document::bring_into_sight(&selector));
    }
}

#[component]
fn Panel(open: RwSignal<bool>) -> impl IntoView {
    let words = &strings().switcher;
    let looking = Looking::new(open);
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => document::show_soon(element, open, move || {
                looking.begin();
                document::focus("#switcher-words");
            }),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog class="switcher-dialog" node_ref=element aria-label=words.title on:close=move |_| open.set(false)
            on:click=move |event| {
                if document::is_backdrop(&event) {
                    open.set(false);
                }
            }>
            <div class="inside">
                <Field looking/>
                <Results looking/>
                <footer class="dim" aria-hidden="true">
                    <span><kbd>"↑"</kbd> <kbd>"↓"</kbd> " " {words.choose}</span>
                    <span><kbd>"Enter"</kbd> " " {words.go}</span>
                    <span><kbd>"Esc"</kbd> " " {words.close}</span>
                </footer>
            </div>
        </dialog>
    }
}

#[component]
fn Field(looking: Looking) -> impl IntoView {
    let words = &strings().switcher;
    let go = goer(looking);
    let press = move |event: web_sys::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => looking.move_by(1),
            "ArrowUp" => looking.move_by(-1),
            "Enter" => {
                if let Some(entry) = looking.entries.with(|all| all.get(looking.at.get_untracked()).cloned())
                {
                    go(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let active = move || {
        let at = looking.at.get();
        looking.entries.with(|all| at < all.len()).then(|| format!("switcher-{at}"))
    };
    view! {
        <div class="field-row">
            <Icon glyph=Glyph::Search/>
            <input id="switcher-words" type="text" role="combobox" autocomplete="off" spellcheck="false"
                maxlength=WORDS.to_string() aria-label=words.title placeholder=words.placeholder
                aria-expanded="true" aria-controls="switcher-list" aria-autocomplete="list"
                aria-activedescendant=active prop:value=move || looking.words.get()
                on:input=move |event| looking.type_words(event_target_value(&event)) on:keydown=press/>
        </div>
    }
}

/// What was found: the words say how much, for those who don't see it.
#[component]
fn Results(looking: Looking) -> impl IntoView {
    let words = &strings().switcher;
    let go = goer(looking);
    let none = Memo::new(move |_| looking.entries.with(Vec::is_empty));
    let told = move || {
        let problem = looking.problem.get();
        problem.or_else(|| none.get().then(|| words.nothing.to_owned()))
    };
    let count = move || format!("{} {}", looking.entries.with(Vec::len), words.found);
    view! {
        <ul id="switcher-list" role="listbox" aria-label=words.title>
            {move || {
                let go = go.clone();
                looking.entries.get().into_iter().enumerate().map(move |(index, entry)| {
                    let (go, own) = (go.clone(), entry.clone());
                    view! {
                        <li id=format!("switcher-{index}") role="option"
                            aria-selected=move || if looking.at.get() == index { "true" } else { "false" }
                            on:click=move |_| go(&own)>
                            <Line entry/>
                        </li>
                    }
                }).collect_view()
            }}
        </ul>
        {move || told().map(|told| view! { <p class="told dim">{told}</p> })}
        <p class="visually-hidden" role="status">{count}</p>
    }
}

#[component]
fn Line(entry: Entry) -> impl IntoView {
    let Entry { glyph, text, kind, goal } = entry;
    let badge = match goal {
        Goal::Task(_, status) => Some(view! { <TaskBadge status/> }),
        _ => None,
    };
    view! {
        <Icon glyph/> <span class="truncate">{text}</span>
        <span class="end">{badge} <small class="dim">{kind.words()}</small></span>
    }
}

/// Goes where an entry leads, or does what it says.
fn goer(looking: Looking) -> impl Fn(&Entry) + Clone {
    let navigate = use_navigate();
    let keys = expect_context::<Keys>();
    move |entry: &Entry| {
        looking.open.set(false);
        match &entry.goal {
            Goal::Act(Action::NewTask) => keys.compose.set(true),
            Goal::Act(Action::Help) => keys.help.set(true),
            Goal::Act(Action::Theme(theme)) => crate::features::settings::choose_theme(*theme),
            goal => {
                let path = format!("/w/{}{}", looking.slug.get_untracked(), goal.path());
                navigate(&path, NavigateOptions::default());
            }
        }
    }
}
