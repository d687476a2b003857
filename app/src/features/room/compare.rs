//! Two runs beside each other: how each ended, what it ran and what it changed.

use std::sync::Arc;

use domain::executions::Execution;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::strings::{Strings, strings};
use crate::ui::time::duration;

/// The run that is shown beside another: the one that the URL names, else the one before it.
#[component]
pub fn Compare(
    executions: Memo<Vec<Arc<Execution>>>,
    execution: Memo<Option<Arc<Execution>>>,
) -> impl IntoView {
    let words = strings();
    let query = use_query_map();
    let named = Memo::new(move |_| query.with(|query| query.get("beside")?.parse::<i64>().ok()));
    let other = move || {
        let shown = execution.get()?;
        executions.with(|all| beside(all, &shown, named.get()).cloned())
    };
    let pair = move || execution.get().zip(other());
    move || {
        pair().map(|(shown, other)| {
            let rows = rows(&shown, &other, words).into_iter().map(|(name, one, two)| {
                view! { <tr><th scope="row">{name}</th><td>{one}</td><td>{two}</td></tr> }
            });
            let (one, two) = (shown.number, other.number);
            let run = words.room.execution;
            view! {
                <details class="compare-runs" open=named.get_untracked().is_some()>
                    <summary class="dim">{words.review.compare}</summary>
                    <table class="compare">
                        <thead>
                            <tr><td></td><th scope="col">{run} " " {one}</th><th scope="col">{run} " " {two}</th></tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                    <p class="dim">
                        {words.review.compare_with} " "
                        {executions
                            .get()
                            .iter()
                            .filter(|run| run.number != one)
                            .map(|run| {
                                let number = run.number;
                                view! { <a href=format!("?execution={one}&beside={number}")>{number}</a> " " }
                            })
                            .collect_view()}
                    </p>
                </details>
            }
        })
    }
}

/// The run to compare with: the named one, else the newest before this one, else the next after it.
fn beside<'a>(
    all: &'a [Arc<Execution>],
    shown: &Execution,
    named: Option<i64>,
) -> Option<&'a Arc<Execution>> {
    let others = || all.iter().filter(|run| run.id != shown.id);
    let by_name = named.and_then(|named| others().find(|run| run.number == named));
    let before = || others().filter(|run| run.number < shown.number).max_by_key(|run| run.number);
    by_name.or_else(before).or_else(|| others().min_by_key(|run| run.number))
}

type Row = (&'static str, String, String);

fn rows(one: &Execution, two: &Execution, words: &Strings) -> Vec<Row> {
    type Column = fn(&Execution, &Strings) -> String;
    let columns: [(&'static str, Column); 6] = [
        (words.room.status, |run, words| words.words.execution_status(run.status).to_owned()),
        (words.room.outcome, |run, _| {
            run.outcome.as_ref().map(|outcome| outcome.reason.clone()).unwrap_or_default()
        }),
        (words.review.took, took),
        (words.room.commands_ran, commands),
        (words.room.changes, changes),
        (words.room.isolated_by, |run, _| run.isolation.join(", ")),
    ];
    columns.into_iter().map(|(name, column)| (name, column(one, words), column(two, words))).collect()
}

fn took(run: &Execution, words: &Strings) -> String {
    let span = run.started_at.zip(run.completed_at).map(|(from, until)| (until - from).num_milliseconds());
    span.map(|span| duration(span, words.language)).unwrap_or_default()
}

fn commands(run: &Execution, words: &Strings) -> String {
    let all = run.evidence.commands.len();
    let failed = run.evidence.commands.iter().filter(|command| command.exit_code != Some(0)).count();
    if failed == 0 { all.to_string() } else { format!("{all} (✗ {failed})") + exit(run, words).as_str() }
}

fn exit(run: &Execution, words: &Strings) -> String {
    run.exit_code.map(|code| format!(" · {} {code}", words.room.exit)).unwrap_or_default()
}

fn changes(run: &Execution, words: &Strings) -> String {
    let files = if run.evidence.files_changed == 1 { words.room.file } else { words.room.files };
    format!("{} {files} +{} −{}", run.evidence.files_changed, run.evidence.insertions, run.evidence.deletions)
}
