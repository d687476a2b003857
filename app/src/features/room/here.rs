//! Who else has this room before them now.

use leptos::prelude::*;

use crate::features::place;
use crate::features::room::talk::Talking;
use crate::live::{Live, connection};
use crate::strings::strings;
use crate::ui::avatar::Avatar;

/// As many faces as are shown; the words name all.
const FACES: usize = 5;

#[component]
pub fn Here(talking: Talking) -> impl IntoView {
    let live = expect_context::<Live>();
    let task = talking.task;
    connection::attend_here(place::slug(), Some(task));
    let others = Memo::new(move |_| {
        live.others_at(task).into_iter().map(|user| talking.name(Some(user))).collect::<Vec<_>>()
    });
    let faces = move || {
        let others = others.get();
        let said = (!others.is_empty()).then(|| format!("{} {}", strings().room.here_now, others.join(", ")));
        let faces = others.into_iter().take(FACES).map(|name| view! { <Avatar name/> }).collect_view();
        view! { <span class="visually-hidden">{said}</span> {faces} }
    };
    view! { <span class="here" role="status">{faces}</span> }
}
