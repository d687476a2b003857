//! Asks before something is removed, and names what will be lost. `details` does it, so that it works without script.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};

/// A button that opens into the question; its children are the form that answers it.
#[component]
pub fn Ask(text: &'static str, #[prop(into)] question: String, children: Children) -> impl IntoView {
    view! {
        <details class="ask">
            <summary class="button" data-variant="danger" data-size="small"><Icon glyph=Glyph::Trash/> {text}</summary>
            <div class="question" role="group" aria-label=text>
                <p>{question}</p>
                {children()}
            </div>
        </details>
    }
}
