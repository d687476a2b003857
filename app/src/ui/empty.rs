//! Nothing here yet: what would be here, and what to do next.

use leptos::prelude::*;

use crate::ui::icon::{Glyph, Icon};

/// An empty state that teaches. Its children are what can be done.
#[component]
pub fn Empty(
    glyph: Glyph,
    title: &'static str,
    text: &'static str,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph/>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}
