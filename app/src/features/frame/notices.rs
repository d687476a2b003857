//! Notifications of what needs somebody while they look elsewhere: of their own tasks, of a closed list of kinds, in a
//! browser that was told to. What hears is fetched apart.

mod kinds;

use std::sync::Arc;

use domain::Change;
use domain::tasks::Task;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::over::{Over, over};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::ui::document;
use crate::ui::notification::{self, Permission};
pub use kinds::Kind;

/// What this browser keeps while notifications are on.
const ON: &str = "notify";

/// Whether this browser is to notify. From context.
#[derive(Debug, Clone, Copy)]
pub struct Notify {
    pub on: RwSignal<bool>,
}

impl Default for Notify {
    fn default() -> Self {
        Self { on: RwSignal::new(false) }
    }
}

impl Notify {
    /// Reads what this browser keeps, as far as it may still show anything. In effects only.
    fn read(self) {
        self.on.set(document::kept(ON) && notification::permission() == Permission::Granted);
    }

    /// Turns it on or off, from now on and in this browser.
    pub fn set(self, on: bool) {
        document::keep(ON, on);
        self.on.set(on);
    }
}

/// Hears what happens, once this browser is to notify.
#[component]
pub fn Notices() -> impl IntoView {
    let notify = expect_context::<Notify>();
    Effect::new(move |_| notify.read());
    view! { <Suspense>{move || notify.on.get().then(|| Suspend::new(over(Over::Notices)))}</Suspense> }
}

/// What hears, from the chunk of what opens over pages.
pub fn hearing() -> AnyView {
    view! { <Hearing/> }.into_any()
}

#[component]
fn Hearing() -> impl IntoView {
    let live = expect_context::<Live>();
    let slug = place::slug();
    let navigate = StoredValue::new_local(use_navigate());
    let hear = Callback::new(move |change: Arc<Change>| {
        let Ok(task) = serde_json::from_value::<Task>(change.row.clone()) else { return };
        let before = live.lists.tasks().with_untracked(|table| table.confirmed(task.id));
        let before = before.map(|before| before.status);
        let me = live.me.get_untracked();
        let Some(kind) = kinds::news(before, &task, (me, change.by)) else { return };
        if notification::is_in_front() || document::kept(kind.muted()) {
            return;
        }
        let room = format!("/w/{}/tasks/{}", slug.get_untracked(), task.number);
        let go = move || {
            navigate.try_with_value(|navigate| navigate(&room, NavigateOptions::default()));
        };
        let body = format!("{} {}", task.number, task.title);
        notification::show(kind.words(), &body, &task.id.to_string(), go);
    });
    live.hear_tasks(Some(hear));
    on_cleanup(move || live.hear_tasks(None));
}
