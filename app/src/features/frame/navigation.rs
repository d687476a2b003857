//! The ways between pages: the rail on a desktop, the tab bar on a phone. Both list only what exists.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::api::session::SessionView;
use crate::features::frame::Counted;
use crate::features::frame::pill::Pill;
use crate::features::place::{self, SignedIn};
use crate::strings::strings;
use crate::ui::avatar::Avatar;
use crate::ui::icon::{Glyph, Icon, Mark};
use crate::ui::keys::Keys;
use crate::ui::menu::Menu;

#[component]
pub fn Skip() -> impl IntoView {
    view! { <a class="skip" href="#main">{strings().shell.skip}</a> }
}

#[component]
pub fn Rail() -> impl IntoView {
    let words = &strings().shell;
    let keys = expect_context::<Keys>();
    view! {
        <nav class="rail" aria-label=words.main_navigation>
            <Workspaces/>
            <button type="button" class="nav needs-script" on:click=move |_| keys.switcher.set(true)>
                <Icon glyph=Glyph::Search/> {words.go_to} <span class="n"><kbd>"Ctrl"</kbd> <kbd>"K"</kbd></span>
            </button>
            <Way tail="" glyph=Glyph::Home text=words.home/>
            <Way tail="/tasks" glyph=Glyph::Board text=words.tasks><Open/></Way>
            <Way tail="/repositories" glyph=Glyph::Repository text=words.repositories/>
            <h2>{words.views}</h2>
            <View query="?view=list&status=waiting,paused&sort=-updated_at" text=words.needs_me/>
            <View query="?view=list&status=running&sort=-updated_at" text=words.running_now/>
            <div class="spacer"></div>
            <div class="nav"><Pill/></div>
            <button type="button" class="nav" on:click=move |_| keys.help.set(true)>
                <Icon glyph=Glyph::Keyboard/> {words.keyboard} <span class="n"><kbd>"?"</kbd></span>
            </button>
            <Way tail="/settings" glyph=Glyph::Settings text=words.settings/>
            <Me/>
        </nav>
    }
}

#[component]
pub fn TabBar() -> impl IntoView {
    let words = &strings().shell;
    view! {
        <nav class="tabbar" aria-label=words.main_navigation>
            <Way tail="" glyph=Glyph::Home text=words.home tab=true/>
            <Way tail="/tasks" glyph=Glyph::Board text=words.tasks tab=true><NeedsMe/></Way>
            <Way tail="/repositories" glyph=Glyph::Repository text=words.repositories tab=true/>
            <Way tail="/settings" glyph=Glyph::Settings text=words.settings tab=true/>
        </nav>
    }
}

/// One way. It is current on its page and on those below it.
#[component]
fn Way(
    tail: &'static str,
    glyph: Glyph,
    text: &'static str,
    #[prop(optional)] tab: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let href = place::path(tail);
    let here = use_location().pathname;
    let current = move || {
        let here = here.get();
        let base = href.get();
        let below = !tail.is_empty() && here.strip_prefix(&base).is_some_and(|rest| rest.starts_with('/'));
        (here.trim_end_matches('/') == base || below).then_some("page")
    };
    view! {
        <a class=(!tab).then_some("nav") href=move || href.get() aria-current=current>
            <Icon glyph/> {text} {children.map(|children| children())}
        </a>
    }
}

/// A list by its filters.
#[component]
fn View(query: &'static str, text: &'static str) -> impl IntoView {
    let tasks = place::path("/tasks");
    view! { <a class="nav" href=move || format!("{}{query}", tasks.get())>{text}</a> }
}

#[component]
fn Open() -> impl IntoView {
    let Counted(counts) = expect_context::<Counted>();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                counts.await.ok().map(|counts| view! { <span class="n">{counts.open()}</span> })
            })}
        </Transition>
    }
}

#[component]
fn NeedsMe() -> impl IntoView {
    let Counted(counts) = expect_context::<Counted>();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let waiting = counts.await.map(|counts| counts.waiting + counts.paused).unwrap_or_default();
                (waiting > 0).then(|| view! { <span class="n">{waiting}</span> })
            })}
        </Transition>
    }
}

/// The workspace of this page, and the others of this person.
#[component]
fn Workspaces() -> impl IntoView {
    let SignedIn(session) = expect_context::<SignedIn>();
    view! {
        <Transition fallback=|| view! { <div class="workspace-name"><Mark/></div> }>
            {move || Suspend::new(async move { session.await.ok().map(|view| view! { <Switcher view/> }) })}
        </Transition>
    }
}

#[component]
fn Switcher(view: SessionView) -> impl IntoView {
    let here = view.session.workspace.clone();
    let name = here.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default();
    let only = view.session.workspaces.len() < 2;
    if only {
        return view! { <div class="workspace workspace-name"><Mark/> <span class="truncate">{name}</span></div> }.into_any();
    }
    let items = view.session.workspaces.into_iter().map(|workspace| {
        let current = here.as_ref().is_some_and(|here| here.id == workspace.id).then_some("true");
        view! {
            <a href=format!("/w/{}", workspace.slug) aria-current=current>
                <Avatar name=workspace.name.clone()/> <span class="truncate">{workspace.name}</span>
            </a>
        }
    });
    let items = items.collect_view();
    let summary = ViewFn::from(move || view! { <Mark/> <span class="truncate">{name.clone()}</span> });
    view! { <Menu class="workspace" label=strings().shell.switch_workspace summary>{items}</Menu> }.into_any()
}

/// Who is signed in.
#[component]
fn Me() -> impl IntoView {
    let SignedIn(session) = expect_context::<SignedIn>();
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let user = session.await.ok().and_then(|view| view.session.user);
                user.map(|user| {
                    let name = if user.name.is_empty() { user.email.clone() } else { user.name };
                    view! {
                        <div class="who" title=user.email>
                            <Avatar name=name.clone()/> <span class="truncate">{name}</span>
                        </div>
                    }
                })
            })}
        </Transition>
    }
}
