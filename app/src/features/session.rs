//! Outside any workspace: signing in, and finding the way to a workspace.

use domain::Code;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;
use leptos_router::hooks::{use_location, use_params_map, use_query_map};

use crate::api::session::{SessionQuery, get_session};
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon, Mark};
use crate::ui::skeleton::Skeleton;

/// Where the sign-in link's button posts to. The server uses the link up, sets the cookie and leads on.
const SIGN_IN: &str = "/api/v1/auth/link";

/// `/login`: how to get in.
#[component]
pub fn LoginPage() -> impl IntoView {
    let words = &strings().session;
    let query = use_query_map();
    let says = move |what: &str| query.with(|query| query.get(what).is_some());
    let refused = move || says("refused");
    let limited = move || says("limited");
    let other_account = move || says("other_account");
    let signed_out = move || says("signed_out");
    view! {
        <Gate title=words.title lead=words.lead>
            {move || refused().then(|| view! {
                <div class="banner" data-tone="bad" role="alert"><Icon glyph=Glyph::Alert/> <p>{words.refused}</p></div>
            })}
            {move || limited().then(|| view! {
                <div class="banner" data-tone="bad" role="alert"><Icon glyph=Glyph::Alert/> <p>{words.limited}</p></div>
            })}
            {move || other_account().then(|| view! {
                <div class="banner" data-tone="bad" role="alert"><Icon glyph=Glyph::Alert/> <p>{words.other_account}</p></div>
            })}
            {move || signed_out().then(|| view! {
                <div class="banner" data-tone="good" role="status"><Icon glyph=Glyph::Check/> <p>{words.signed_out}</p></div>
            })}
            <section class="card">
                <h2>{words.by_link}</h2>
                <p>{words.by_link_text}</p>
                <pre><code>"switchboard login-link --email you@example.com"</code></pre>
                <p class="dim">{words.valid}</p>
            </section>
        </Gate>
    }
}

/// `/login/{token}`: the page of a link, with one button. Opening it uses nothing up, so that previews don't.
#[component]
pub fn LinkPage() -> impl IntoView {
    let words = &strings().session;
    let params = use_params_map();
    let query = use_query_map();
    let token = Signal::derive(move || params.with(|params| params.get("token")).unwrap_or_default());
    let return_to = Signal::derive(move || query.with(|query| query.get("return_to")).unwrap_or_default());
    view! {
        <Gate title=words.link_title lead=words.link_text>
            <form class="card" method="post" action=SIGN_IN>
                <Hidden name="token" value=token/>
                <Hidden name="return_to" value=return_to/>
                <Submit variant=Variant::Primary size=Size::Wide>{words.sign_in}</Submit>
            </form>
        </Gate>
    }
}

#[component]
fn Gate(title: &'static str, lead: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title/>
        <main id="main" class="gate">
            <div class="stack">
                <div class="brand">
                    <Mark size="large"/>
                    <h1>{title}</h1>
                    <p>{lead}</p>
                </div>
                {children()}
            </div>
        </main>
    }
}

/// A path without a workspace leads to the same page of the person's last one.
#[component]
pub fn Forward() -> impl IntoView {
    let here = use_location();
    let session = Resource::new(|| (), |()| get_session(SessionQuery::default()));
    view! {
        <Transition fallback=|| view! { <main id="main" class="center-page"><Skeleton/></main> }>
            {move || Suspend::new(async move {
                let path = here.pathname.get_untracked();
                let asked = here.search.get_untracked();
                let search = if asked.is_empty() { asked } else { format!("?{}", asked.trim_start_matches('?')) };
                match session.await {
                    Ok(view) => match view.session.workspace.or_else(|| view.session.workspaces.into_iter().next()) {
                        Some(workspace) => {
                            let to = format!("/w/{}{}{search}", workspace.slug, path.trim_end_matches('/'));
                            view! { <Redirect path=to/> }.into_any()
                        }
                        None => view! { <Nobody/> }.into_any(),
                    },
                    Err(error) if error.code == Code::Unauthenticated => {
                        view! { <Redirect path=format!("/login?return_to={path}")/> }.into_any()
                    }
                    Err(error) => view! { <main id="main" class="content"><Problem error/></main> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Signed in, but a member of nothing.
#[component]
fn Nobody() -> impl IntoView {
    let words = strings();
    view! {
        <Gate title=words.shell.product lead=words.session.nobody>
            <SignOut/>
        </Gate>
    }
}

/// Ends this session. A plain form: afterwards nothing of the page should stay.
#[component]
pub fn SignOut() -> impl IntoView {
    view! {
        <form class="inline" method="post" action="/api/v1/auth/logout">
            <Submit><Icon glyph=Glyph::SignOut/> {strings().settings.sign_out}</Submit>
        </form>
    }
}
