//! The first page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{LazyRoute, lazy_route};

/// Home, a chunk of its own in the browser.
#[derive(Debug)]
pub struct HomePage;

#[lazy_route]
impl LazyRoute for HomePage {
    fn data() -> Self {
        Self
    }

    fn view(_page: Self) -> AnyView {
        view! {
            <Title text="Home"/>
            <main id="main">
                <h1>"Switchboard"</h1>
            </main>
        }
        .into_any()
    }
}
