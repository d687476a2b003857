//! The form that adds a repository or changes one, and the way to remove it.

use domain::repositories::{Network, Repository};
use domain::settings::BRANCH_TEMPLATE;
use domain::{Code, RepositoryId};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::api::ApiError;
use crate::api::repositories::{
    CreateRepository, RemoveRepository, RepositoryAt, UpdateRepository, get_repository,
};
use crate::features::frame::{Crumb, Head};
use crate::features::place;
use crate::strings::strings;
use crate::ui::ask::Ask;
use crate::ui::banner::{AnyProblem, FormProblem, Problem};
use crate::ui::button::{ButtonLink, Size, Submit, Variant};
use crate::ui::field::{Hidden, Label, Text, TextField};
use crate::ui::skeleton::Skeleton;
use crate::ui::toast::Toasts;

/// The longest set-up script that the form takes.
const SETUP_LIMIT: usize = 65_536;

/// `/w/{slug}/repositories/new`.
#[component]
pub fn NewPage() -> impl IntoView {
    let words = &strings().repositories;
    let create = ServerAction::<CreateRepository>::new();
    let error = Signal::derive(move || create.value().get().and_then(Result::err));
    let done = Signal::derive(move || matches!(create.value().get(), Some(Ok(_))));
    leave(done, words.added);
    view! {
        <Top title=words.add/>
        <main id="main" class="content" tabindex="-1">
            <div class="form-page">
                <ActionForm action=create>
                    <Fields known=None error busy=create.pending()/>
                </ActionForm>
            </div>
        </main>
    }
}

/// `/w/{slug}/repositories/{id}`.
#[component]
pub fn EditPage() -> impl IntoView {
    let slug = place::slug();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id"))?.parse::<RepositoryId>().ok());
    let loaded = Resource::new(
        move || (slug.get(), id.get()),
        |(workspace, id)| async move {
            let id = id.ok_or_else(|| ApiError::new(Code::NotFound, ""))?;
            get_repository(RepositoryAt { workspace, id }).await
        },
    );
    view! {
        <Top title=strings().repositories.edit/>
        <main id="main" class="content" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(repository) => view! { <Edit repository/> }.into_any(),
                        Err(error) => {
                            place::answer(error.code);
                            view! { <Problem error/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn Top(title: &'static str) -> impl IntoView {
    let crumb = Crumb { text: strings().repositories.title, href: place::path("/repositories") };
    view! { <Head title=title.to_owned() crumb/> }
}

#[component]
fn Edit(repository: Repository) -> impl IntoView {
    let words = strings();
    let update = ServerAction::<UpdateRepository>::new();
    let error = Signal::derive(move || update.value().get().and_then(Result::err));
    let done = Signal::derive(move || matches!(update.value().get(), Some(Ok(_))));
    leave(done, words.common.saved);
    let (id, name) = (repository.id, repository.name.clone());
    view! {
        <div class="form-page">
            <ActionForm action=update>
                <Fields known=Some(repository) error busy=update.pending()/>
            </ActionForm>
            <Remove id name/>
        </div>
    }
}

#[component]
fn Remove(id: RepositoryId, name: String) -> impl IntoView {
    let words = &strings().repositories;
    let question = format!("“{name}”: {}", words.remove_confirm);
    let slug = place::slug();
    let remove = ServerAction::<RemoveRepository>::new();
    let error = Signal::derive(move || remove.value().get().and_then(Result::err));
    let done = Signal::derive(move || matches!(remove.value().get(), Some(Ok(_))));
    leave(done, words.removed);
    view! {
        <section class="stack" aria-label=words.remove_title>
            <AnyProblem error/>
            <Ask text=words.remove question>
                <ActionForm action=remove>
                    <Hidden name="repository[workspace]" value=slug/>
                    <Hidden name="repository[id]" value=id.to_string()/>
                    <Submit variant=Variant::Danger size=Size::Small busy=remove.pending()>{words.remove_title}</Submit>
                </ActionForm>
            </Ask>
        </section>
    }
}

/// Back to the list once it is done. Without script the server leads there.
fn leave(done: Signal<bool>, said: &'static str) {
    let navigate = use_navigate();
    let slug = place::slug();
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        if done.get() {
            toasts.done(said);
            navigate(&format!("/w/{}/repositories", slug.get_untracked()), NavigateOptions::default());
        }
    });
}

#[component]
fn Fields(known: Option<Repository>, error: Signal<Option<ApiError>>, busy: Memo<bool>) -> impl IntoView {
    let words = strings();
    let text = &words.repositories;
    let slug = place::slug();
    let is_new = known.is_none();
    let (id, version) = known
        .as_ref()
        .map_or_else(Default::default, |known| (known.id.to_string(), known.version.to_string()));
    let of = |field: fn(&Repository) -> &String| known.as_ref().map(field).cloned().unwrap_or_default();
    let most = known.as_ref().and_then(|known| known.max_running).map(|most| most.to_string());
    let most = most.unwrap_or_default();
    let template = known.as_ref().and_then(|known| known.branch_template.clone()).unwrap_or_default();
    let network = known.as_ref().map_or(Network::None, |known| known.network);
    view! {
        <div class="stack" data-gap="wide">
            <Hidden name="repository[workspace]" value=slug/>
            <Hidden name="repository[id]" value=id/>
            <Hidden name="repository[version]" value=version/>
            <FormProblem error/>
            <TextField id="repository-url" name="repository[url]" field="url" limit=2_000 error
                value=of(|known| &known.url)
                label=Label::new(text.url).hint(text.url_hint).help(text.url_help).required()/>
            <div class="fields" data-columns="2">
                <TextField id="repository-name" name="repository[name]" field="name" limit=100 error
                    value=of(|known| &known.name) label=Label::new(text.name).help(text.name_help)/>
                <TextField id="repository-branch" name="repository[default_branch]" field="default_branch" limit=200
                    error value=of(|known| &known.default_branch) label=Label::new(text.branch).help(text.branch_help)/>
            </div>
            <TextField id="repository-setup" name="repository[setup_script]" field="setup_script" kind=Text::Code
                limit=SETUP_LIMIT error value=of(|known| &known.setup_script)
                label=Label::new(text.setup).help(text.setup_help)/>
            <div class="fields" data-columns="2">
                <TextField id="repository-most" name="repository[max_running]" field="max_running" kind=Text::Number limit=4
                    error value=most label=Label::new(text.max_running).help(text.max_running_help)/>
                <TextField id="repository-template" name="repository[branch_template]" field="branch_template" limit=200
                    error value=template
                    label=Label::new(text.template).hint(BRANCH_TEMPLATE).help(text.template_help)/>
            </div>
            <NetworkChoice network/>
            <footer class="form-actions">
                <ButtonLink href=place::path("/repositories") variant=Variant::Quiet>{words.common.cancel}</ButtonLink>
                <Submit variant=Variant::Primary busy>{if is_new { text.add } else { words.common.save }}</Submit>
            </footer>
        </div>
    }
}

#[component]
fn NetworkChoice(network: Network) -> impl IntoView {
    let words = &strings().repositories;
    let choices = [
        (Network::None, "none", words.network_none, words.network_none_help),
        (Network::Full, "full", words.network_full, words.network_full_help),
    ];
    view! {
        <fieldset class="field">
            <legend class="label">{words.network}</legend>
            {choices
                .into_iter()
                .map(|(choice, value, name, help)| {
                    view! {
                        <label class="check">
                            <input type="radio" name="repository[network]" value=value checked=choice == network/>
                            <span>{name}</span>
                            <span class="hint">{help}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}
