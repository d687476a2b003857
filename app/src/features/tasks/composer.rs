//! The composer: a page that works without script, and the same form in a dialog over any page.

use domain::repositories::Repository;
use domain::tasks::{DESCRIPTION_LIMIT, Priority, SCRIPT_LIMIT, TITLE_LIMIT};
use domain::templates::Template;
use domain::{Code, RepositoryId};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::api::ApiError;
use crate::api::repositories::list_repositories;
use crate::api::tasks::CreateTask;
use crate::api::templates::{TemplateAt, get_template};
use crate::features::frame::over::{Over, over};
use crate::features::frame::{Crumb, Head};
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::{AnyProblem, FormProblem, Problem};
use crate::ui::button::{ButtonLink, Submit, Variant};
use crate::ui::dialog::Dialog;
use crate::ui::document;
use crate::ui::field::{Hidden, Label, SelectField, Text, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::skeleton::Skeleton;
use crate::ui::toast::Toasts;

/// `/w/{slug}/tasks/new`; with `?template=` it begins with what that template has.
#[component]
pub fn ComposerPage() -> impl IntoView {
    let words = strings();
    let crumb = Crumb { text: words.tasks.title, href: place::path("/tasks") };
    let slug = place::slug();
    let query = use_query_map();
    let template = Memo::new(move |_| query.with(|query| query.get("template")).filter(|id| !id.is_empty()));
    let begun = Resource::new(move || (slug.get(), template.get()), |(slug, template)| begin(slug, template));
    let repositories = Resource::new(move || slug.get(), list_repositories);
    view! {
        <Head title=words.tasks.composer.to_owned() crumb/>
        <main id="main" class="content" data-width="reading" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton count=4/> }>
                {move || Suspend::new(async move {
                    let (from, problem) = match begun.await {
                        Ok(from) => (from, None),
                        Err(error) => (None, Some(view! { <Problem error/> })),
                    };
                    view! {
                        {problem}
                        <Composer title=Title::Own from repositories done=Callback::new(|()| ())>
                            <ButtonLink href=place::path("/tasks") variant=Variant::Quiet>{words.common.cancel}</ButtonLink>
                        </Composer>
                    }
                })}
            </Transition>
        </main>
    }
}

/// The template that an address names, where it names one.
async fn begin(workspace: String, template: Option<String>) -> Result<Option<Template>, ApiError> {
    let Some(id) = template else { return Ok(None) };
    let id = id.parse().map_err(|_| ApiError::new(Code::NotFound, ""))?;
    get_template(TemplateAt { workspace, id }).await.map(Some)
}

/// The form that a title above it belongs to.
const FORM: &str = "compose";

/// The composer over any page, opened by a key or a button. The title can be typed at once, while the rest of the form
/// is still being fetched.
#[component]
pub fn ComposerDialog(open: RwSignal<bool>) -> impl IntoView {
    let words = &strings().tasks;
    view! {
        <Dialog open title=words.composer>
            <div class="field">
                <label for="compose-title">{words.field_title}</label>
                <input class="input" data-variant="title" id="compose-title" name="task[title]" form=FORM required=true
                    maxlength=TITLE_LIMIT.to_string() placeholder=words.title_hint autocomplete="off"/>
            </div>
            <Suspense fallback=|| view! { <Skeleton count=4/> }>
                {move || Suspend::new(over(Over::Composer(open)))}
            </Suspense>
        </Dialog>
    }
}

/// The form in its dialog, from the chunk of what opens over pages.
pub fn written(open: RwSignal<bool>) -> AnyView {
    let slug = place::slug();
    let repositories = Resource::new(move || slug.get(), list_repositories);
    view! { <Composer title=Title::Above from=None repositories done=Callback::new(move |()| open.set(false))/> }.into_any()
}

/// Where the form's title stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Title {
    /// First in the form.
    Own,
    /// Above it, in the dialog; what it is refused for is said in the form.
    Above,
}

