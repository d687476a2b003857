//! Who did what with the task, newest first, a page at a time.

use std::sync::Arc;

use domain::Page;
use domain::activity::{Activity, ActivityKind};
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use super::talk::Talking;
use crate::api::activity::{ActivityOf, list_activity};
use crate::features::place;
use crate::strings::strings;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::time::Ago;
use crate::ui::toast::Toasts;

/// `first` is the newest page, as it was when the room was opened.
#[component]
pub fn ActivityPanel(task: Memo<Arc<Task>>, first: Page<Activity>, talking: Talking) -> impl IntoView {
    let words = &strings().activity;
    let toasts = expect_context::<Toasts>();
    let slug = place::slug();
    let shown = RwSignal::new(first);
    let query = move |cursor| ActivityOf {
        workspace: slug.get_untracked(),
        task: task.with_untracked(|task| task.id),
        cursor,
    };
    // Each thing that is done with a task changes it, or what is said about it.
    let told = Memo::new(move |_| (task.with(|task| task.version), talking.comments.with(Vec::len)));
    Effect::new(move |before: Option<(i64, usize)>| {
        let now = told.get();
        if before.is_some_and(|before| before != now) {
            leptos::task::spawn_local(async move {
                if let Ok(page) = list_activity(query(String::new())).await {
                    shown.try_set(page);
                }
            });
        }
        now
    });
    let earlier = Callback::new(move |()| {
        let Some(cursor) = shown.with_untracked(|shown| shown.next_cursor.clone()) else { return };
        leptos::task::spawn_local(async move {
            match list_activity(query(cursor)).await {
                Ok(page) => drop(shown.try_update(|shown| {
                    shown.items.extend(page.items);
                    shown.next_cursor = page.next_cursor;
                })),
                Err(error) => toasts.refused(&error),
            }
        });
    });
    let more = move || shown.with(|shown| shown.next_cursor.is_some());
    view! {
        <section class="panel activity" aria-label=words.title>
            <h2>{words.title}</h2>
            <ol>
                <For each=move || shown.get().items key=|one| one.id let:one>
                    <One one talking/>
                </For>
            </ol>
            {move || more().then(|| view! {
                <Button variant=Variant::Quiet size=Size::Small on_press=earlier>{words.earlier}</Button>
            })}
        </section>
    }
}

#[component]
fn One(one: Activity, talking: Talking) -> impl IntoView {
    let words = strings();
    let by_itself = matches!(one.kind, ActivityKind::Ended | ActivityKind::Asked);
    let who = match one.by {
        Some(by) => talking.name(Some(by)),
        None => words.activity.nobody.to_owned(),
    };
    let who = (!by_itself).then(|| view! { <b>{who}</b> " " });
    let detail = match one.kind {
        ActivityKind::Edited => one.detail.split(',').map(field).collect::<Vec<_>>().join(", "),
        ActivityKind::Ended => one
            .detail
            .parse::<TaskStatus>()
            .map_or_else(|_| one.detail.clone(), |status| words.words.task_status(status).to_lowercase()),
        _ => one.detail.clone(),
    };
    view! {
        <li>
            <span>{who} {words.activity.kind(one.kind)} " " {detail}</span>
            <small><Ago at=one.at/></small>
        </li>
    }
}

/// What a field is called on this page.
fn field(name: &str) -> String {
    let room = &strings().room;
    let word = match name {
        "title" => room.title_field,
        "description" => room.description,
        "script" => room.script,
        "priority" => room.priority,
        "labels" => room.labels,
        "repository" | "repository_id" => room.repository,
        "blocked_by" => room.blocked_by,
        "agent" => room.agent,
        other => return other.trim_end_matches("_id").to_owned(),
    };
    word.to_lowercase()
}
