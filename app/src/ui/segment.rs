//! Two to five ways to see the same thing. Each is a link, so that the choice is in the URL.

use leptos::prelude::*;

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub href: String,
    pub text: &'static str,
    pub current: bool,
}

/// The choices, one of them current.
#[component]
pub fn Segment(label: &'static str, #[prop(into)] choices: Signal<Vec<Choice>>) -> impl IntoView {
    view! {
        <nav class="segment" aria-label=label>
            {move || {
                choices
                    .get()
                    .into_iter()
                    .map(|choice| {
                        let current = choice.current.then_some("true");
                        view! { <a href=choice.href aria-current=current>{choice.text}</a> }
                    })
                    .collect_view()
            }}
        </nav>
    }
}
