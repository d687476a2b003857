//! The shape of what is coming.

use leptos::prelude::*;

use crate::strings::strings;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Text,
    Row,
    Card,
}

/// A few grey shapes where content will be, said once to those who can't see them.
#[component]
pub fn Skeleton(#[prop(optional)] shape: Shape, #[prop(default = 4)] count: usize) -> impl IntoView {
    let name = match shape {
        Shape::Text => "text",
        Shape::Row => "row",
        Shape::Card => "card",
    };
    view! {
        <div class="skeleton" data-shape=name role="status" aria-label=strings().common.loading>
            {(0..count).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
}
