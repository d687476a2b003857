//! The status pill: whether this page is live.

use leptos::prelude::*;

use crate::live::{Live, Status};
use crate::strings::strings;
use crate::ui::status::Dot;

/// The state of the connection, as a dot and a word, told to screen readers when it changes.
#[component]
pub fn Pill() -> impl IntoView {
    let live = expect_context::<Live>();
    let shell = &strings().shell;
    let word = move || match live.status.get() {
        Status::Static => shell.static_page,
        Status::Connecting => shell.connecting,
        Status::Live => shell.live,
        Status::Reconnecting => shell.reconnecting,
        Status::Offline => shell.offline,
        Status::Refused => shell.refused,
    };
    let tip = move || match live.status.get() {
        Status::Live => shell.live_tip,
        Status::Refused => shell.refused_tip,
        _ => shell.offline_tip,
    };
    let tone = Signal::derive(move || live.status.get().tone());
    let beating = move || (live.status.get() == Status::Live).then_some("");
    view! {
        <span class="badge live-pill" role="status" data-live-status=word data-tone=move || tone.get().as_str()
            data-on=beating title=tip>
            <Dot tone/>
            <span>{word}</span>
        </span>
    }
}
