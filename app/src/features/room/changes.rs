//! What a run changed: a diff by file, each to be folded away.

use std::sync::Arc;

use domain::ExecutionId;
use domain::executions::{Diff, Execution, FileDiff};
use leptos::prelude::*;

use super::patch::{Kind, Row, rows};
use crate::api::ApiError;
use crate::api::executions::{ExecutionAt, get_diff};
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::icon::{Glyph, Icon};

/// More files than this begin folded.
const OPEN_FILES: usize = 20;
/// A file with more rows than this begins folded.
const OPEN_ROWS: usize = 600;

/// A run's diff as it was read, or why not.
pub type Read = Result<Of, ApiError>;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Of {
    pub execution: ExecutionId,
    pub diff: Diff,
}

pub async fn read(workspace: String, id: ExecutionId) -> Read {
    let diff = get_diff(ExecutionAt { workspace, id }).await?;
    Ok(Of { execution: id, diff })
}

#[component]
pub fn Changes(execution: Memo<Option<Arc<Execution>>>, first: Option<Read>) -> impl IntoView {
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
                Some(Ok(of)) => view! { <DiffView diff=of.diff/> }.into_any(),
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
fn DiffView(diff: Diff) -> impl IntoView {
    let words = &strings().room;
    let (insertions, deletions) =
        diff.files.iter().fold((0, 0), |sum, file| (sum.0 + file.insertions, sum.1 + file.deletions));
    let count = diff.files.len();
    if count == 0 {
        return view! { <h2>{words.changes}</h2> <p class="dim">{words.no_changes}</p> }.into_any();
    }
    let base = diff.base.map(|base| base.chars().take(10).collect::<String>());
    view! {
        <header>
            <h2>{words.changes}</h2>
            <small>
                <span class="plus">"+" {insertions}</span> " " <span class="minus">"−" {deletions}</span> " · " {count} " "
                {if count == 1 { words.file } else { words.files }}
            </small>
            {base.map(|base| view! { <small class="push">{words.base} " " <code>{base}</code></small> })}
        </header>
        {diff.files.into_iter().map(|file| view! { <File file open=count <= OPEN_FILES/> }).collect_view()}
    }
    .into_any()
}

#[component]
fn File(file: FileDiff, open: bool) -> impl IntoView {
    let words = strings();
    let (rows, cut) = rows(&file.patch);
    let open = open && rows.len() <= OPEN_ROWS;
    let status = words.words.file_status(file.status);
    let path = match &file.old_path {
        Some(old) if *old != file.path => format!("{old} → {}", file.path),
        _ => file.path.clone(),
    };
    let note = if file.binary {
        Some(words.room.binary)
    } else if cut || (rows.is_empty() && file.insertions + file.deletions > 0) {
        Some(words.room.too_large)
    } else {
        None
    };
    view! {
        <details class="diff-file" open=open>
            <summary>
                <Icon glyph=Glyph::File/>
                <span class="path">{path}</span>
                <span class="badge">{status}</span>
                <span class="push nowrap">
                    <span class="plus">"+" {file.insertions}</span> " " <span class="minus">"−" {file.deletions}</span>
                </span>
            </summary>
            {(!rows.is_empty()).then(|| {
                view! {
                    <div class="diff-rows" tabindex="0" role="region" aria-label=file.path.clone()>
                        <table><tbody>{rows.into_iter().map(|row| view! { <DiffRow row/> }).collect_view()}</tbody></table>
                    </div>
                }
            })}
            {note.map(|note| view! { <p class="diff-note">{note}</p> })}
        </details>
    }
}

#[component]
fn DiffRow(row: Row) -> impl IntoView {
    let Row { kind, old, new, text } = row;
    // The sign is text, so that colour is not the only thing that tells them apart.
    let sign = if kind == Kind::Context { " " } else { kind.sign() };
    view! {
        <tr class="diff-row" data-kind=kind.as_str()>
            <td class="no">{old}</td>
            <td class="no">{new}</td>
            <td class="sign">{sign}</td>
            <td class="text">{text}</td>
        </tr>
    }
}
