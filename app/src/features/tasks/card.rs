//! One card of the board. It follows its task by itself, part by part: the others don't move when it changes.

use std::sync::Arc;

use domain::TaskId;
use domain::board::{Column, Glance};
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::controls::FirstControl;
use crate::features::tasks::hands::Hands;
use crate::features::tasks::people::{Face, People};
use crate::features::tasks::sheet::Sheet;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::avatar::Avatar;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::status::{PriorityMark, TaskBadge};
use crate::ui::time::{Ago, Elapsed};

#[component]
pub fn Card(id: TaskId) -> impl IntoView {
    let live = expect_context::<Live>();
    let known = move || live.lists.tasks().with(|table| table.get(id));
    let pending = Memo::new(move |_| live.lists.tasks().with(|table| table.is_pending(id)));
    let hands = expect_context::<Hands>();
    let chosen = Memo::new(move |_| hands.selection.holds(id));
    let Some(first) = untrack(known) else { return ().into_any() };
    // A card that is about to go keeps its face.
    let task = Memo::new(move |before: Option<&Arc<Task>>| {
        known().or_else(|| before.cloned()).unwrap_or_else(|| Arc::clone(&first))
    });
    view! {
        <li class="slot" data-task=id.to_string() data-pending=move || pending.get().then_some("")
            data-selected=move || chosen.get().then_some("")>
            <article class="card task-card"><Front task/></article>
        </li>
    }
    .into_any()
}

#[component]
fn Front(task: Memo<Arc<Task>>) -> impl IntoView {
    let base = place::path("/tasks");
    let number = task.with_untracked(|task| task.number);
    let href = move || format!("{}/{number}", base.get());
    let title = Memo::new(move |_| task.with(|task| task.title.clone()));
    let status = Memo::new(move |_| task.with(|task| task.status));
    let priority = Memo::new(move |_| task.with(|task| task.priority));
    // The column says what the others are doing.
    let badge = move || {
        let status = status.get();
        let told = status.is_settled() && status != TaskStatus::Draft || status == TaskStatus::Paused;
        told.then(|| view! { <TaskBadge status/> })
    };
    // What is over says how it ended; who did it stands in its room.
    let agent = move || {
        Column::of(status.get()).ne(&Column::Done).then(|| {
            view! { <span class="badge"><Icon glyph=Glyph::Terminal/> {task.with(|task| strings().words.agent(task.agent))}</span> }
        })
    };
    view! {
        <div class="meta">
            <Part opens="priority" label=move || {
                format!("{}: {}", strings().tasks.field_priority, strings().words.priority(priority.get()))
            }><PriorityMark priority/></Part>
            <span>{number}</span>
            <RepositoryName task/>
            <Here task/>
            <Assignee task/>
        </div>
        <h3><a href=href data-item="">{title}</a></h3>
        <Now task/>
        <Labels task/>
        <div class="meta foot">
            {badge}
            {agent}
            <span class="push act">
                <FirstControl task/>
                <Part opens="menu" label=move || strings().board.menu.to_owned()><Icon glyph=Glyph::More/></Part>
            </span>
        </div>
    }
}

/// A part of a card that opens what changes it. Hearing it is the board's business; without script it is only shown.
#[component]
fn Part(
    opens: &'static str,
    label: impl Fn() -> String + Send + 'static,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class="part" data-open=opens aria-label=label aria-haspopup="dialog">{children()}</button>
    }
}

/// Who has it, or the place to say who.
#[component]
fn Assignee(task: Memo<Arc<Task>>) -> impl IntoView {
    let people = expect_context::<People>();
    let id = Memo::new(move |_| task.with(|task| task.assignee_id));
    let name =
        move || id.get().and_then(|id| people.name(id)).unwrap_or_else(|| strings().board.nobody.to_owned());
    let label = move || format!("{}: {}", strings().board.assignee, name());
    view! {
        <Part opens="assignee" label>
            {move || match id.get() {
                Some(id) => view! { <Face id/> }.into_any(),
                None => view! { <span class="no-face"><Icon glyph=Glyph::User/></span> }.into_any(),
            }}
        </Part>
    }
}

