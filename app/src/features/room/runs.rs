//! The runs of a task; the one that the room shows is chosen by a link.

use std::sync::Arc;

use domain::ExecutionId;
use domain::executions::Execution;
use leptos::prelude::*;

use crate::strings::strings;
use crate::ui::status::ExecutionBadge;
use crate::ui::time::{Ago, Elapsed};

#[component]
pub fn Runs(executions: Memo<Vec<Arc<Execution>>>, execution: Memo<Option<Arc<Execution>>>) -> impl IntoView {
    let words = &strings().room;
    let shown = Memo::new(move |_| execution.get().map(|execution| execution.id));
    view! {
        <section class="panel" aria-label=words.executions>
            <h2>{words.executions}</h2>
            {move || executions.with(Vec::is_empty).then(|| view! { <p class="dim">{words.no_executions}</p> })}
            <super::compare::Compare executions execution/>
            <div class="runs">
                <For each=move || executions.get() key=|run| (run.id, run.status, run.outcome.is_some()) let:run>
                    <Run run shown/>
                </For>
            </div>
        </section>
    }
}

#[component]
fn Run(run: Arc<Execution>, shown: Memo<Option<ExecutionId>>) -> impl IntoView {
    let id = run.id;
    let number = run.number;
    let time = match run.started_at {
        Some(from) => view! { <Elapsed from until=run.completed_at/> }.into_any(),
        None => view! { <Ago at=run.created_at/> }.into_any(),
    };
    let why = run.outcome.as_ref().map(|outcome| view! { <span class="why">{outcome.reason.clone()}</span> });
    let current = move || (shown.get() == Some(id)).then_some("true");
    view! {
        <a href=format!("?execution={number}") aria-current=current>
            <span>{number}</span>
            <ExecutionBadge status=run.status/>
            <small>{time}</small>
            {why}
        </a>
    }
}
