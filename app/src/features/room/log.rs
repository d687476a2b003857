//! The live log: lines of a run, of which the page holds and draws only those near what is in sight.
//!
//! [`held`] is what is held, [`folds`] which lines are folded away, [`geometry`] where rows stand; [`view`] draws them,
//! [`tools`] and [`find`] stand above.

mod find;
mod folds;
mod geometry;
mod held;
mod row;
mod tools;
mod view;

use std::sync::Arc;

use domain::ExecutionId;
use domain::executions::Execution;
use domain::log::LogPage;
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use self::held::PAGE;
pub use self::tools::tools;
use self::view::Log;
use crate::api::ApiError;
use crate::api::executions::{LogQuery, read_log};
use crate::features::place;
use crate::strings::strings;
use crate::ui::banner::Problem;

/// A run's lines as they were read, or why not.
pub type Read = Result<Page, ApiError>;

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Page {
    pub execution: ExecutionId,
    /// The line that was asked for; 0 where the log is read from its end.
    pub line: i64,
    pub lines: LogPage,
}

/// The lines around one, or the last lines of a run.
pub async fn read(workspace: String, id: ExecutionId, line: i64) -> Read {
    let limit = u32::try_from(2 * PAGE).unwrap_or_default();
    let first = if line > 0 { ((line - 1) / PAGE - 1).max(0) * PAGE + 1 } else { 0 };
    let mut lines = read_log(LogQuery { workspace: workspace.clone(), id, line: first, limit }).await?;
    // A line that is not there yet, or never was: the end is the nearest.
    let there = line <= lines.scan.lines;
    if !there {
        lines = read_log(LogQuery { workspace, id, line: 0, limit }).await?;
    }
    Ok(Page { execution: id, line: if there { line } else { 0 }, lines })
}

/// The log of the chosen run; a place that says what will be there where nothing has run.
#[component]
pub fn LogPanel(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    first: Option<Read>,
) -> impl IntoView {
    let slug = place::slug();
    let chosen = Memo::new(move |_| execution.get().map(|execution| execution.id));
    let shown = RwSignal::new(first);
    Effect::new(move |before: Option<Option<ExecutionId>>| {
        let now = chosen.get();
        if let (Some(id), Some(before)) = (now, before)
            && before != now
        {
            leptos::task::spawn_local(async move {
                let read = read(slug.get_untracked(), id, 0).await;
                shown.try_set(Some(read));
            });
        }
        now
    });
    view! {
        <section class="log-panel" aria-label=strings().room.log>
            {move || match shown.get() {
                Some(Ok(page)) => view! { <Log page/> }.into_any(),
                Some(Err(error)) => view! { <div class="log-empty"><Problem error/></div> }.into_any(),
                None => view! { <NotRun task/> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NotRun(task: Memo<Arc<Task>>) -> impl IntoView {
    let words = &strings().room;
    view! {
        <div class="log-empty">
            <h3>{words.not_started}</h3>
            {move || (task.get().status == TaskStatus::Draft).then(|| view! { <p>{words.not_started_hint}</p> })}
        </div>
    }
}
