//! Publishing what a run changed: a branch, a push, a merge, or a patch to take away; and how each try went.

use std::sync::Arc;

use domain::executions::Execution;
use domain::publish::{Publication, PublishAction, PublishStatus};
use domain::repositories::Repository;
use domain::tasks::Task;
use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::publish::PublishExecution;
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::AnyProblem;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::field::{Hidden, Label, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::time::Ago;

/// Shows once a run has ended that changed something.
#[component]
pub fn Publish(task: Memo<Arc<Task>>, execution: Memo<Option<Arc<Execution>>>) -> impl IntoView {
    let words = &strings().publish;
    let changed = Memo::new(move |_| {
        execution.get().filter(|run| run.status.is_finished() && run.evidence.files_changed > 0)
    });
    let shown = Memo::new(move |_| changed.with(|changed| changed.as_ref().map(|run| run.id)));
    let tries = Memo::new(move |_| {
        let mut all =
            changed.with(|run| run.as_ref().map(|run| run.publications.clone())).unwrap_or_default();
        all.reverse();
        all
    });
    view! {
        {move || shown.get().map(|id| {
            view! {
                <section class="panel publish" aria-label=words.title>
                    <h2>{words.title}</h2>
                    <ul class="tries" aria-live="polite">
                        {move || tries.get().into_iter().map(|publication| view! { <Try publication/> }).collect_view()}
                    </ul>
                    <Order task id tries/>
                </section>
            }
        })}
    }
}

/// How one try went.
#[component]
fn Try(publication: Publication) -> impl IntoView {
    let words = &strings().publish;
    let (tone, status) = match publication.status {
        PublishStatus::Queued => ("idle", words.queued),
        PublishStatus::Running => ("run", words.running),
        PublishStatus::Done => ("good", words.done),
        PublishStatus::Failed => ("bad", words.failed),
    };
    let action = match publication.action {
        PublishAction::Branch => words.branch,
        PublishAction::Push => words.push,
        PublishAction::Merge => words.merge,
    };
    let commit = publication.commit.map(|commit| commit.chars().take(10).collect::<String>());
    let detail =
        (!publication.detail.is_empty()).then(|| view! { <p class="why">{publication.detail.clone()}</p> });
    view! {
        <li>
            <div class="row" data-wrap="">
                <span class="badge" data-tone=tone><span>{status}</span></span>
                <span>{action}</span>
                <small class="push"><Ago at=publication.created_at/></small>
            </div>
            <div class="row" data-wrap="">
                <Icon glyph=Glyph::Branch/>
                <code>{publication.branch}</code>
                {commit.map(|commit| view! { <code class="dim">{commit}</code> })}
            </div>
            {detail}
        </li>
    }
}

/// What can be done with the result now. One thing at a time.
#[component]
fn Order(task: Memo<Arc<Task>>, id: domain::ExecutionId, tries: Memo<Vec<Publication>>) -> impl IntoView {
    let words = &strings().publish;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let publish = ServerAction::<PublishExecution>::new();
    let error = Signal::derive(move || publish.value().get().and_then(Result::err));
    let waits = move || tries.with(|tries| tries.iter().any(|one| !one.status.is_over()));
    let busy = Signal::derive(move || publish.pending().get() || waits());
    let repository = Memo::new(move |_| {
        let wanted = task.with(|task| task.repository_id)?;
        live.lists.repositories().with(|table| table.get(wanted))
    });
    let patch = move || format!("/api/v1/executions/{id}/patch?workspace={}", slug.get());
    view! {
        {move || repository.get().map(|repository| {
            view! {
                <ActionForm action=publish>
                    <div class="stack">
                        <Hidden name="publication[workspace]" value=slug/>
                        <Hidden name="publication[execution]" value=id.to_string()/>
                        <AnyProblem error/>
                        <TextField id="publish-branch" name="publication[branch]" field="branch" error
                            label=Label::new(words.branch_name).help(words.branch_help)/>
                        <Actions repository busy/>
                    </div>
                </ActionForm>
            }
        })}
        <a class="button" data-variant="quiet" data-size="small" href=patch download="" rel="external">
            <Icon glyph=Glyph::Download/> {words.patch}
        </a>
    }
}

/// A repository on this machine is changed here; another is pushed to.
#[component]
fn Actions(repository: Arc<Repository>, busy: Signal<bool>) -> impl IntoView {
    let words = &strings().publish;
    let is_local = repository.url.starts_with('/') || repository.url.starts_with("file://");
    let name = "publication[action]";
    let branch = repository.default_branch.clone();
    view! {
        <div class="row" data-wrap="">
            {is_local.then(|| {
                view! {
                    <Submit size=Size::Small variant=Variant::Primary busy name value="branch">
                        <Icon glyph=Glyph::Branch/> {words.make_branch}
                    </Submit>
                    <Submit size=Size::Small busy name value="merge">
                        {words.merge_into} " " <code>{branch}</code>
                    </Submit>
                }
            })}
            <Submit size=Size::Small busy name value="push">
                <Icon glyph=Glyph::External/> {words.make_push}
            </Submit>
        </div>
    }
}
