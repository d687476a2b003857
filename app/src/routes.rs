//! The whole route table.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{Lazy, path};

use crate::features::home::HomePage;

/// The app, the same in the browser and on the server.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <main id="main"><h1>"Page not found"</h1></main> }>
                <Route path=path!("/") view={Lazy::<HomePage>::new()}/>
            </Routes>
        </Router>
        <Hydrated/>
    }
}

/// Marks the document once the browser has taken over. It stands last, so that everything before it is live.
#[component]
fn Hydrated() -> impl IntoView {
    Effect::new(|| {
        if let Some(root) = document().document_element() {
            // A failed mark would only hide readiness from tests; the page works without it.
            drop(root.set_attribute("data-hydrated", ""));
        }
    });
}