/// The form. `done` is called once the task is there; its children stand before the buttons.
#[component]
fn Composer(
    title: Title,
    from: Option<Template>,
    repositories: Resource<Result<Vec<Repository>, ApiError>>,
    done: Callback<()>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let words = &strings().tasks;
    let chosen = from.as_ref().map(|from| from.repository_id);
    let priority = from.as_ref().map_or(Priority::Normal, |from| from.priority);
    let labels = from.as_ref().map(|from| from.labels.join(", ")).unwrap_or_default();
    let of = move |field: fn(&Template) -> &String| from.as_ref().map(field).cloned().unwrap_or_default();
    let slug = place::slug();
    let create = ServerAction::<CreateTask>::new();
    let error = Signal::derive(move || create.value().get().and_then(Result::err));
    let busy = create.pending();
    let id = RwSignal::new(String::new());
    // Only the browser can make the id; it makes sending twice harmless.
    Effect::new(move |_| id.set(document::new_id().map(|id| id.to_string()).unwrap_or_default()));
    after_creation(create, slug, done);
    let refused = Signal::derive(move || error.get().filter(|error| error.field.as_deref() == Some("title")));
    let head = match title {
        Title::Above => view! { <AnyProblem error=refused/> }.into_any(),
        Title::Own => view! {
                <TextField id="task-title" name="task[title]" field="title" kind=Text::Title limit=TITLE_LIMIT error
                    value=of(|from| &from.title) label=Label::new(words.field_title).hint(words.title_hint).required()/>
        }
        .into_any(),
    };
    view! {
        <ActionForm action=create attr:id=(title == Title::Above).then_some(FORM)>
            <div class="composer">
                <Hidden name="task[workspace]" value=slug/>
                <Hidden name="task[id]" value=id/>
                <FormProblem error/>
                {head}
                <RepositoryField repositories chosen error/>
                <TextField id="task-script" name="task[script]" field="script" kind=Text::Code limit=SCRIPT_LIMIT error
                    value=of(|from| &from.script) label=Label::new(words.field_script).hint(words.script_hint).help(words.script_help)/>
                <TextField id="task-description" name="task[description]" field="description" kind=Text::Block
                    limit=DESCRIPTION_LIMIT error value=of(|from| &from.description)
                    label=Label::new(words.field_description).hint(words.description_hint)/>
                <div class="fields" data-columns="2">
                    <PriorityField priority error/>
                    <TextField id="task-labels" name="task[labels]" field="labels" limit=400 error value=labels
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

/// The first repository, unless a template chose: another one, or none.
#[component]
fn RepositoryField(
    repositories: Resource<Result<Vec<Repository>, ApiError>>,
    chosen: Option<Option<RepositoryId>>,
    error: Signal<Option<ApiError>>,
) -> impl IntoView {
    let words = &strings().tasks;
    let option = move |repository: Repository| {
        let selected = chosen == Some(Some(repository.id));
        view! { <option value=repository.id.to_string() selected=selected>{repository.name}</option> }
    };
    view! {
        <Transition fallback=|| view! { <Skeleton count=1/> }>
            {move || Suspend::new(async move {
                let known = repositories.await.unwrap_or_default();
                view! {
                    <SelectField id="task-repository" name="task[repository]" field="repository" error
                        label=Label::new(words.repository).help(words.repository_help)>
                        {known.into_iter().map(option).collect_view()}
                        <option value="" selected=chosen == Some(None)>{words.no_repository}</option>
                    </SelectField>
                }
            })}
        </Transition>
    }
}

#[component]
fn PriorityField(priority: Priority, error: Signal<Option<ApiError>>) -> impl IntoView {
    let words = strings();
    view! {
        <SelectField id="task-priority" name="task[priority]" field="priority" error
            label=Label::new(words.tasks.field_priority)>
            {Priority::ALL
                .iter()
                .map(|option| {
                    let selected = *option == priority;
                    view! { <option value=option.as_str() selected=selected>{words.words.priority(*option)}</option> }
                })
                .collect_view()}
        </SelectField>
    }
}
