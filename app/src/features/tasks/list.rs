//! The list: one line per task, in the order asked for.

use std::sync::Arc;

use domain::TaskId;
use domain::tasks::Task;
use leptos::prelude::*;

use crate::features::place;
use crate::features::tasks::board::NoTasks;
use crate::features::tasks::filter::Shown;
use crate::features::tasks::hands::Hands;
use crate::features::tasks::rows::Row;
use crate::features::tasks::sheet::Sheet;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::button::ButtonLink;
use crate::ui::windowed::Windowed;

/// As many rows as are drawn before the browser knows how many are in sight: a page of the server's.
const FIRST: usize = 50;

#[component]
pub fn List() -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let ids = sheet.order(0);
    let empty = Memo::new(move |_| ids.with(Vec::is_empty));
    move || {
        if empty.get() {
            let filtered = sheet.shown.with_untracked(Shown::is_filtered);
            return view! { <div class="task-list"><NoTasks filtered/></div> }.into_any();
        }
        view! {
            <Windowed ids row=|id| view! { <Line id/> } first=FIRST class="task-list"
                near_end=Callback::new(move |()| sheet.more(0))>
                <More/>
            </Windowed>
        }
        .into_any()
    }
}

/// Where the list goes on, as a link that works without script. With script it is read as one scrolls.
#[component]
fn More() -> impl IntoView {
    let sheet = expect_context::<Sheet>();
    let next = sheet.next(0);
    let path = place::path("/tasks");
    let href = Signal::derive(move || {
        let mut further = sheet.shown.get();
        further.filter.cursor = next.get();
        format!("{}{}", path.get(), further.query())
    });
    move || {
        next.get().is_some().then(|| {
            view! { <div class="more"><ButtonLink href>{strings().common.more}</ButtonLink></div> }
        })
    }
}

/// One task. It follows its task by itself: the others don't move when it changes.
#[component]
fn Line(id: TaskId) -> impl IntoView {
    let live = expect_context::<Live>();
    let task = Memo::new(move |_| live.lists.tasks().with(|table| table.get(id)));
    let hands = expect_context::<Hands>();
    let chosen = Memo::new(move |_| hands.selection.holds(id));
    view! { <li data-task=id.to_string() data-selected=move || chosen.get().then_some("")>{move || task.get().map(|task: Arc<Task>| view! { <Row task/> })}</li> }
}
