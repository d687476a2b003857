//! The task's properties, each edited in place.

use std::sync::Arc;

use domain::tasks::{Priority, SCRIPT_LIMIT, Task};
use leptos::prelude::*;

use super::edit::EditInPlace;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::live::table::Table;
use crate::strings::strings;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::status::{PriorityMark, TaskBadge};
use crate::ui::time::Ago;

#[component]
pub fn Properties(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let status = Signal::derive(move || task.get().status);
    view! {
        <section class="panel" aria-label=words.room.properties>
            <dl class="properties">
                <dt>{words.room.status}</dt>
                <dd><TaskBadge status/></dd>
                <dt>{words.room.priority}</dt>
                <dd><PriorityProperty task/></dd>
                <dt>{words.room.agent}</dt>
                <dd><Icon glyph=Glyph::Terminal/> {move || words.words.agent(task.get().agent)}</dd>
                <dt>{words.room.repository}</dt>
                <dd><RepositoryProperty task/></dd>
                <dt>{words.room.labels}</dt>
                <dd><LabelsProperty task/></dd>
                <dt>{words.room.blocked_by}</dt>
                <dd><super::blockers::Blockers task/></dd>
                <dt>{words.room.created}</dt>
                <dd>{move || view! { <Ago at=task.get().created_at/> }}</dd>
            </dl>
            <h2>{words.room.script}</h2>
            <ScriptProperty task/>
        </section>
    }
}

#[component]
fn PriorityProperty(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let priority = Signal::derive(move || task.get().priority);
    let shown = ViewFn::from(move || {
        view! {
            <PriorityMark priority/> <span>{move || words.words.priority(priority.get())}</span>
        }
    });
    let fields = ViewFn::from(move || {
        view! {
            <select class="input" data-size="small" name="task[priority]" aria-label=words.room.priority>
                {Priority::ALL
                    .iter()
                    .map(|option| {
                        let selected = move || priority.get() == *option;
                        view! { <option value=option.as_str() selected=selected>{words.words.priority(*option)}</option> }
                    })
                    .collect_view()}
            </select>
        }
    });
    view! { <EditInPlace task label=words.room.priority shown fields/> }
}

#[component]
fn RepositoryProperty(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let live = expect_context::<Live>();
    let chosen = Memo::new(move |_| task.get().repository_id);
    let known = Memo::new(move |_| live.lists.repositories().with(Table::rows));
    let shown = ViewFn::from(move || {
        view! {
            <Icon glyph=Glyph::Repository/>
            <span>
                {move || {
                    let found = known.get().into_iter().find(|repository| Some(repository.id) == chosen.get());
                    found.map_or_else(|| words.tasks.no_repository.to_owned(), |repository| repository.name.clone())
                }}
            </span>
        }
    });
    let fields = ViewFn::from(move || {
        view! {
            <select class="input" data-size="small" name="task[repository]" aria-label=words.room.repository>
                <option value="">{words.tasks.no_repository}</option>
                {move || {
                    known
                        .get()
                        .into_iter()
                        .map(|repository| {
                            let id = repository.id;
                            let selected = move || chosen.get() == Some(id);
                            view! { <option value=id.to_string() selected=selected>{repository.name.clone()}</option> }
                        })
                        .collect_view()
                }}
            </select>
        }
    });
    view! { <EditInPlace task label=words.room.repository shown fields/> }
}

#[component]
fn LabelsProperty(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let labels = Memo::new(move |_| task.get().labels.clone());
    let shown = ViewFn::from(move || {
        view! {
            {move || {
                let labels = labels.get();
                if labels.is_empty() {
                    return view! { <span class="dim">{words.common.none}</span> }.into_any();
                }
                labels
                    .into_iter()
                    .map(|label| view! { <span class="badge" data-variant="label"><span>{label}</span></span> })
                    .collect_view()
                    .into_any()
            }}
        }
    });
    let fields = ViewFn::from(move || {
        view! {
            <input class="input" data-size="small" name="task[labels]" aria-label=words.room.labels maxlength="400"
                placeholder=words.tasks.labels_hint value=move || labels.get().join(", ")/>
        }
    });
    view! { <EditInPlace task label=words.room.labels shown fields/> }
}

#[component]
fn ScriptProperty(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = strings();
    let script = Memo::new(move |_| task.get().script.clone());
    let shown = ViewFn::from(move || {
        view! {
            {move || {
                let script = script.get();
                if script.trim().is_empty() {
                    view! { <span class="dim">{words.room.no_script}</span> }.into_any()
                } else {
                    view! { <pre class="script-view grow">{script}</pre> }.into_any()
                }
            }}
        }
    });
    let fields = ViewFn::from(move || {
        view! {
            <textarea class="input" data-variant="code" name="task[script]" aria-label=words.room.script spellcheck="false"
                maxlength=SCRIPT_LIMIT.to_string() prop:value=move || script.get()>
                {script.get_untracked()}
            </textarea>
        }
    });
    view! { <EditInPlace task label=words.room.script shown fields/> }
}
