//! Deleting a task: it says what will be lost, and asks.

use std::sync::Arc;

use domain::tasks::Task;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::tasks::RemoveTask;
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon};

/// Only what is not under way can be deleted.
#[component]
pub fn Remove(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = &strings().room;
    let slug = place::slug();
    let remove = ServerAction::<RemoveTask>::new();
    let error = Signal::derive(move || remove.value().get().and_then(Result::err));
    let navigate = use_navigate();
    Effect::new(move |_| {
        if matches!(remove.value().get(), Some(Ok(_))) {
            navigate(&format!("/w/{}/tasks", slug.get_untracked()), NavigateOptions::default());
        }
    });
    let settled = Memo::new(move |_| task.get().status.is_settled());
    move || {
        settled.get().then(|| {
            view! {
                <details class="edit-in-place">
                    <summary><Icon glyph=Glyph::Trash/> <span class="dim">{words.remove}</span></summary>
                    <ActionForm action=remove>
                        <div class="stack">
                            <Hidden name="task[workspace]" value=slug/>
                            <Hidden name="task[id]" value=task.get_untracked().id.to_string()/>
                            <AnyProblem error/>
                            <p>{words.remove_confirm}</p>
                            <div class="row">
                                <Submit variant=Variant::Danger size=Size::Small busy=remove.pending()>
                                    {words.remove_now}
                                </Submit>
                            </div>
                        </div>
                    </ActionForm>
                </details>
            }
        })
    }
}
