//! Templates: a list, in which each opens into its form.

use domain::repositories::Repository;
use domain::tasks::{DESCRIPTION_LIMIT, Priority, SCRIPT_LIMIT, TITLE_LIMIT};
use domain::templates::{NAME_LIMIT, Template};
use leptos::form::ActionForm;
use leptos::prelude::*;

use super::{Crumbs, refusal};
use crate::api::ApiError;
use crate::api::repositories::list_repositories;
use crate::api::templates::{RemoveTemplate, SaveTemplate, list_templates};
use crate::features::place;
use crate::strings::strings;
use crate::ui::ask::Ask;
use crate::ui::banner::{AnyProblem, FormProblem, Problem};
use crate::ui::button::{ButtonLink, Size, Submit, Variant};
use crate::ui::empty::Empty;
use crate::ui::field::{Hidden, Label, SelectField, Text, TextField};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::skeleton::Skeleton;

/// `/w/{slug}/settings/templates`.
#[component]
pub fn TemplatesPage() -> impl IntoView {
    let words = &strings().templates;
    let slug = place::slug();
    let save = ServerAction::<SaveTemplate>::new();
    let remove = ServerAction::<RemoveTemplate>::new();
    let changes = move || (slug.get(), done(save.value().get()), done(remove.value().get()));
    let counted = Memo::new(move |before: Option<&(u32, String)>| {
        let (slug, saved, removed) = changes();
        let count = before.map_or(0, |(count, _)| *count) + u32::from(saved || removed);
        (count, slug)
    });
    let loaded = Resource::new(move || counted.get(), |(_, slug)| load(slug));
    view! {
        <Crumbs title=words.title/>
        <main id="main" class="content" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok((templates, repositories)) => view! { <Templates templates repositories save remove/> }.into_any(),
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

fn done<T>(answer: Option<Result<T, ApiError>>) -> bool {
    matches!(answer, Some(Ok(_)))
}

async fn load(slug: String) -> Result<(Vec<Template>, Vec<Repository>), ApiError> {
    let templates = list_templates(slug.clone()).await?;
    // Without them only names are missing.
    Ok((templates, list_repositories(slug).await.unwrap_or_default()))
}

#[component]
fn Templates(
    templates: Vec<Template>,
    repositories: Vec<Repository>,
    save: ServerAction<SaveTemplate>,
    remove: ServerAction<RemoveTemplate>,
) -> impl IntoView {
    let words = &strings().templates;
    let refused = Signal::derive(move || remove.value().get().and_then(Result::err));
    let empty = templates
        .is_empty()
        .then(|| view! { <Empty glyph=Glyph::Copy title=words.none text=words.none_hint/> });
    let known = repositories.clone();
    view! {
        <div class="entries">
            <AnyProblem error=refused/>
            {empty}
            {templates
                .into_iter()
                .map(|template| {
                    let repositories = repositories.clone();
                    view! { <Entry template repositories save remove/> }
                })
                .collect_view()}
            <details class="entry" data-kind="new">
                <summary><Icon glyph=Glyph::Plus/> {words.add}</summary>
                <Form known=None repositories=known save/>
            </details>
        </div>
    }
}

#[component]
fn Entry(
    template: Template,
    repositories: Vec<Repository>,
    save: ServerAction<SaveTemplate>,
    remove: ServerAction<RemoveTemplate>,
) -> impl IntoView {
    let words = strings();
    let slug = place::slug();
    let id = template.id;
    let summary = (template.name.clone(), template.title.clone());
    let composer = Signal::derive(move || format!("/w/{}/tasks/new?template={id}", slug.get()));
    let question = format!("“{}”: {}", template.name, words.templates.remove_confirm);
    view! {
        <details class="entry">
            <summary><strong>{summary.0}</strong> <span class="dim">{summary.1}</span></summary>
            <Form known=Some(template) repositories save/>
            <div class="row" data-wrap="">
                <ButtonLink href=composer size=Size::Small><Icon glyph=Glyph::Plus/> {words.templates.use_it}</ButtonLink>
                <Ask text=words.common.remove question>
                    <ActionForm action=remove>
                        <Hidden name="template[workspace]" value=slug/>
                        <Hidden name="template[id]" value=id.to_string()/>
                        <Submit variant=Variant::Danger size=Size::Small busy=remove.pending()>{words.templates.remove}</Submit>
                    </ActionForm>
                </Ask>
            </div>
        </details>
    }
}

#[component]
fn Form(
    known: Option<Template>,
    repositories: Vec<Repository>,
    save: ServerAction<SaveTemplate>,
) -> impl IntoView {
    let words = strings();
    let text = &words.templates;
    let slug = place::slug();
    let id = known.as_ref().map(|known| known.id.to_string()).unwrap_or_default();
    let error = refusal(save, |sent| sent.template.id.0, known.as_ref().map(|known| known.id));
    let version = known.as_ref().map(|known| known.version.to_string()).unwrap_or_default();
    let own_fields = known.clone();
    let of =
        move |field: fn(&Template) -> &String| own_fields.as_ref().map(field).cloned().unwrap_or_default();
    let labels = known.as_ref().map(|known| known.labels.join(", ")).unwrap_or_default();
    let chosen = known.as_ref().and_then(|known| known.repository_id);
    let priority = known.as_ref().map_or(Priority::Normal, |known| known.priority);
    let form = id.clone();
    let key = move |part: &str| format!("template-{form}-{part}");
    view! {
        <ActionForm action=save>
            <div class="stack">
                <Hidden name="template[workspace]" value=slug/>
                <Hidden name="template[id]" value=id/>
                <Hidden name="template[version]" value=version/>
                <FormProblem error/>
                <TextField id=key("name") name="template[name]" field="name" limit=NAME_LIMIT error
                    value=of(|known| &known.name) label=Label::new(text.name).required()/>
                <TextField id=key("title") name="template[title]" field="title" limit=TITLE_LIMIT error
                    value=of(|known| &known.title) label=Label::new(text.task_title).required()/>
                <TextField id=key("script") name="template[script]" field="script" kind=Text::Code limit=SCRIPT_LIMIT error
                    value=of(|known| &known.script) label=Label::new(words.tasks.field_script)/>
                <TextField id=key("description") name="template[description]" field="description" kind=Text::Block
                    limit=DESCRIPTION_LIMIT error value=of(|known| &known.description)
                    label=Label::new(words.tasks.field_description)/>
                <div class="fields" data-columns="2">
                    <SelectField id=key("repository") name="template[repository]" field="repository" error
                        label=Label::new(words.tasks.repository)>
                        <option value="">{words.tasks.no_repository}</option>
                        {repositories
                            .into_iter()
                            .map(|repository| {
                                let selected = chosen == Some(repository.id);
                                view! { <option value=repository.id.to_string() selected=selected>{repository.name}</option> }
                            })
                            .collect_view()}
                    </SelectField>
                    <SelectField id=key("priority") name="template[priority]" field="priority" error
                        label=Label::new(words.tasks.field_priority)>
                        {Priority::ALL
                            .iter()
                            .map(|option| {
                                let selected = *option == priority;
                                view! { <option value=option.as_str() selected=selected>{words.words.priority(*option)}</option> }
                            })
                            .collect_view()}
                    </SelectField>
                </div>
                <TextField id=key("labels") name="template[labels]" field="labels" limit=400 error value=labels
                    label=Label::new(words.tasks.field_labels).hint(words.tasks.labels_hint)/>
                <div class="row">
                    <Submit variant=Variant::Primary size=Size::Small busy=save.pending()>{words.common.save}</Submit>
                </div>
            </div>
        </ActionForm>
    }
}
