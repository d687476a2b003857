//! Tasks as lines, and reading lists again when the feed asks for it.

use std::future::Future;
use std::sync::Arc;

use domain::tasks::Task;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::ui::status::{PriorityMark, TaskBadge};
use crate::ui::time::{Ago, Elapsed};

/// Reads a page's tasks again whenever the feed has lost its thread. The page itself stays as it stands.
pub fn read_again<Reading>(live: Live, read: impl Fn() -> Reading + Clone + 'static)
where
    Reading: Future<Output = Result<Vec<Task>, ApiError>> + 'static,
{
    Effect::new(move |seen: Option<u32>| {
        let generation = live.generation.get();
        if seen.is_some_and(|seen| seen != generation) {
            let reading = read();
            leptos::task::spawn_local(async move {
                // A reading that fails leaves what is shown; the next reconnect reads again.
                if let Ok(tasks) = reading.await {
                    live.lists.tasks().try_update(|table| table.read_anew(tasks));
                }
            });
        }
        generation
    });
}

/// A short list of tasks, or one sentence where there are none.
#[component]
pub fn Rows(tasks: Memo<Vec<Arc<Task>>>, none: &'static str, hint: &'static str) -> impl IntoView {
    let empty = Memo::new(move |_| tasks.with(Vec::is_empty));
    move || {
        if empty.get() {
            view! { <div class="empty" data-size="small"><p>{none} " " <span class="dim">{hint}</span></p></div> }.into_any()
        } else {
            view! {
                <ul class="rows">
                    <For each=move || tasks.get() key=|task| (task.id, task.version) let:task>
                        <li><Row task/></li>
                    </For>
                </ul>
            }
            .into_any()
        }
    }
}

/// A task as a line: what it is, what it is doing, since when.
#[component]
pub fn Row(task: Arc<Task>) -> impl IntoView {
    let base = place::path("/tasks");
    let number = task.number;
    let time = match (task.started_at, task.completed_at) {
        (Some(from), None) if !task.status.is_settled() => view! { <Elapsed from until=None/> }.into_any(),
        _ => view! { <Ago at=task.updated_at/> }.into_any(),
    };
    view! {
        <a href=move || format!("{}/{number}", base.get()) data-item="">
            <PriorityMark priority=task.priority/>
            <span class="number">{number}</span>
            <span class="title">{task.title.clone()}</span>
            <span class="end">{time} <TaskBadge status=task.status/></span>
        </a>
    }
}
