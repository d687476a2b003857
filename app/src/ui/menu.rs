//! A menu on `details`: it opens and takes keys without script; script only closes it when one looks elsewhere.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

/// A summary and what opens below it.
#[component]
pub fn Menu(
    #[prop(into)] class: String,
    #[prop(into)] label: String,
    summary: ViewFn,
    children: Children,
) -> impl IntoView {
    let element = NodeRef::<html::Details>::new();
    let leave = move |event: web_sys::FocusEvent| {
        let Some(menu) = element.get_untracked() else {
            return;
        };
        let next = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !menu.contains(next.as_ref()) {
            menu.set_open(false);
        }
    };
    let escape = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(menu) = element.get_untracked()
        {
            menu.set_open(false);
        }
    };
    view! {
        <details class=format!("menu {class}") node_ref=element on:focusout=leave on:keydown=escape>
            <summary aria-label=label>{summary.run()}</summary>
            <div class="items">{children()}</div>
        </details>
    }
}
