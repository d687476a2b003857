//! What opens beside a card, or beside the bar for all that are chosen: its menu, and one property to change.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::bulk::BulkChange;
use domain::tasks::{LABEL_LIMIT, Priority, TITLE_LIMIT, Task};
use domain::{TaskId, UserId};
use leptos::html;
use leptos::prelude::*;

use crate::features::tasks::controls::Act;
use crate::features::tasks::edits::Change;
use crate::features::tasks::hands::Hands;
use crate::features::tasks::people::{People, called};
use crate::features::tasks::selection::action;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::live::table::Table;
use crate::strings::strings;
use crate::ui::avatar::Avatar;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::popover::Popover;
use crate::ui::status::PriorityMark;

/// As many labels as are offered.
const MOST_LABELS: usize = 30;
/// As many tasks as a question names.
const MOST_NAMED: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Panel {
    Menu,
    Title,
    Priority,
    Labels,
    Assignee,
    Confirm(Act),
}

impl Panel {
    /// By the word in `data-open`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "menu" => Self::Menu,
            "title" => Self::Title,
            "priority" => Self::Priority,
            "labels" => Self::Labels,
            "assignee" => Self::Assignee,
            _ => return None,
        })
    }

    fn label(self) -> &'static str {
        let words = strings();
        match self {
            Self::Menu => words.board.menu,
            Self::Title => words.tasks.field_title,
            Self::Priority => words.tasks.field_priority,
            Self::Labels => words.tasks.field_labels,
            Self::Assignee => words.board.assignee,
            Self::Confirm(act) => act.words(),
        }
    }
}

/// What a panel changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    One(TaskId),
    Chosen,
}

impl Hands {
    /// The tasks of a target, as they are shown.
    fn of(self, target: Target) -> Vec<Arc<Task>> {
        match target {
            Target::One(id) => self.edits.task(id).into_iter().collect(),
            Target::Chosen => untrack(|| self.selection.tasks()),
        }
    }

    fn set_priority(self, target: Target, priority: Priority) {
        match target {
            Target::One(_) => self.one(target, Change::Priority(priority)),
            Target::Chosen => self.all(BulkChange { priority: Some(priority), ..BulkChange::default() }),
        }
    }

    fn set_assignee(self, target: Target, user: Option<UserId>) {
        match target {
            Target::One(_) => self.one(target, Change::Assignee(user)),
            Target::Chosen => self.all(BulkChange { assignee_id: Some(user), ..BulkChange::default() }),
        }
    }

    fn set_label(self, target: Target, label: String, on: Has) {
        let mut change = BulkChange::default();
        match on {
            Has::All => change.remove_labels.push(label),
            Has::NotAll => change.add_labels.push(label),
        }
        match target {
            Target::One(_) => {
                let labels = self.of(target).first().map(|task| change.labels(&task.labels));
                if let Some(labels) = labels {
                    self.one(target, Change::Labels(labels));
                }
            }
            Target::Chosen => self.all(change),
        }
    }

    fn one(self, target: Target, change: Change) {
        if let Some(task) = self.of(target).first() {
            self.edits.change(task, change);
        }
    }

    /// Does something with those of the chosen that it fits.
    pub fn act_on_chosen(self, act: Act) {
        let fitting = self.of(Target::Chosen).into_iter().filter(|task| act.fits(task.status)).collect();
        self.selection.change(fitting, BulkChange::of(action(act)));
    }

    fn all(self, change: BulkChange) {
        self.selection.change(self.of(Target::Chosen), change);
    }
}

/// Whether every task of a target has a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Has {
    All,
    NotAll,
}

#[component]
pub fn Panels() -> impl IntoView {
    let hands = expect_context::<Hands>();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = hands.panel.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && hands.panel.with_untracked(Option::is_some) {
            hands.panel.set(None);
        }
    });
    let label = Signal::derive(move || {
        hands.panel.with(|panel| panel.map(|(panel, _)| panel.label()).unwrap_or_default()).to_owned()
    });
    let body = move || {
        hands.panel.get().map(|(panel, target)| match panel {
            Panel::Menu => view! { <Menu target/> }.into_any(),
            Panel::Title => view! { <Title target/> }.into_any(),
            Panel::Priority => view! { <Priorities target/> }.into_any(),
            Panel::Labels => view! { <Labels target/> }.into_any(),
            Panel::Assignee => view! { <Assignees target/> }.into_any(),
            Panel::Confirm(act) => view! { <Confirm target act/> }.into_any(),
        })
    };
    view! { <Popover open anchor=hands.anchor label>{body}</Popover> }
}

