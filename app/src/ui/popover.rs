//! A small dialog beside what opened it; a sheet on a phone. The native dialog keeps focus in it, closes on Escape and
//! gives focus back.

use leptos::html;
use leptos::prelude::*;

use crate::ui::document::{self, Rect};

/// Open while `open` is true, below `anchor` where there is room.
#[component]
pub fn Popover(
    open: RwSignal<bool>,
    anchor: StoredValue<Rect>,
    #[prop(into)] label: Signal<String>,
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => document::show_soon(element, open, move || {
                document::place_beside(element, anchor.try_get_value().unwrap_or_default());
                document::focus_soon(
                    "dialog[open] :is(input:not([type=hidden]), [aria-checked=true], button)",
                );
            }),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let beside = move |event: web_sys::MouseEvent| {
        if document::is_backdrop(&event) {
            open.set(false);
        }
    };
    view! {
        <dialog class="popover" node_ref=element aria-label=move || label.get() on:close=move |_| open.set(false)
            on:click=beside>
            <div class="inside">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
