//! Sentences that stay on the page: a refusal, a warning.

use leptos::prelude::*;

use crate::api::ApiError;
use crate::strings::strings;
use crate::ui::icon::{Glyph, Icon};

/// A refusal: what happened, what to do, and an id to quote. The panel that failed shows it, and fails alone.
#[component]
pub fn Problem(error: ApiError, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let words = strings();
    let sentence = error.sentence(|code| strings().common.problem(code));
    let conflicts = error.conflicts.clone();
    let trace = (!error.trace_id.is_empty()).then(|| error.trace_id.clone());
    view! {
        <div class="banner" data-tone="bad" role="alert">
            <Icon glyph=Glyph::Alert/>
            <div>
                <p>{sentence}</p>
                {conflicts
                    .into_iter()
                    .map(|conflict| {
                        view! {
                            <small>
                                {conflict.field} ": " {words.common.theirs} " “" {plain(&conflict.theirs)} "”, "
                                {words.common.yours} " “" {plain(&conflict.yours)} "”."
                            </small>
                        }
                    })
                    .collect_view()}
                {trace.map(|id| view! { <small>{words.common.quote} " " <code>{id}</code></small> })}
            </div>
            {children.map(|children| children())}
        </div>
    }
}

/// The refusal of a form whose fields say by themselves what is wrong with them: shown where it names no field.
#[component]
pub fn FormProblem(#[prop(into)] error: Signal<Option<ApiError>>) -> impl IntoView {
    move || error.get().filter(|error| error.field.is_none()).map(|error| view! { <Problem error/> })
}

/// The refusal of a form without labelled fields.
#[component]
pub fn AnyProblem(#[prop(into)] error: Signal<Option<ApiError>>) -> impl IntoView {
    move || error.get().map(|error| view! { <Problem error/> })
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
