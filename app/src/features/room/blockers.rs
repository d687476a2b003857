//! The tasks that must be completed before this one begins, picked by their numbers.

use std::sync::Arc;

use domain::tasks::Task;
use leptos::prelude::*;

use super::edit::EditInPlace;
use crate::api::tasks::{TaskAct, list_blockers};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::status::TaskBadge;

#[component]
pub fn Blockers(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let live = expect_context::<Live>();
    let blockers = Memo::new(move |_| {
        let ids = task.with(|task| task.blocked_by.clone());
        let find = |table: &crate::live::table::Table<Task>| {
            let mut known: Vec<Arc<Task>> = ids.iter().filter_map(|id| table.get(*id)).collect();
            known.sort_by_key(|task| task.number);
            known
        };
        live.lists.tasks().with(find)
    });
    // One that this page has not read is counted, never hidden.
    let unread =
        Memo::new(move |_| task.with(|task| task.blocked_by.len()).saturating_sub(blockers.with(Vec::len)));
    // One that was just picked has not been read here: without it the form would leave it out.
    let slug = place::slug();
    Effect::new(move |_| {
        if unread.get() > 0 {
            let query = TaskAct { workspace: slug.get_untracked(), id: task.get_untracked().id };
            leptos::task::spawn_local(async move {
                if let Ok(found) = list_blockers(query).await {
                    live.lists.tasks().try_update(|table| table.read(found));
                }
            });
        }
    });
    let shown = ViewFn::from(move || {
        view! {
            <span class="blockers">
                {move || (task.with(|task| task.blocked_by.is_empty())).then(|| view! { <span class="dim">{words.common.none}</span> })}
                <For each=move || blockers.get() key=|task| (task.id, task.status) let:blocker>
                    <Blocker blocker/>
                </For>
                {move || (unread.get() > 0).then(|| view! { <span class="dim">"+" {unread.get()}</span> })}
            </span>
        }
    });
    let numbers = move || {
        let numbers = blockers.with(|all| all.iter().map(|task| task.number.to_string()).collect::<Vec<_>>());
        numbers.join(", ")
    };
    let fields = ViewFn::from(move || {
        view! {
            <input class="input" data-size="small" name="task[blocked_by]" aria-label=words.room.blocked_by maxlength="400"
                inputmode="numeric" placeholder=words.room.blocked_by_hint value=numbers/>
        }
    });
    view! { <EditInPlace task label=words.room.blocked_by shown fields/> }
}

#[component]
fn Blocker(blocker: Arc<Task>) -> impl IntoView {
    let slug = place::slug();
    let number = blocker.number;
    let status = blocker.status;
    view! {
        <a href=move || format!("/w/{}/tasks/{number}", slug.get()) title=blocker.title.clone()>"#" {number}</a>
        <TaskBadge status=Signal::stored(status)/>
    }
}
