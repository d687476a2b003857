//! One card of the board. It follows its task by itself: the others don't move when it changes.

use std::sync::Arc;

use domain::TaskId;
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::controls::FirstControl;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::status::{PriorityMark, TaskBadge};
use crate::ui::time::{Ago, Elapsed};

#[component]
pub fn Card(id: TaskId) -> impl IntoView {
    let live = expect_context::<Live>();
    let task = Memo::new(move |_| live.lists.tasks().with(|table| table.get(id)));
    let pending = Memo::new(move |_| live.lists.tasks().with(|table| table.is_pending(id)));
    move || task.get().map(|task| view! { <Face task pending/> })
}

#[component]
fn Face(task: Arc<Task>, pending: Memo<bool>) -> impl IntoView {
    let base = place::path("/tasks");
    let number = task.number;
    let href = move || format!("{}/{number}", base.get());
    let labels = task.labels.iter().take(4).map(|label| {
        view! { <span class="badge" data-variant="label"><span>{label.clone()}</span></span> }
    });
    let labels =
        (!task.labels.is_empty()).then(|| view! { <div class="labels">{labels.collect_view()}</div> });
    // The column says what the others are doing.
    let badge = matches!(
        task.status,
        TaskStatus::Paused | TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled
    )
    .then(|| view! { <TaskBadge status=task.status/> });
    view! {
        <li class="card task-card" data-pending=move || pending.get().then_some("")>
            <div class="meta">
                <PriorityMark priority=task.priority/>
                <span>{number}</span>
                <RepositoryName task=task.clone()/>
            </div>
            <h3><a href=href data-item="">{task.title.clone()}</a></h3>
            <Now task=task.clone()/>
            {labels}
            <div class="meta">
                {badge}
                <span class="badge"><Icon glyph=Glyph::Terminal/> {strings().words.agent(task.agent)}</span>
                <span class="push act"><FirstControl task=task.clone()/></span>
            </div>
        </li>
    }
}

/// What happens now, and for how long; for what is over, when it ended and what it took.
#[component]
fn Now(task: Arc<Task>) -> impl IntoView {
    match (task.status, task.started_at, task.completed_at) {
        (TaskStatus::Running | TaskStatus::Paused | TaskStatus::Waiting, Some(from), _) => {
            let first =
                task.script.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
            let bar = (task.status == TaskStatus::Running).then(|| {
                view! { <progress class="progress" aria-label=strings().words.running></progress> }
            });
            view! {
                {(!first.is_empty()).then(|| view! { <p class="now truncate">{first}</p> })}
                {bar}
                <p class="meta"><Icon glyph=Glyph::Clock/> <Elapsed from until=None/></p>
            }
            .into_any()
        }
        (status, Some(from), Some(until)) if status.is_settled() => view! {
            <p class="meta"><Ago at=until/> "·" <Elapsed from until=Some(until)/></p>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn RepositoryName(task: Arc<Task>) -> impl IntoView {
    let live = expect_context::<Live>();
    let id = task.repository_id;
    let name = Memo::new(move |_| {
        let found = id.and_then(|id| live.lists.repositories().with(|table| table.get(id)));
        found.map(|repository| repository.name.clone())
    });
    move || name.get().map(|name| view! { <span class="push truncate">{name}</span> })
}
