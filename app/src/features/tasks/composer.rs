//! The composer: a page that works without script, and the same form in a dialog over any page.

use domain::repositories::Repository;
use domain::tasks::{DESCRIPTION_LIMIT, Priority, SCRIPT_LIMIT, TITLE_LIMIT};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::ApiError;
use crate::api::repositories::list_repositories;
use crate::api::tasks::CreateTask;
use crate::features::frame::{Crumb, Head};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::FormProblem;
use crate::ui::button::{ButtonLink, Submit, Variant};
use crate::ui::dialog::Dialog;
use crate::ui::document;
use crate::ui::field::{Hidden, Label, SelectField, Text, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::skeleton::Skeleton;
use crate::ui::toast::Toasts;

/// `/w/{slug}/tasks/new`.
#[component]
pub fn ComposerPage() -> impl IntoView {
    let words = strings();
    let crumb = Crumb { text: words.tasks.title, href: place::path("/tasks") };
    view! {
        <Head title=words.tasks.composer.to_owned() crumb/>
        <main id="main" class="content" data-width="reading" tabindex="-1">
            <Composer done=Callback::new(|()| ())>
                <ButtonLink href=place::path("/tasks") variant=Variant::Quiet>{words.common.cancel}</ButtonLink>
            </Composer>
        </main>
    }
}

/// The composer over any page, opened by a key or a button.
#[component]
pub fn ComposerDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=strings().tasks.composer>
            <Composer done=Callback::new(move |()| open.set(false))/>
        </Dialog>
    }
}

/// The form. `done` is called once the task is there; its children stand before the buttons.
#[component]
fn Composer(done: Callback<()>, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let words = &strings().tasks;
    let slug = place::slug();
    let create = ServerAction::<CreateTask>::new();
    let error = Signal::derive(move || create.value().get().and_then(Result::err));
    let busy = create.pending();
    let id = RwSignal::new(String::new());
    // Only the browser can make the id; it makes sending twice harmless.
    Effect::new(move |_| id.set(document::new_id().map(|id| id.to_string()).unwrap_or_default()));
    after_creation(create, slug, done);
    view! {
        <ActionForm action=create>
            <div class="composer">
                <Hidden name="task[workspace]" value=slug/>
                <Hidden name="task[id]" value=id/>
                <FormProblem error/>
                <TextField id="task-title" name="task[title]" field="title" kind=Text::Title limit=TITLE_LIMIT error
                    label=Label::new(words.field_title).hint(words.title_hint).required()/>
                <RepositoryField slug error/>
                <TextField id="task-script" name="task[script]" field="script" kind=Text::Code limit=SCRIPT_LIMIT error
                    label=Label::new(words.field_script).hint(words.script_hint).help(words.script_help)/>
                <TextField id="task-description" name="task[description]" field="description" kind=Text::Block
                    limit=DESCRIPTION_LIMIT error
                    label=Label::new(words.field_description).hint(words.description_hint)/>
                <div class="fields" data-columns="2">
                    <PriorityField error/>
                    <TextField id="task-labels" name="task[labels]" field="labels" limit=400 error
                        label=Label::new(words.field_labels).hint(words.labels_hint)/>
                </div>
                <footer class="form-actions">
                    {children.map(|children| children())}
                    <Submit busy>{words.create}</Submit>
                    <Submit busy variant=Variant::Primary name="task[start]" value="true">
                        <Icon glyph=Glyph::Play/> {words.create_and_start}
                    </Submit>
                </footer>
            </div>
        </ActionForm>
    }
}

/// Shows the new task's room. Without script the server leads there.
fn after_creation(create: ServerAction<CreateTask>, slug: Memo<String>, done: Callback<()>) {
    let navigate = use_navigate();
    let live = expect_context::<Live>();
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if let Some(Ok(saved)) = create.value().get() {
            let room = format!("/w/{}/tasks/{}", slug.get_untracked(), saved.value.number);
            live.lists.tasks().update(|table| table.read([saved.value]));
            toasts.done(strings().tasks.created);
            done.run(());
            navigate(&room, NavigateOptions::default());
        }
    });
}

#[component]
fn RepositoryField(slug: Memo<String>, error: Signal<Option<ApiError>>) -> impl IntoView {
    let words = &strings().tasks;
    let repositories = Resource::new(move || slug.get(), list_repositories);
    let option =
        |repository: Repository| view! { <option value=repository.id.to_string()>{repository.name}</option> };
    view! {
        <Transition fallback=|| view! { <Skeleton count=1/> }>
            {move || Suspend::new(async move {
                let known = repositories.await.unwrap_or_default();
                view! {
                    <SelectField id="task-repository" name="task[repository]" field="repository" error
                        label=Label::new(words.repository).help(words.repository_help)>
                        {known.into_iter().map(option).collect_view()}
                        <option value="">{words.no_repository}</option>
                    </SelectField>
                }
            })}
        </Transition>
    }
}

#[component]
fn PriorityField(error: Signal<Option<ApiError>>) -> impl IntoView {
    let words = strings();
    view! {
        <SelectField id="task-priority" name="task[priority]" field="priority" error
            label=Label::new(words.tasks.field_priority)>
            {Priority::ALL
                .iter()
                .map(|priority| {
                    let normal = *priority == Priority::Normal;
                    view! { <option value=priority.as_str() selected=normal>{words.words.priority(*priority)}</option> }
                })
                .collect_view()}
        </SelectField>
    }
}
