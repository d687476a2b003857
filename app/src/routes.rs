//! The whole route table.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::api::preferences;
use crate::features::frame::Frame;
use crate::features::home::HomePage;
use crate::features::missing::Missing;
use crate::features::repositories::{EditPage, NewPage, RepositoriesPage};
use crate::features::room::RoomPage;
use crate::features::session::{Forward, LinkPage, LoginPage};
use crate::features::settings::SettingsPage;
use crate::features::tasks::TasksPage;
use crate::features::tasks::composer::ComposerPage;
use crate::live::Live;
use crate::ui::document;
use crate::ui::time::Now;
use crate::ui::toast::{ToastRegion, Toasts};

/// Pages are rendered whole, so that they work and have the right status without script.
const MODE: SsrMode = SsrMode::Async;

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
    let toasts = Toasts::default();
    provide_context(toasts);
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Switchboard".to_owned() } else { format!("{page} · Switchboard") }/>
        <ToastRegion toasts/>
        <Router>
            <Routes fallback=Missing>
                <Route path=path!("/login") view=LoginPage ssr=MODE/>
                <Route path=path!("/login/:token") view=LinkPage ssr=MODE/>
                <ParentRoute path=path!("/w/:slug") view=Frame ssr=MODE>
                    <Route path=path!("") view=HomePage ssr=MODE/>
                    <Route path=path!("tasks") view=TasksPage ssr=MODE/>
                    <Route path=path!("tasks/new") view=ComposerPage ssr=MODE/>
                    <Route path=path!("tasks/:number") view=RoomPage ssr=MODE/>
                    <Route path=path!("repositories") view=RepositoriesPage ssr=MODE/>
                    <Route path=path!("repositories/new") view=NewPage ssr=MODE/>
                    <Route path=path!("repositories/:id") view=EditPage ssr=MODE/>
                    <Route path=path!("settings") view=SettingsPage ssr=MODE/>
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

/// Marks the document once the browser has taken over. It stands last, so that everything before it is live.
#[component]
fn Hydrated() -> impl IntoView {
    Effect::new(|| {
        if let Some(root) = leptos::prelude::document().document_element() {
            // A failed mark would only hide readiness from tests; the page works without it.
            drop(root.set_attribute("data-hydrated", ""));
        }
    });
}
