//! What Home's pictures show, computed from tasks. Pure, but for the legend.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use domain::DateTime;
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;

use super::ended_at;
use crate::api::preferences::Language;
use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::chart::Bar;
use crate::ui::time::date;

/// As many days as the picture has bars.
const DAYS: u64 = 14;
/// As many runs as the line has points.
const RUNS: usize = 30;

pub(super) fn has_ended(task: &Task) -> bool {
    matches!(task.status, TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled)
}

/// How many tasks ended well, of all that were run to an end in the last days. Cancelled ones say nothing.
pub(super) fn success(tasks: &[Arc<Task>], now: DateTime) -> (u32, u32) {
    let since = now - Days::new(DAYS);
    let mut figures = (0, 0);
    for task in tasks.iter().filter(|task| has_ended(task) && ended_at(task) >= since) {
        match task.status {
            TaskStatus::Completed => figures = (figures.0 + 1, figures.1 + 1),
            TaskStatus::Failed => figures.1 += 1,
            _ => {}
        }
    }
    figures
}

/// One bar per day, the last being today.
pub(super) fn days(tasks: &[Arc<Task>], today: NaiveDate, language: Language) -> Vec<Bar> {
    (0..DAYS)
        .rev()
        .filter_map(|back| today.checked_sub_days(Days::new(back)))
        .map(|day| bar(tasks, day, language))
        .collect()
}

fn bar(tasks: &[Arc<Task>], day: NaiveDate, language: Language) -> Bar {
    let count = |status: TaskStatus| {
        let matching =
            tasks.iter().filter(|task| task.status == status && ended_at(task).date_naive() == day);
        matching.fold(0_u32, |count, _| count + 1)
    };
    let at = day.and_time(chrono::NaiveTime::MIN).and_utc();
    Bar {
        name: date(at, language),
        parts: vec![
            (Tone::Good, count(TaskStatus::Completed)),
            (Tone::Bad, count(TaskStatus::Failed)),
            (Tone::Idle, count(TaskStatus::Cancelled)),
        ],
    }
}

/// How long the latest runs took, oldest first, in milliseconds.
pub(super) fn run_times(tasks: &[Arc<Task>]) -> Vec<i64> {
    let mut runs: Vec<(DateTime, i64)> = tasks
        .iter()
        .filter(|task| has_ended(task))
        .filter_map(|task| Some((task.completed_at?, task.started_at?)))
        .map(|(end, start)| (end, (end - start).num_milliseconds().max(0)))
        .collect();
    runs.sort_unstable();
    let latest = runs.len().saturating_sub(RUNS);
    runs.into_iter().skip(latest).map(|(_, took)| took).collect()
}

pub(super) fn median(times: &[i64]) -> Option<i64> {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[component]
pub(super) fn Legend() -> impl IntoView {
    let words = &strings().words;
    let kinds = [(Tone::Good, words.completed), (Tone::Bad, words.failed), (Tone::Idle, words.cancelled)];
    view! {
        <ul class="legend chart">
            {kinds
                .into_iter()
                .map(|(tone, text)| {
                    view! {
                        <li>
                            <svg viewBox="0 0 9 9" aria-hidden="true">
                                <rect data-tone=tone.as_str() width="9" height="9" rx="2"></rect>
                            </svg>
                            {text}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
