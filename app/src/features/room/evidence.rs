//! How a run ended, and what proves it.

use std::sync::Arc;

use domain::executions::{CommandEvidence, Execution};
use leptos::prelude::*;

use crate::api::executions::{ExecutionAt, get_execution};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::status::{OutcomeBadge, outcome_tone};
use crate::ui::time::duration;

/// So many commands are seen at once, and so many at most.
const SHOWN: usize = 8;
const MOST: usize = 500;

#[component]
pub fn EvidencePanel(execution: Memo<Option<Arc<Execution>>>) -> impl IntoView {
    let words = &strings().room;
    complete(execution);
    view! {
        <section class="panel" aria-label=words.evidence>
            <h2>{words.evidence}</h2>
            {move || match execution.get().filter(|execution| execution.outcome.is_some()) {
                Some(execution) => view! { <Ended execution/> }.into_any(),
                None => view! { <p class="dim">{words.no_evidence}</p> }.into_any(),
            }}
        </section>
    }
}

/// The feed tells that a run has ended, but not with which evidence: that is read once.
fn complete(execution: Memo<Option<Arc<Execution>>>) {
    let live = expect_context::<Live>();
    let slug = place::slug();
    let ended = Memo::new(move |_| execution.get().filter(|run| run.status.is_finished()).map(|run| run.id));
    Effect::new(move |seen: Option<Option<domain::ExecutionId>>| {
        let id = ended.get();
        if let (Some(id), Some(before)) = (id, seen)
            && before != Some(id)
        {
            let workspace = slug.get_untracked();
            leptos::task::spawn_local(async move {
                if let Ok(whole) = get_execution(ExecutionAt { workspace, id }).await {
                    live.lists.executions().try_update(|table| table.read([whole]));
                }
            });
        }
        id
    });
}

#[component]
fn Ended(execution: Arc<Execution>) -> impl IntoView {
    let words = strings();
    let outcome = execution.outcome.clone();
    let evidence = execution.evidence.clone();
    let failed = evidence.commands.iter().filter(|command| command.exit_code != Some(0)).count();
    let tone = if failed == 0 { "idle" } else { "bad" };
    let ran = evidence.commands.len();
    let commands = if ran == 1 { words.room.command_ran } else { words.room.commands_ran };
    let omitted = (evidence.commands_omitted > 0).then(|| {
        view! { <p class="dim">"+ " {evidence.commands_omitted} " " {words.room.commands_omitted}</p> }
    });
    let files = if evidence.files_changed == 1 { words.room.file } else { words.room.files };
    view! {
        {outcome.map(|outcome| {
            let tone = outcome_tone(outcome.class);
            let retryable = outcome.retryable.then(|| view! { <small>{words.room.retryable}</small> });
            let summary = (!outcome.summary.is_empty()).then(|| view! { <p class="dim">{outcome.summary.clone()}</p> });
            let exit = execution.exit_code.map(|code| view! { <small class="push">{words.room.exit} " " {code}</small> });
            view! {
                <div class="outcome" data-tone=tone.as_str()>
                    <div class="row"><OutcomeBadge outcome=outcome.clone()/> {exit}</div>
                    <p>{outcome.reason.clone()}</p>
                    {summary}
                    {retryable}
                </div>
            }
        })}
        <div class="row" data-wrap="">
            <span class="badge" data-tone=tone>
                <Icon glyph=Glyph::Command/> <span>{ran} " " {commands}</span>
            </span>
            <span class="badge">
                <Icon glyph=Glyph::File/>
                <span>
                    {evidence.files_changed} " " {files} " " <span class="plus">"+" {evidence.insertions}</span> " "
                    <span class="minus">"−" {evidence.deletions}</span>
                </span>
            </span>
        </div>
        <Commands commands=evidence.commands/>
        {omitted}
    }
}

/// The first commands, and the others folded away.
#[component]
fn Commands(commands: Vec<CommandEvidence>) -> impl IntoView {
    let mut first = commands;
    let longest = first.iter().map(|command| command.ms).max().unwrap_or_default().max(1);
    let list = |commands: Vec<CommandEvidence>| {
        let lines = commands.into_iter().take(MOST).map(|command| view! { <Command command longest/> });
        view! { <ul class="evidence">{lines.collect_view()}</ul> }
    };
    let rest = first.split_off(first.len().min(SHOWN));
    let count = rest.len();
    let more = (count > 0).then(|| {
        view! {
            <details>
                <summary class="dim">"+ " {count} " " {strings().room.commands_ran}</summary>
                {list(rest)}
            </details>
        }
    });
    view! {
        {list(first)}
        {more}
    }
}

/// How long it took, in hundredths of the longest. Beside a command that took seconds one that took none has no bar:
/// a dot would say nothing that the figure does not. Where all took none there is nothing to compare.
fn share(ms: u64, longest: u64) -> Option<u64> {
    let share = ms.saturating_mul(100) / longest.max(1);
    (longest >= 100 && share > 0).then_some(share.min(100))
}

#[component]
fn Command(command: CommandEvidence, longest: u64) -> impl IntoView {
    let words = strings();
    let (glyph, tone) = match command.exit_code {
        Some(0) => (Glyph::Check, "good"),
        Some(_) => (Glyph::Close, "bad"),
        None => (Glyph::Ban, "idle"),
    };
    let took = duration(i64::try_from(command.ms).unwrap_or(i64::MAX), words.language);
    let code = match command.exit_code {
        Some(0) => took,
        Some(code) => format!("{} {code} · {took}", words.room.exit),
        None => words.room.not_ended.to_owned(),
    };
    view! {
        <li>
            <span data-tone=tone><Icon glyph/></span>
            <code title=command.command.clone()>{command.command.clone()}</code>
            <small class="nowrap">{code}</small>
            {share(command.ms, longest).map(|share| view! {
                <svg class="share" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
                    <rect data-tone=tone width=share.to_string() height="3"></rect>
                </svg>
            })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_bar_is_drawn_where_it_says_something() {
        for (ms, longest, expected) in [
            (0, 0, None),
            (3, 40, None),
            (0, 5_000, None),
            (20, 5_000, None),
            (50, 5_000, Some(1)),
            (5_000, 5_000, Some(100)),
            (u64::MAX, u64::MAX, Some(1)),
        ] {
            assert_eq!(share(ms, longest), expected, "{ms} of {longest}");
        }
    }
}
