//! The native dialog: it traps focus, closes on Escape and gives focus back by itself.

use leptos::html;
use leptos::prelude::*;

use crate::strings::strings;
use crate::ui::button::{IconButton, Variant};
use crate::ui::document;
use crate::ui::icon::Glyph;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DialogSize {
    #[default]
    Normal,
    Small,
}

/// A dialog, open while `open` is true; a sheet on a phone.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    title: &'static str,
    children: ChildrenFn,
    #[prop(optional)] size: DialogSize,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        match (open.get(), dialog.open()) {
            // It refuses only where it is not in the document, and then there is nothing to show.
            (true, false) => {
                drop(dialog.show_modal());
                document::focus_soon("dialog[open] .body :is(input:not([type=hidden]), select, textarea)");
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let name = match size {
        DialogSize::Normal => "normal",
        DialogSize::Small => "small",
    };
    view! {
        <dialog class="dialog" data-size=name node_ref=element aria-label=title on:close=move |_| open.set(false)>
            <header>
                <h2>{title}</h2>
                <span class="push">
                    <IconButton glyph=Glyph::Close label=strings().common.close variant=Variant::Quiet
                        on_press=Callback::new(move |()| open.set(false))/>
                </span>
            </header>
            <div class="body">{move || open.get().then(|| children())}</div>
        </dialog>
    }
}
