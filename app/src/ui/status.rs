//! What things are doing: one mark per closed set of `domain`.

use domain::executions::{ExecutionStatus, Outcome, OutcomeClass};
use domain::repositories::RepositoryStatus;
use domain::tasks::{Priority, TaskStatus};
use leptos::prelude::*;

use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::icon::{Glyph, Icon};

/// The tone of a task's status.
pub fn task_tone(status: TaskStatus) -> Tone {
    match status {
        TaskStatus::Draft | TaskStatus::Queued | TaskStatus::Cancelled => Tone::Idle,
        TaskStatus::Running => Tone::Run,
        TaskStatus::Paused | TaskStatus::Waiting => Tone::Wait,
        TaskStatus::Completed => Tone::Good,
        TaskStatus::Failed => Tone::Bad,
    }
}

pub fn execution_tone(status: ExecutionStatus) -> Tone {
    match status {
        ExecutionStatus::Queued | ExecutionStatus::Cancelled => Tone::Idle,
        ExecutionStatus::Starting | ExecutionStatus::Running => Tone::Run,
        ExecutionStatus::Paused | ExecutionStatus::Waiting => Tone::Wait,
        ExecutionStatus::Succeeded => Tone::Good,
        ExecutionStatus::Failed => Tone::Bad,
    }
}

/// The tone of how something ended. Doing nothing is a warning, never a success.
pub fn outcome_tone(class: OutcomeClass) -> Tone {
    match class {
        OutcomeClass::Succeeded => Tone::Good,
        OutcomeClass::Empty => Tone::Wait,
        OutcomeClass::Cancelled => Tone::Idle,
        OutcomeClass::Failed
        | OutcomeClass::TimedOut
        | OutcomeClass::OutOfMemory
        | OutcomeClass::Killed
        | OutcomeClass::Stalled
        | OutcomeClass::Budget
        | OutcomeClass::RateLimited
        | OutcomeClass::Auth
        | OutcomeClass::Lost => Tone::Bad,
    }
}

fn repository_tone(status: RepositoryStatus) -> Tone {
    match status {
        RepositoryStatus::Ready => Tone::Good,
        RepositoryStatus::Empty => Tone::Wait,
        RepositoryStatus::Unreachable => Tone::Bad,
    }
}

/// A coloured dot. It means nothing alone: a word stands beside it.
#[component]
pub fn Dot(#[prop(into)] tone: Signal<Tone>) -> impl IntoView {
    let live = move || (tone.get() == Tone::Run).then_some("");
    view! { <span class="dot" data-tone=move || tone.get().as_str() data-live=live aria-hidden="true"></span> }
}

/// A word on a tinted ground.
#[component]
pub fn Badge(#[prop(into)] tone: Signal<Tone>, children: Children) -> impl IntoView {
    view! { <span class="badge" data-tone=move || tone.get().as_str()>{children()}</span> }
}

#[component]
pub fn TaskBadge(#[prop(into)] status: Signal<TaskStatus>) -> impl IntoView {
    let tone = Signal::derive(move || task_tone(status.get()));
    view! { <Badge tone><Dot tone/> <span>{move || strings().words.task_status(status.get())}</span></Badge> }
}

#[component]
pub fn ExecutionBadge(#[prop(into)] status: Signal<ExecutionStatus>) -> impl IntoView {
    let tone = Signal::derive(move || execution_tone(status.get()));
    view! { <Badge tone><Dot tone/> <span>{move || strings().words.execution_status(status.get())}</span></Badge> }
}

#[component]
pub fn OutcomeBadge(outcome: Outcome) -> impl IntoView {
    let tone = outcome_tone(outcome.class);
    let glyph = match tone {
        Tone::Good => Glyph::Check,
        Tone::Bad => Glyph::Close,
        Tone::Wait => Glyph::Alert,
        _ => Glyph::Ban,
    };
    view! { <Badge tone><Icon glyph/> <span>{strings().words.outcome(outcome.class)}</span></Badge> }
}

#[component]
pub fn RepositoryBadge(status: RepositoryStatus) -> impl IntoView {
    let tone = repository_tone(status);
    view! { <Badge tone><Dot tone/> <span>{strings().words.repository_status(status)}</span></Badge> }
}

/// Three bars, as many of them full as the priority is high. Its word is its name.
#[component]
pub fn PriorityMark(#[prop(into)] priority: Signal<Priority>) -> impl IntoView {
    let bar = move |least: Priority| move || if priority.get() >= least { "on" } else { "off" };
    view! {
        <svg class="prio" viewBox="0 0 14 11" role="img" data-priority=move || priority.get().as_str()
            aria-label=move || strings().words.priority(priority.get())>
            <rect x="0" y="6" width="3" height="5" rx="1"></rect>
            <rect x="5" y="3" width="3" height="8" rx="1" class=bar(Priority::Normal)></rect>
            <rect x="10" y="0" width="3" height="11" rx="1" class=bar(Priority::High)></rect>
        </svg>
    }
}

/// The layers that hold an execution, strongest first.
#[component]
pub fn Isolation(layers: Vec<String>) -> impl IntoView {
    let words = strings();
    (!layers.is_empty()).then(|| {
        view! {
            <span class="badge" title=words.room.isolated_by>
                <Icon glyph=Glyph::Lock/> <span class="visually-hidden">{words.room.isolated_by} " "</span>
                <span>{layers.join(", ")}</span>
            </span>
        }
    })
}
