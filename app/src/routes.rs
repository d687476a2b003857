//! The whole route table.

mod away;
mod lazy;

use std::time::Duration;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

use crate::api::preferences;
use crate::features::frame::Frame;
use crate::features::missing::Missing;
use crate::features::session::Forward;
use crate::live::Live;
use crate::ui::document;
use crate::ui::time::Now;
use crate::ui::toast::{ToastRegion, Toasts};

/// Pages are rendered whole, so that they work and have the right status without script.
const MODE: SsrMode = SsrMode::Async;

/// How long after the browser has taken over the other pages' chunks are fetched.
const FETCH_AFTER: Duration = Duration::from_secs(2);

/// The app, the same in the browser and on the server.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let preferences = preferences::read();
    provide_context(preferences);
    let now = Now(RwSignal::new(preferences.now));
    provide_context(now);
    document::run_clock(now);
    provide_context(Live::default());
    provide_context(away::Opening::default());
    let toasts = Toasts::default();
    provide_context(toasts);
    view! {
        <Title text="" formatter=|page: String| if page.is_empty() { "Switchboard".to_owned() } else { format!("{page} · Switchboard") }/>
        <ToastRegion toasts/>
        <away::Away/>
        <Router>
            <Routes fallback=Missing>
                <Route path=path!("/login") view={Lazy::<lazy::Login>::new()} ssr=MODE/>
                <Route path=path!("/login/:token") view={Lazy::<lazy::Link>::new()} ssr=MODE/>
                <ParentRoute path=path!("/w/:slug") view=Frame ssr=MODE>
                    <Route path=path!("") view={Lazy::<lazy::Home>::new()} ssr=MODE/>
                    <Route path=path!("tasks") view={Lazy::<lazy::Board>::new()} ssr=MODE/>
                    <Route path=path!("tasks/new") view={Lazy::<lazy::Composer>::new()} ssr=MODE/>
                    <Route path=path!("tasks/:number") view={Lazy::<lazy::Room>::new()} ssr=MODE/>
                    <Route path=path!("repositories") view={Lazy::<lazy::Repositories>::new()} ssr=MODE/>
                    <Route path=path!("repositories/new") view={Lazy::<lazy::NewRepository>::new()} ssr=MODE/>
                    <Route path=path!("repositories/:id") view={Lazy::<lazy::EditRepository>::new()} ssr=MODE/>
                    <Route path=path!("settings") view={Lazy::<lazy::Settings>::new()} ssr=MODE/>
                    <Route path=path!("settings/tasks") view={Lazy::<lazy::Work>::new()} ssr=MODE/>
                    <Route path=path!("settings/templates") view={Lazy::<lazy::Templates>::new()} ssr=MODE/>
                    <Route path=path!("settings/schedules") view={Lazy::<lazy::Schedules>::new()} ssr=MODE/>
                </ParentRoute>
                <Route path=path!("/") view=Forward ssr=MODE/>
                <Route path=path!("/tasks") view=Forward ssr=MODE/>
                <Route path=path!("/tasks/new") view=Forward ssr=MODE/>
                <Route path=path!("/tasks/:number") view=Forward ssr=MODE/>
                <Route path=path!("/repositories") view=Forward ssr=MODE/>
                <Route path=path!("/settings") view=Forward ssr=MODE/>
            </Routes>
        </Router>
        <Hydrated/>
    }
}

/// Marks the document once the browser has taken over. Its element is the last of the page and is taken over last: a
/// page whose chunk is still being fetched comes before it, which an effect alone would not wait for.
#[component]
fn Hydrated() -> impl IntoView {
    let end = NodeRef::<leptos::html::Span>::new();
    let taken = expect_context::<Live>().taken;
    end.on_load(move |_| {
        // Once the first page is quiet the others are fetched too: a tap without network must still open them.
        let fetch = async {
            lazy::fetch_all().await;
            mark("data-fetched");
        };
        set_timeout(|| leptos::task::spawn_local(fetch), FETCH_AFTER);
        taken.set(true);
        mark("data-hydrated");
    });
    view! { <span hidden node_ref=end></span> }
}

/// A failed mark would only hide readiness from tests; the page works without it.
fn mark(name: &str) {
    if let Some(root) = leptos::prelude::document().document_element() {
        drop(root.set_attribute(name, ""));
    }
}
