//! What can be done with a task now. Each is a form, so that it works without script; with script a click shows its
//! effect at once, the feed confirms it, and a refusal takes it back and says why.

use std::sync::Arc;

use domain::Saved;
use domain::tasks::{Task, TaskStatus};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use crate::api::ApiError;
use crate::api::tasks::{
    CancelTask, PauseTask, ResumeTask, RetryTask, StartTask, TaskAct, cancel_task, pause_task, resume_task,
    retry_task, start_task,
};
use crate::features::place;
use crate::live::Live;
use crate::strings::strings;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::Hidden;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;

/// What somebody can do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    Start,
    Pause,
    Resume,
    Cancel,
    Retry,
}

impl Act {
    /// What fits a status; the first is the one most likely wanted.
    pub fn fitting(status: TaskStatus) -> &'static [Self] {
        match status {
            TaskStatus::Draft => &[Self::Start],
            TaskStatus::Running => &[Self::Pause, Self::Cancel],
            TaskStatus::Paused => &[Self::Resume, Self::Cancel],
            TaskStatus::Queued | TaskStatus::Waiting => &[Self::Cancel],
            TaskStatus::Completed | TaskStatus::Failed | TaskStatus::Cancelled => &[Self::Retry],
        }
    }

    pub fn fits(self, status: TaskStatus) -> bool {
        Self::fitting(status).contains(&self)
    }

    fn url(self) -> &'static str {
        match self {
            Self::Start => StartTask::url(),
            Self::Pause => PauseTask::url(),
            Self::Resume => ResumeTask::url(),
            Self::Cancel => CancelTask::url(),
            Self::Retry => RetryTask::url(),
        }
    }

    pub fn words(self) -> &'static str {
        let words = &strings().room;
        match self {
            Self::Start => words.start,
            Self::Pause => words.pause,
            Self::Resume => words.resume,
            Self::Cancel => words.cancel,
            Self::Retry => words.retry,
        }
    }

    pub fn looks(self) -> (Glyph, Variant) {
        match self {
            Self::Start | Self::Resume => (Glyph::Play, Variant::Primary),
            Self::Pause => (Glyph::Pause, Variant::Plain),
            Self::Cancel => (Glyph::Square, Variant::Danger),
            Self::Retry => (Glyph::Retry, Variant::Plain),
        }
    }

    /// Whether it stops or sets going what others may count on, so that for many at once it is asked about first.
    pub fn is_asked_about(self) -> bool {
        matches!(self, Self::Pause | Self::Resume | Self::Cancel)
    }

    /// The status that follows at once. Something that runs takes its time to stop: that is not foretold.
    pub fn foreseen(self, status: TaskStatus) -> Option<TaskStatus> {
        match (self, status) {
            (Self::Start | Self::Retry, _) => Some(TaskStatus::Queued),
            (Self::Cancel, TaskStatus::Queued) => Some(TaskStatus::Cancelled),
            _ => None,
        }
    }

    pub async fn send(self, task: TaskAct) -> Result<Saved<Task>, ApiError> {
        match self {
            Self::Start => start_task(task).await,
            Self::Pause => pause_task(task).await,
            Self::Resume => resume_task(task).await,
            Self::Cancel => cancel_task(task).await,
            Self::Retry => retry_task(task).await,
        }
    }
}

/// The buttons that fit the task as it is. Each is a button of its own: one that became another under the pointer would
/// do what nobody asked for.
#[component]
pub fn Controls(task: Memo<Arc<Task>>) -> impl IntoView {
    let fitting = Memo::new(move |_| {
        let (id, status) = task.with(|task| (task.id, task.status));
        Act::fitting(status).iter().map(|act| (id, *act)).collect::<Vec<_>>()
    });
    view! {
        <For each=move || fitting.get() key=|control| *control let((_, act))>
            <Control act task size=Size::Normal/>
        </For>
    }
}

/// The one that is most likely wanted, for a card.
#[component]
pub fn FirstControl(task: Memo<Arc<Task>>) -> impl IntoView {
    let first = Memo::new(move |_| Act::fitting(task.with(|task| task.status)).first().copied());
    view! {
        <For each=move || first.get() key=|act| *act let:act>
            <Control act task size=Size::Small/>
        </For>
    }
}

#[component]
fn Control(act: Act, #[prop(into)] task: Signal<Arc<Task>>, size: Size) -> impl IntoView {
    let live = expect_context::<Live>();
    let toasts = expect_context::<Toasts>();
    let slug = place::slug();
    let busy = RwSignal::new(false);
    let (glyph, variant) = act.looks();
    let variant = if size == Size::Small { Variant::Quiet } else { variant };
    let id = task.with_untracked(|task| task.id);
    let press = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let now = task.get_untracked();
        let token =
            act.foreseen(now.status).map(|status| live.expect_task(Task { status, ..now.as_ref().clone() }));
        let request = TaskAct { workspace: slug.get_untracked(), id };
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = act.send(request).await;
            busy.try_set(false);
            live.answered(token, &answer);
            if let Err(error) = &answer {
                toasts.refused(error);
            }
        });
    };
    view! {
        <form class="inline" method="post" action=act.url() on:submit=press>
            <Hidden name="task[workspace]" value=slug/>
            <Hidden name="task[id]" value=id.to_string()/>
            <Submit variant size busy>
                <Icon glyph/> {act.words()}
            </Submit>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_can_be_done_with_every_task_and_nothing_is_promised_that_takes_time() {
        for status in TaskStatus::ALL {
            assert!(!Act::fitting(*status).is_empty(), "{status}");
        }
        assert_eq!(Act::Cancel.foreseen(TaskStatus::Running), None);
        assert_eq!(Act::Cancel.foreseen(TaskStatus::Queued), Some(TaskStatus::Cancelled));
        assert_eq!(Act::Retry.foreseen(TaskStatus::Failed), Some(TaskStatus::Queued));
    }
}
