//! What was said about lines, sent as one: to the agent, or into a task that follows up.

use std::sync::Arc;

use domain::ExecutionId;
use domain::tasks::Task;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::asks::SendReview;
use crate::features::place;
use crate::features::room::talk::Talking;
use crate::strings::strings;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{Submit, Variant};
use crate::ui::document;
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon};

/// Shows once something was said about a line of this run.
#[component]
pub fn Review(task: Memo<Arc<Task>>, execution: ExecutionId, talking: Talking) -> impl IntoView {
    let count = Memo::new(move |_| {
        let of_this = |comment: &Arc<domain::comments::Comment>| {
            comment.execution == Some(execution) && comment.path.is_some()
        };
        talking.comments.with(|all| all.iter().filter(|comment| of_this(comment)).count())
    });
    let any = Memo::new(move |_| count.get() > 0);
    move || any.get().then(|| view! { <Send task execution count/> })
}

#[component]
fn Send(task: Memo<Arc<Task>>, execution: ExecutionId, count: Memo<usize>) -> impl IntoView {
    let words = &strings().asks;
    let slug = place::slug();
    let tasks = place::path("/tasks");
    let navigate = use_navigate();
    let send = ServerAction::<SendReview>::new();
    let error = Signal::derive(move || send.value().get().and_then(Result::err));
    let id = RwSignal::new(String::new());
    Effect::new(move |_| match send.value().get() {
        Some(Ok(saved)) => {
            let path = format!("{}/{}", tasks.get_untracked(), saved.value.task.number);
            navigate(&path, NavigateOptions::default());
        }
        Some(Err(_)) => {}
        None => id.set(document::new_id().map(|id| id.to_string()).unwrap_or_default()),
    });
    let (listens, settled) =
        (move || task.with(|task| task.agent.listens()), move || task.with(|task| task.status.is_settled()));
    let label = move || match (listens(), settled()) {
        (true, true) => words.send_again,
        (true, false) => words.send_told,
        (false, _) => words.send_follow_up,
    };
    let noun = move || if count.get() == 1 { words.line_comment } else { words.line_comments };
    view! {
        <ActionForm action=send attr:class="review-send">
            <Hidden name="review[workspace]" value=slug/>
            <Hidden name="review[execution]" value=execution.to_string()/>
            <Hidden name="review[id]" value=id/>
            <AnyProblem error/>
            <div class="row" data-wrap="">
                <span><b>{count}</b> " " {noun}</span>
                <span class="push">
                    <Submit variant=Variant::Primary busy=send.pending()><Icon glyph=Glyph::Play/> {label}</Submit>
                </span>
            </div>
            {move || (!listens()).then(|| view! { <small class="dim">{words.script_deaf}</small> })}
        </ActionForm>
    }
}
