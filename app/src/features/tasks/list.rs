//! The list: one line per task, in the order asked for.

use std::sync::Arc;

use domain::tasks::Task;
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::board::{NoTasks, shown_tasks};
use crate::features::tasks::filter::Shown;
use crate::features::tasks::rows::Row;
use crate::strings::strings;
use crate::ui::button::ButtonLink;

/// `next` is where the list goes on, for a link that works without script.
#[component]
pub fn List(shown: Memo<Shown>, next: Option<String>) -> impl IntoView {
    let all = shown_tasks(shown);
    let tasks = Memo::new(move |_| {
        let order = shown.get();
        let mut tasks: Vec<Arc<Task>> = all.get();
        tasks.sort_by(|one, other| order.compare(one, other));
        tasks
    });
    let empty = Memo::new(move |_| tasks.with(Vec::is_empty));
    let path = place::path("/tasks");
    let more = next.map(|cursor| {
        let href = Signal::derive(move || {
            let mut further = shown.get();
            further.filter.cursor = Some(cursor.clone());
            format!("{}{}", path.get(), further.query())
        });
        view! { <div class="more"><ButtonLink href>{strings().common.more}</ButtonLink></div> }
    });
    view! {
        <div class="task-list">
            {move || {
                if empty.get() {
                    return view! { <NoTasks filtered=shown.with(Shown::is_filtered)/> }.into_any();
                }
                view! {
                    <ol class="rows">
                        <For each=move || tasks.get() key=|task| (task.id, task.version) let:task>
                            <li><Row task/></li>
                        </For>
                    </ol>
                }
                .into_any()
            }}
            {more}
        </div>
    }
}