/// Who else has its room before them now.
#[component]
fn Here(task: Memo<Arc<Task>>) -> impl IntoView {
    let (live, people) = (expect_context::<Live>(), expect_context::<People>());
    let id = task.with_untracked(|task| task.id);
    let others = Memo::new(move |_| live.others_at(id));
    move || {
        let names: Vec<String> = others.get().into_iter().filter_map(|user| people.name(user)).collect();
        (!names.is_empty()).then(|| {
            let said = format!("{} {}", strings().room.here_now, names.join(", "));
            let faces = names.into_iter().take(3).map(|name| view! { <Avatar name/> }).collect_view();
            view! { <span class="here"><span class="visually-hidden">{said}</span> {faces}</span> }
        })
    }
}

#[component]
fn Labels(task: Memo<Arc<Task>>) -> impl IntoView {
    let labels = Memo::new(move |_| task.with(|task| task.labels.clone()));
    move || {
        let labels = labels.get();
        (!labels.is_empty()).then(|| {
            let labels = labels.into_iter().take(4).map(|label| {
                view! { <span class="badge" data-variant="label"><span>{label}</span></span> }
            });
            view! { <div class="labels">{labels.collect_view()}</div> }
        })
    }
}

/// What happens now, and for how long; for what is over, when it ended, what it took and what it came to.
#[component]
fn Now(task: Memo<Arc<Task>>) -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let moment = Memo::new(move |_| task.with(|task| (task.status, task.started_at, task.completed_at)));
    let first = Memo::new(move |_| {
        task.with(|task| {
            task.script.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
        })
    });
    Effect::new(move |_| {
        let (id, version, status) = task.with(|task| (task.id, task.version, task.status));
        if Column::of(status) == Column::Done {
            sheet.ask_glance(id, version);
        }
    });
    move || match moment.get() {
        (TaskStatus::Running | TaskStatus::Paused | TaskStatus::Waiting, Some(from), _) => {
            let first = first.get();
            let bar = (moment.get().0 == TaskStatus::Running).then(|| {
                view! { <progress class="progress" aria-label=strings().words.running></progress> }
            });
            view! {
                {(!first.is_empty()).then(|| view! { <p class="now truncate">{first}</p> })}
                {bar}
                <p class="meta"><Icon glyph=Glyph::Clock/> <Elapsed from until=None/></p>
            }
            .into_any()
        }
        (status, from, Some(until)) if status.is_settled() && status != TaskStatus::Draft => {
            let took = from.map(|from| view! { <Elapsed from until=Some(until)/> });
            let id = task.with_untracked(|task| task.id);
            let came_to = move || sheet.glance(id).map(|glance| view! { <Outcome glance/> });
            view! { <p class="meta came-to"><Ago at=until/> {took} {came_to}</p> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// What the last execution changed, and how it ended: `+84 −12 · exit 3`.
#[component]
fn Outcome(glance: Glance) -> impl IntoView {
    let Glance { insertions, deletions, exit_code, .. } = glance;
    let changed = (insertions + deletions > 0).then(|| {
        view! {
            <span class="nowrap"><span class="plus">"+" {insertions}</span> " " <span class="minus">"−" {deletions}</span></span>
        }
    });
    let exit = exit_code.filter(|code| *code != 0).map(|code| {
        view! { <span class="nowrap">{strings().tasks.exit} " " {code}</span> }
    });
    view! { {changed} {exit} }
}

#[component]
fn RepositoryName(task: Memo<Arc<Task>>) -> impl IntoView {
    let live = expect_context::<Live>();
    let name = Memo::new(move |_| {
        let id = task.with(|task| task.repository_id);
        let found = id.and_then(|id| live.lists.repositories().with(|table| table.get(id)));
        found.map(|repository| repository.name.clone())
    });
    move || name.get().map(|name| view! { <span class="truncate of-repository">{name}</span> })
}
