//! One file of a diff.

use domain::ExecutionId;
use domain::diff::{Row, ShownFile};
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::Layout;
use super::rows::Rows;
use crate::api::executions::{FileAt, get_file};
use crate::features::place;
use crate::features::room::talk::Talking;
use crate::strings::strings;
use crate::ui::document;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;

/// More files than this begin folded.
const OPEN_FILES: usize = 20;

/// Its rows, once they are there.
type Body = RwSignal<Option<Vec<Row>>>;

#[component]
pub fn File(
    place: usize,
    file: ShownFile,
    execution: ExecutionId,
    layout: Memo<Layout>,
    talking: Talking,
    viewed: RwSignal<usize>,
) -> impl IntoView {
    let words = strings();
    let ShownFile { path, old_path, status, insertions, deletions, binary, count, cut, rows } = file;
    let asked =
        use_query_map().with_untracked(|query| query.get("file")).as_deref() == Some(&place.to_string());
    let open = asked || (rows.is_some() && place < OPEN_FILES && !binary);
    let later = rows.is_none() && count > 0;
    let body: Body = RwSignal::new(rows);
    let fetch = later_rows(execution, place, body);
    let shown = match &old_path {
        Some(old) if *old != path => format!("{old} → {path}"),
        _ => path.clone(),
    };
    let unshown = cut || (count == 0 && insertions + deletions > 0);
    let note = if binary { Some(words.room.binary) } else { unshown.then_some(words.room.too_large) };
    let details = NodeRef::<html::Details>::new();
    if later && asked {
        Effect::new(move |_| fetch.run(()));
    }
    let toggled = move |_| {
        if details.get_untracked().is_some_and(|details| details.open()) {
            fetch.run(());
        }
    };
    let label = path.clone();
    view! {
        // Beside the summary, which is a control itself, and not inside it.
        <div class="diff-entry">
            <Viewed execution path=path.clone() details viewed/>
            <details class="diff-file" id=format!("file-{place}") open=open node_ref=details on:toggle=toggled>
                <summary data-item="">
                    <Icon glyph=Glyph::File/>
                    <span class="path">{shown}</span>
                    <span class="badge">{words.words.file_status(status)}</span>
                    <span class="push nowrap">
                        <span class="plus">"+" {insertions}</span> " " <span class="minus">"−" {deletions}</span>
                    </span>
                </summary>
                {move || body.with(Option::is_some).then(|| {
                    let path = path.clone();
                    view! {
                        <div class="diff-rows" tabindex="0" role="region" aria-label=label.clone()>
                            <Rows rows=body path execution layout talking/>
                        </div>
                    }
                })}
                {later.then(|| view! {
                    {move || body.with(Option::is_none).then(|| view! {
                        <p class="diff-note">
                            <a class="no-script" href=format!("?panel=changes&file={place}#file-{place}")>{words.review.show_file}</a>
                            <span class="with-script">{words.common.loading}</span>
                        </p>
                    })}
                })}
                {note.map(|note| view! { <p class="diff-note">{note}</p> })}
            </details>
        </div>
    }
}

/// Reads the rows of a file that come by themselves, once.
fn later_rows(execution: ExecutionId, place: usize, body: Body) -> Callback<()> {
    let toasts = expect_context::<Toasts>();
    let slug = place::slug();
    let asked = StoredValue::new(body.with_untracked(Option::is_some));
    Callback::new(move |()| {
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        let at = FileAt { workspace: slug.get_untracked(), id: execution, place };
        leptos::task::spawn_local(async move {
            match get_file(at).await {
                Ok(file) => drop(body.try_set(file.rows)),
                Err(error) => {
                    // Opening it again asks again.
                    asked.try_set_value(false);
                    toasts.refused(&error);
                }
            }
        });
    })
}

/// The tick of a file that was looked at, kept in this browser. It folds the file.
#[component]
fn Viewed(
    execution: ExecutionId,
    path: String,
    details: NodeRef<html::Details>,
    viewed: RwSignal<usize>,
) -> impl IntoView {
    let key = format!("viewed:{execution}:{path}");
    let ticked = RwSignal::new(false);
    let known = key.clone();
    Effect::new(move |_| {
        if document::kept(&known) {
            ticked.set(true);
            viewed.update(|count| *count += 1);
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
    });
    let change = move |event: leptos::ev::Event| {
        let now = event_target_checked(&event);
        ticked.set(now);
        document::keep(&key, now);
        viewed.update(|count| *count = if now { *count + 1 } else { count.saturating_sub(1) });
        if let Some(details) = details.get_untracked() {
            details.set_open(!now);
        }
    };
    view! {
        <label class="viewed with-script">
            <input type="checkbox" prop:checked=move || ticked.get() on:change=change/> {strings().review.viewed}
        </label>
    }
}
