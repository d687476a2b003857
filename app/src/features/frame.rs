//! The frame of a workspace's pages: rail, tab bar, the live pill, keyboard, the composer over everything.

mod counts;
mod head;
mod help;
mod navigation;
mod notices;
pub mod over;
mod pill;
mod switcher;

use domain::Code;
use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;

pub use counts::Counted;
pub use head::{Crumb, Head};
pub use notices::{Kind, Notify};

use crate::api::ApiError;
use crate::api::session::{SessionQuery, SessionView, get_session};
use crate::features::missing::NoAccess;
use crate::features::place::{self, SignedIn};
use crate::features::tasks::composer::ComposerDialog;
use crate::live::{Live, connection};
use crate::ui::banner::Problem;
use crate::ui::keys::{self, Keys};

/// Fetches what opens over any page.
pub async fn parts() {
    over::over(over::Over::Nothing).await;
}

/// Around every page under `/w/{slug}`.
#[component]
pub fn Frame() -> impl IntoView {
    let slug = place::slug();
    let session =
        Resource::new(move || slug.get(), |slug| get_session(SessionQuery { workspace: Some(slug) }));
    provide_context(SignedIn(session));
    let live = expect_context::<Live>();
    let counted = Counted::load(slug, live);
    provide_context(counted);
    let closed = || RwSignal::new(false);
    let keys = Keys { help: closed(), compose: closed(), switcher: closed() };
    provide_context(keys);
    keys::listen(keys, place::path(""));
    provide_context(Notify::default());
    connection::connect(live, slug);
    // Server and browser must make resources in the same order, or hydration reads one for the other. A page makes
    // some only once it has loaded: on the server that is after everything here, in the browser at its place.
    // So nothing that waits may stand behind the outlet.
    view! {
        <switcher::Switcher open=keys.switcher/>
        <notices::Notices/>
        <div class="app">
            <navigation::Skip/>
            <navigation::Rail/>
            <navigation::TabBar/>
            <div class="page">
                <Door session/>
                <Outlet/>
            </div>
        </div>
        <help::Help open=keys.help/>
        <ComposerDialog open=keys.compose/>
    }
}

/// Lets a member pass, shows others out, and shows once what a form sent without script was refused for.
#[component]
fn Door(session: Resource<Result<SessionView, ApiError>>) -> impl IntoView {
    let here = use_location().pathname;
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match session.await {
                    Ok(view) => {
                        view.flash.map(|error| view! { <div class="content"><Problem error/></div> }).into_any()
                    }
                    Err(error) if error.code == Code::Unauthenticated => {
                        let login = format!("/login?return_to={}", here.get_untracked());
                        view! { <Redirect path=login/> }.into_any()
                    }
                    Err(error) if matches!(error.code, Code::NotFound | Code::Forbidden) => {
                        view! { <NoAccess/> }.into_any()
                    }
                    Err(error) => view! { <div class="content"><Problem error/></div> }.into_any(),
                }
            })}
        </Transition>
    }
}
