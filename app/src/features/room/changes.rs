//! What a run changed: a diff by file, each to be folded away, ticked off and talked about.

mod file;
mod review;
mod rows;

use std::sync::Arc;

use domain::ExecutionId;
use domain::diff::{ShownDiff, ShownFile};
use domain::executions::Execution;
use domain::tasks::Task;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::file::File;
use super::talk::Talking;
use crate::api::ApiError;
use crate::api::executions::{ExecutionAt, get_diff};
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::document;
use crate::ui::segment::{Choice, Segment};

/// A run's diff as it was read, or why not.
pub type Read = Result<Of, ApiError>;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Of {
    pub execution: ExecutionId,
    pub diff: ShownDiff,
}

pub async fn read(workspace: String, id: ExecutionId) -> Read {
    let diff = get_diff(ExecutionAt { workspace, id }).await?;
    Ok(Of { execution: id, diff })
}

/// How a diff is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Unified,
    Split,
}

#[component]
pub fn Changes(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    first: Option<Read>,
    talking: Talking,
) -> impl IntoView {
    let words = &strings().room;
    let slug = place::slug();
    let shown = RwSignal::new(first);
    // Read once a run has ended, and again for another run: never while output streams.
    let ended = Memo::new(move |_| execution.get().filter(|run| run.status.is_finished()).map(|run| run.id));
    Effect::new(move |before: Option<Option<ExecutionId>>| {
        let now = ended.get();
        if before.is_some_and(|before| before != now) {
            shown.set(None);
            if let Some(id) = now {
                leptos::task::spawn_local(async move {
                    let read = read(slug.get_untracked(), id).await;
                    shown.try_set(Some(read));
                });
            }
        }
        now
    });
    view! {
        <section class="changes" id="changes" aria-label=words.changes>
            {move || match shown.get() {
                Some(Ok(of)) => view! { <DiffView task of talking/> }.into_any(),
                Some(Err(error)) => view! { <Problem error/> }.into_any(),
                None => {
                    let text = if ended.get().is_some() { strings().common.loading } else { words.changes_later };
                    view! { <h2>{words.changes}</h2> <p class="dim">{text}</p> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn DiffView(task: Memo<Arc<Task>>, of: Of, talking: Talking) -> impl IntoView {
    let words = strings();
    let Of { execution, diff } = of;
    let (insertions, deletions) =
        diff.files.iter().fold((0, 0), |sum, file| (sum.0 + file.insertions, sum.1 + file.deletions));
    let count = diff.files.len();
    if count == 0 {
        return view! { <h2>{words.room.changes}</h2> <p class="dim">{words.room.no_changes}</p> }.into_any();
    }
    let query = use_query_map();
    let split = move || query.with(|query| query.get("diff")).as_deref() == Some("split");
    let layout = Memo::new(move |_| if split() { Layout::Split } else { Layout::Unified });
    let base = diff.base.map(|base| base.chars().take(10).collect::<String>());
    let viewed = RwSignal::new(0_usize);
    let wraps = RwSignal::new(false);
    let list = (count > 1).then(|| view! { <Jump files=&diff.files/> });
    view! {
        <header>
            <h2>{words.room.changes}</h2>
            <small>
                <span class="plus">"+" {insertions}</span> " " <span class="minus">"−" {deletions}</span> " · " {count} " "
                {if count == 1 { words.room.file } else { words.room.files }}
                {move || (viewed.get() > 0).then(|| view! { " · " {viewed.get()} " " {words.review.of_viewed} })}
            </small>
            {base.map(|base| view! { <small>{words.room.base} " " <code>{base}</code></small> })}
            <span class="push with-script"><Wrap wraps/></span>
            <Layouts layout/>
        </header>
        {list}
        <div class="diff-files" data-wraps=move || wraps.get().then_some("")>
            {diff
                .files
                .into_iter()
                .enumerate()
                .map(|(place, file)| view! { <File place file execution layout talking viewed/> })
                .collect_view()}
        </div>
        <review::Review task execution talking/>
    }
    .into_any()
}

/// Long lines go on below, or to the side. A browser keeps its person's choice.
#[component]
fn Wrap(wraps: RwSignal<bool>) -> impl IntoView {
    const KEPT: &str = "wrap-lines";
    Effect::new(move |_| wraps.set(document::kept(KEPT)));
    let toggle = move |_| {
        let now = !wraps.get_untracked();
        document::keep(KEPT, now);
        wraps.set(now);
    };
    let pressed = move || if wraps.get() { "true" } else { "false" };
    view! {
        <button type="button" class="button" data-variant="quiet" data-size="small" aria-pressed=pressed on:click=toggle>
            {strings().review.wrap}
        </button>
    }
}

/// The layouts as links, so that the choice is in the URL and shared with it.
#[component]
fn Layouts(layout: Memo<Layout>) -> impl IntoView {
    let words = &strings().review;
    let query = use_query_map();
    let choices = Signal::derive(move || {
        let kept = query.with(|query| {
            let pair = |name| Some(format!("{name}={}&", query.get(name)?));
            ["panel", "execution"].into_iter().filter_map(pair).collect::<String>()
        });
        let now = layout.get();
        [("unified", words.unified, Layout::Unified), ("split", words.split, Layout::Split)]
            .into_iter()
            .map(|(name, text, layout)| Choice {
                href: format!("?{kept}diff={name}"),
                text,
                current: now == layout,
            })
            .collect::<Vec<_>>()
    });
    view! { <Segment label=words.layout choices/> }
}

/// The files to jump to.
#[component]
fn Jump<'a>(files: &'a [ShownFile]) -> impl IntoView {
    let words = &strings().review;
    let items = files
        .iter()
        .enumerate()
        .map(|(place, file)| {
            view! {
                <li>
                    <a href=format!("#file-{place}") rel="external">
                        <span class="path">{file.path.clone()}</span>
                        <span class="push nowrap">
                            <span class="plus">"+" {file.insertions}</span> " "
                            <span class="minus">"−" {file.deletions}</span>
                        </span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="diff-jump">
            <summary>{words.jump}</summary>
            <ul class="file-list">{items}</ul>
        </details>
    }
}