/// One line to press.
#[component]
fn Choice(
    on_press: Callback<()>,
    children: Children,
    #[prop(optional)] checked: Option<bool>,
    #[prop(optional)] tone: &'static str,
) -> impl IntoView {
    let pressed = checked.map(|checked| if checked { "true" } else { "false" });
    view! {
        <button type="button" class="choice" aria-pressed=pressed data-tone=(!tone.is_empty()).then_some(tone)
            on:click=move |_| on_press.run(())>
            {children()}
        </button>
    }
}

/// Everything that can be done with a card without dragging it.
#[component]
fn Menu(target: Target) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let words = strings();
    let Some(task) = hands.of(target).into_iter().next() else { return ().into_any() };
    let acts = Act::fitting(task.status).iter().map(|act| {
        let (act, task) = (*act, Arc::clone(&task));
        let press = Callback::new(move |()| {
            if act == Act::Cancel {
                hands.panel.set(Some((Panel::Confirm(act), target)));
            } else {
                hands.panel.set(None);
                hands.edits.act(&task, act);
            }
        });
        view! { <Choice on_press=press><Icon glyph=act.looks().0/> {act.words()}</Choice> }
    });
    let acts = acts.collect_view();
    let parts = [
        (Panel::Title, Glyph::Pencil, "e"),
        (Panel::Priority, Glyph::Pulse, "p"),
        (Panel::Labels, Glyph::Layers, "l"),
        (Panel::Assignee, Glyph::User, "a"),
    ];
    let parts = parts.map(|(panel, glyph, key)| {
        let press = Callback::new(move |()| hands.panel.set(Some((panel, target))));
        view! { <Choice on_press=press><Icon glyph/> {panel.label()} <kbd>{key}</kbd></Choice> }
    });
    let id = task.id;
    let select = Callback::new(move |()| {
        hands.panel.set(None);
        hands.selection.toggle(id);
    });
    let remove = task.status.is_settled().then(|| {
        let task = Arc::clone(&task);
        let press = Callback::new(move |()| {
            hands.panel.set(None);
            hands.selection.remove(vec![Arc::clone(&task)]);
        });
        view! { <hr/> <Choice on_press=press tone="bad"><Icon glyph=Glyph::Trash/> {words.board.delete}</Choice> }
    });
    view! {
        {acts} <hr/> {parts.collect_view()}
        <Choice on_press=select><Icon glyph=Glyph::Check/> {words.board.select} <kbd>"x"</kbd></Choice>
        {remove}
    }
    .into_any()
}

/// The title, as it was when this was opened: what another writes meanwhile is not overwritten unseen.
#[component]
fn Title(target: Target) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let words = strings();
    let Some(seen) = hands.of(target).into_iter().next() else { return ().into_any() };
    let input = NodeRef::<html::Input>::new();
    let title = seen.title.clone();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(title) = input.get_untracked().map(|input| input.value()) else { return };
        hands.panel.set(None);
        hands.edits.change(&seen, Change::Title(title));
    };
    view! {
        <form class="title-form" on:submit=save>
            <input class="input" node_ref=input required=true maxlength=TITLE_LIMIT.to_string() value=title
                aria-label=words.tasks.field_title/>
            <Submit variant=Variant::Primary size=Size::Small>{words.common.save}</Submit>
        </form>
    }
    .into_any()
}

#[component]
fn Priorities(target: Target) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let tasks = hands.of(target);
    let choices = Priority::ALL.iter().rev().map(|priority| {
        let priority = *priority;
        let press = Callback::new(move |()| {
            hands.panel.set(None);
            hands.set_priority(target, priority);
        });
        let checked = !tasks.is_empty() && tasks.iter().all(|task| task.priority == priority);
        view! { <Choice on_press=press checked><PriorityMark priority/> {strings().words.priority(priority)}</Choice> }
    });
    choices.collect_view()
}

