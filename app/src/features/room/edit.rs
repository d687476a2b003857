//! Editing in place: what is shown opens into the form that changes it, with or without script.

use std::sync::Arc;

use domain::Saved;
use domain::tasks::{DESCRIPTION_LIMIT, TITLE_LIMIT, Task};
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::api::tasks::UpdateTask;
use crate::features::place;
use crate::live::Live;
use crate::strings::strings;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon};

/// What is shown, and the fields that open in its place. The form closes when it is saved.
#[component]
pub fn EditInPlace(
    task: Memo<Arc<Task>>,
    /// What is edited, for those who can't see the pencil.
    label: &'static str,
    shown: ViewFn,
    /// Its error is shown above the fields.
    fields: ViewFn,
) -> impl IntoView {
    let words = &strings().common;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let update = ServerAction::<UpdateTask>::new();
    let error = Signal::derive(move || update.value().get().and_then(Result::err));
    let element = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        let answer: Option<Result<Saved<Task>, ApiError>> = update.value().get();
        if let Some(answer @ Ok(_)) = answer {
            live.answered(None, &answer);
            if let Some(details) = element.get_untracked() {
                details.set_open(false);
            }
        }
    });
    view! {
        <details class="edit-in-place" node_ref=element>
            <summary title=words.edit>
                {shown.run()} <span class="visually-hidden">{words.edit} " " {label}</span> <Icon glyph=Glyph::Pencil/>
            </summary>
            <ActionForm action=update>
                <div class="stack">
                    <Hidden name="task[workspace]" value=slug/>
                    <Hidden name="task[id]" value=Signal::derive(move || task.get().id.to_string())/>
                    <Hidden name="task[version]" value=Signal::derive(move || task.get().version.to_string())/>
                    <AnyProblem error/>
                    {fields.run()}
                    <div class="row">
                        <Submit variant=Variant::Primary size=Size::Small busy=update.pending()>{words.save}</Submit>
                    </div>
                </div>
            </ActionForm>
        </details>
    }
}

/// The task's title, as the heading of its room.
#[component]
pub fn Title(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = &strings().room;
    let title = Memo::new(move |_| task.get().title.clone());
    let shown = ViewFn::from(move || view! { <h2 class="title">{move || title.get()}</h2> });
    let fields = ViewFn::from(move || {
        view! {
            <input class="input" data-variant="title" name="task[title]" aria-label=words.title_field required=true
                maxlength=TITLE_LIMIT.to_string() value=move || title.get()/>
        }
    });
    view! { <EditInPlace task label=words.title_field shown fields/> }
}

/// Why the task is there.
#[component]
pub fn Description(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = &strings().room;
    let text = Memo::new(move |_| task.get().description.clone());
    let shown = ViewFn::from(move || {
        view! {
            {move || {
                let text = text.get();
                if text.is_empty() {
                    view! { <span class="dim">{words.add_description}</span> }.into_any()
                } else {
                    view! { <p class="prose description">{text}</p> }.into_any()
                }
            }}
        }
    });
    let fields = ViewFn::from(move || {
        view! {
            <textarea class="input" name="task[description]" aria-label=words.description
                maxlength=DESCRIPTION_LIMIT.to_string() prop:value=move || text.get()>
                {text.get_untracked()}
            </textarea>
        }
    });
    view! { <EditInPlace task label=words.description shown fields/> }
}
