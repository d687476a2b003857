//! Pages that aren't there.

use domain::Code;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::features::place;
use crate::strings::strings;
use crate::ui::button::ButtonLink;
use crate::ui::icon::Mark;

/// No route has this address.
#[component]
pub fn Missing() -> impl IntoView {
    place::answer(Code::NotFound);
    let words = strings();
    view! {
        <Title text=words.shell.missing_title/>
        <main id="main" class="center-page">
            <Mark size="large"/>
            <h1>{words.shell.missing_title}</h1>
            <p>{words.shell.missing}</p>
            <ButtonLink href="/".to_owned()>{words.shell.go_home}</ButtonLink>
        </main>
    }
}

/// A workspace that isn't there, or not for this person: both look the same.
#[component]
pub fn NoAccess() -> impl IntoView {
    place::answer(Code::NotFound);
    let words = strings();
    view! {
        <div class="center-page no-access" role="alert">
            <Mark size="large"/>
            <h1>{words.shell.no_access_title}</h1>
            <p>{words.shell.no_access}</p>
            <ButtonLink href="/".to_owned()>{words.shell.go_home}</ButtonLink>
        </div>
    }
}
