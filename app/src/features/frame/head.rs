//! The head of a page: its title, the way back, and what can be done here.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::features::frame::pill::Pill;
use crate::strings::strings;
use crate::ui::button::{IconButton, Variant};
use crate::ui::icon::{Glyph, Mark};
use crate::ui::keys::Keys;

/// Where a page hangs: the page above it, and the link there.
#[derive(Debug, Clone, Copy)]
pub struct Crumb {
    pub text: &'static str,
    pub href: Signal<String>,
}

/// The way to the switcher where there are no keys.
#[component]
fn Find() -> impl IntoView {
    let keys = use_context::<Keys>();
    keys.map(|keys| {
        let open = Callback::new(move |()| keys.switcher.set(true));
        view! {
            <span class="phone-only needs-script">
                <IconButton glyph=Glyph::Search label=strings().shell.go_to variant=Variant::Quiet on_press=open/>
            </span>
        }
    })
}

/// The head of a page. Its children are the actions, at the end of the line.
#[component]
pub fn Head(
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] crumb: Option<Crumb>,
    #[prop(optional)] middle: Option<ViewFn>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=move || title.get()/>
        <header class="top">
            <Mark/>
            {crumb
                .map(|crumb| {
                    view! {
                        <a class="crumb" href=move || crumb.href.get()>{crumb.text}</a>
                        <span class="dim" aria-hidden="true">"/"</span>
                    }
                })}
            <h1 class="truncate">{move || title.get()}</h1>
            {middle.map(|middle| middle.run())}
            <div class="page-actions">
                <span class="phone-only"><Pill/></span>
                <Find/>
                {children.map(|children| children())}
            </div>
        </header>
    }
}