#[component]
fn Assignees(target: Target) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let people = expect_context::<People>();
    let tasks = hands.of(target);
    let all_have =
        |user: Option<UserId>| !tasks.is_empty() && tasks.iter().all(|task| task.assignee_id == user);
    let choose = move |user: Option<UserId>| {
        Callback::new(move |()| {
            hands.panel.set(None);
            hands.set_assignee(target, user);
        })
    };
    let members = people.all.get_untracked().into_iter().map(|member| {
        let (id, name) = (member.user_id, called(&member));
        view! { <Choice on_press=choose(Some(id)) checked=all_have(Some(id))><Avatar name=name.clone()/> {name}</Choice> }
    });
    let members = members.collect_view();
    view! {
        <Choice on_press=choose(None) checked=all_have(None)><Icon glyph=Glyph::Ban/> {strings().board.nobody}</Choice>
        {members}
    }
}

/// The labels that tasks here have, to be put on and taken off, and a field for a new one.
#[component]
fn Labels(target: Target) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let live = expect_context::<Live>();
    let words = strings();
    let known = live.lists.tasks().with_untracked(Table::rows);
    let mut known: BTreeSet<String> = known.iter().flat_map(|task| task.labels.iter().cloned()).collect();
    for task in hands.of(target) {
        known.extend(task.labels.iter().cloned());
    }
    let known = RwSignal::new(known.into_iter().take(MOST_LABELS).collect::<Vec<_>>());
    let tasks = Memo::new(move |_| {
        live.lists.tasks().track();
        hands.of(target)
    });
    let line = move |label: String| {
        let own = label.clone();
        let has = Memo::new(move |_| {
            let all =
                tasks.with(|tasks| !tasks.is_empty() && tasks.iter().all(|task| task.labels.contains(&own)));
            if all { Has::All } else { Has::NotAll }
        });
        let name = label.clone();
        view! {
            <button type="button" class="choice"
                aria-pressed=move || if has.get() == Has::All { "true" } else { "false" }
                on:click=move |_| hands.set_label(target, name.clone(), has.get_untracked())>
                {label}
            </button>
        }
    };
    let input = NodeRef::<html::Input>::new();
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = input.get_untracked() else { return };
        let label = field.value().trim().to_owned();
        field.set_value("");
        if !label.is_empty() {
            known.update(|known| {
                if !known.contains(&label) {
                    known.insert(0, label.clone());
                }
            });
            hands.set_label(target, label, Has::NotAll);
        }
    };
    view! {
        <form on:submit=add>
            <input class="input" data-size="small" node_ref=input maxlength=LABEL_LIMIT.to_string()
                aria-label=words.board.new_label placeholder=words.board.new_label autocomplete="off"/>
        </form>
        <For each=move || known.get() key=Clone::clone let:label>{line(label)}</For>
    }
}

/// Asks before what is under way is ended or stopped, and names it.
#[component]
fn Confirm(target: Target, act: Act) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let words = &strings().board;
    let press = Callback::new(move |()| {
        hands.panel.set(None);
        match target {
            Target::One(_) => hands.of(target).iter().for_each(|task| hands.edits.act(task, act)),
            Target::Chosen => hands.act_on_chosen(act),
        }
    });
    let keep = Callback::new(move |()| hands.panel.set(None));
    let mut tasks = hands.of(target);
    tasks.retain(|task| act.fits(task.status));
    let named = tasks.iter().take(MOST_NAMED);
    let lines = named.map(|task| view! { <li>{task.number} " " {task.title.clone()}</li> }).collect_view();
    let others = tasks.len().saturating_sub(MOST_NAMED);
    let others = (others > 0).then(|| view! { <li>{words.and_more} " " {others}</li> });
    let question = match act {
        Act::Pause => words.confirm_pause,
        Act::Resume => words.confirm_resume,
        Act::Cancel | Act::Start | Act::Retry => words.confirm_cancel,
    };
    let tone = if act == Act::Cancel { "bad" } else { "" };
    view! {
        <h2>{question}</h2>
        <ul class="confirm">{lines} {others}</ul>
        <Choice on_press=press tone=tone><Icon glyph=act.looks().0/> {act.words()} {(tasks.len() > 1).then(|| format!(" {}", tasks.len()))}</Choice>
        <Choice on_press=keep>{words.leave_it}</Choice>
    }
}
