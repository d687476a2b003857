//! Two have changed the same field: both values, and the choice between them.

use domain::UserId;
use domain::session::Member;
use leptos::prelude::*;

use crate::features::tasks::edits::{Clash, Edits};
use crate::features::tasks::people::People;
use crate::strings::strings;
use crate::ui::button::{Button, Variant};
use crate::ui::dialog::{Dialog, DialogSize};

#[component]
pub fn ClashDialog() -> impl IntoView {
    let edits = expect_context::<Edits>();
    let people = expect_context::<People>();
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = edits.clash.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    // Closed by Escape it is answered with theirs, which is what stands there.
    Effect::new(move |_| {
        if !open.get() && edits.clash.with_untracked(Option::is_some) {
            edits.clash.set(None);
        }
    });
    let body = move || {
        let clash = edits.clash.get()?;
        Some(view! { <Both clash people=people.all.get() edits/> })
    };
    view! { <Dialog open title=strings().board.clash_title size=DialogSize::Small>{body()}</Dialog> }
}

#[component]
fn Both(clash: Clash, people: Vec<Member>, edits: Edits) -> impl IntoView {
    let words = &strings().board;
    let values = clash.conflicts.iter().map(|conflict| {
        let (theirs, yours) = (shown(&conflict.theirs, &people), shown(&conflict.yours, &people));
        view! {
            <dl class="clash">
                <dt>{words.clash_theirs}</dt> <dd>{theirs}</dd>
                <dt>{words.clash_yours}</dt> <dd>{yours}</dd>
            </dl>
        }
    });
    let values = values.collect_view();
    let keep = Callback::new(move |()| edits.clash.set(None));
    let insist = Callback::new(move |()| {
        edits.clash.set(None);
        edits.insist(clash.clone());
    });
    view! {
        <p>{words.clash_hint}</p>
        {values}
        <footer class="form-actions">
            <Button on_press=insist>{words.clash_use_mine}</Button>
            <Button on_press=keep variant=Variant::Primary>{words.clash_keep_theirs}</Button>
        </footer>
    }
}

/// A value as people read it: a member by name, a list by its parts.
fn shown(value: &serde_json::Value, people: &[Member]) -> String {
    let none = || strings().common.none.to_owned();
    match value {
        serde_json::Value::Null => none(),
        serde_json::Value::Array(parts) if parts.is_empty() => none(),
        serde_json::Value::Array(parts) => {
            parts.iter().map(|part| shown(part, people)).collect::<Vec<_>>().join(", ")
        }
        serde_json::Value::String(text) => {
            let id = text.parse::<UserId>().ok();
            let member = id.and_then(|id| people.iter().find(|member| member.user_id == id));
            let priority = text.parse().ok().map(|priority| strings().words.priority(priority).to_owned());
            member.map(|member| member.name.clone()).or(priority).unwrap_or_else(|| text.clone())
        }
        other => other.to_string(),
    }
}
