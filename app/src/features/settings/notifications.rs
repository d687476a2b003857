//! Notifications in this browser: allowed by a press here and nowhere else, kind by kind.

use leptos::prelude::*;

use crate::features::frame::{Kind, Notify};
use crate::strings::strings;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::document;
use crate::ui::notification::{self, Permission};

/// It is this browser's own: without script there is none of it.
#[component]
pub fn Notifications() -> impl IntoView {
    let words = &strings().notices;
    let notify = expect_context::<Notify>();
    let permission = RwSignal::new(Permission::default());
    Effect::new(move |_| permission.set(notification::permission()));
    let allow = Callback::new(move |()| {
        notification::ask(move |answer| {
            permission.try_set(answer);
            if answer == Permission::Granted {
                notify.set(true);
            }
        });
    });
    let stop = Callback::new(move |()| notify.set(false));
    let state = move || match (permission.get(), notify.on.get()) {
        (Permission::Missing, _) => words.missing,
        (Permission::Denied, _) => words.denied,
        (_, true) => words.is_on,
        (_, false) => words.is_off,
    };
    let button = move || match (permission.get(), notify.on.get()) {
        (Permission::Missing | Permission::Denied, _) => None,
        (_, true) => {
            Some(view! { <Button size=Size::Small on_press=stop>{words.turn_off}</Button> }.into_any())
        }
        (_, false) => {
            let text = words.turn_on;
            Some(
                view! { <Button size=Size::Small variant=Variant::Primary on_press=allow>{text}</Button> }
                    .into_any(),
            )
        }
    };
    view! {
        <section aria-label=words.title class="needs-script">
            <h2>{words.title}</h2>
            <div>
                <div class="setting">
                    <div>
                        <h3>{words.in_browser}</h3>
                        <p role="status">{state}</p>
                    </div>
                    {button}
                </div>
                {move || notify.on.get().then(|| view! { <Kinds/> })}
            </div>
        </section>
    }
}

#[component]
fn Kinds() -> impl IntoView {
    let words = &strings().notices;
    let lines = Kind::ALL.map(|kind| {
        let choose = move |event: leptos::ev::Event| {
            document::keep(kind.muted(), !event_target_checked(&event));
        };
        view! {
            <label class="check">
                <input type="checkbox" checked=!document::kept(kind.muted()) on:change=choose/>
                <span>{kind.words()}</span>
            </label>
        }
    });
    view! { <fieldset class="setting kinds"><legend class="visually-hidden">{words.kinds}</legend>{lines.collect_view()}</fieldset> }
}
