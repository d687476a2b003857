//! Repositories: the list, and the form that adds or changes one.

mod form;

use std::sync::Arc;

use domain::repositories::{Network, Repository, RepositoryStatus};
use leptos::prelude::*;

pub use form::{EditPage, NewPage};

use crate::api::repositories::list_repositories;
use crate::features::frame::Head;
use crate::features::place;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::live::table::Table;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{ButtonLink, Size, Variant};
use crate::ui::empty::Empty;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::skeleton::{Shape, Skeleton};
use crate::ui::status::RepositoryBadge;
use crate::ui::time::Ago;

/// `/w/{slug}/repositories`.
#[component]
pub fn RepositoriesPage() -> impl IntoView {
    let words = &strings().repositories;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let repositories =
        Resource::new(move || (slug.get(), live.generation.get()), |(slug, _)| list_repositories(slug));
    view! {
        <Head title=words.title.to_owned()>
            <ButtonLink href=place::path("/repositories/new") variant=Variant::Primary>
                <Icon glyph=Glyph::Plus/> <span class="wide-label">{words.add}</span>
            </ButtonLink>
        </Head>
        <main id="main" class="content" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton shape=Shape::Card count=3/> }>
                {move || Suspend::new(async move {
                    match repositories.await {
                        Ok(known) => {
                            live.lists.repositories().update(|table| table.read_anew(known));
                            view! { <Repositories/> }.into_any()
                        }
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn Repositories() -> impl IntoView {
    let words = &strings().repositories;
    let live = expect_context::<Live>();
    let all = Memo::new(move |_| {
        let mut all = live.lists.repositories().with(Table::rows);
        all.sort_by_key(|repository| repository.name.to_lowercase());
        all
    });
    let empty = Memo::new(move |_| all.with(Vec::is_empty));
    move || {
        if empty.get() {
            return view! {
                <Empty glyph=Glyph::Repository title=words.none text=words.none_hint>
                    <ButtonLink href=place::path("/repositories/new") variant=Variant::Primary>{words.add}</ButtonLink>
                </Empty>
            }
            .into_any();
        }
        view! {
            <ul class="repository-list">
                <For each=move || all.get() key=|repository| (repository.id, repository.version) let:repository>
                    <Line repository/>
                </For>
            </ul>
        }
        .into_any()
    }
}

#[component]
fn Line(repository: Arc<Repository>) -> impl IntoView {
    let words = strings();
    let base = place::path("");
    let (id, name) = (repository.id, repository.name.clone());
    let edit = Signal::derive(move || format!("{}/repositories/{id}", base.get()));
    let tasks = Signal::derive(move || {
        let query: leptos_router::params::ParamsMap =
            [("repository".to_owned(), name.clone())].into_iter().collect();
        format!("{}/tasks{}", base.get(), query.to_query_string())
    });
    let setup = (!repository.setup_script.trim().is_empty()).then(|| {
        view! { <span class="row"><Icon glyph=Glyph::Command/> {words.repositories.setup_badge}</span> }
    });
    let network_glyph = if repository.network == Network::None { Glyph::Lock } else { Glyph::Globe };
    let why = (repository.status != RepositoryStatus::Ready)
        .then(|| view! { <p class="why">{repository.status_detail.clone()}</p> });
    view! {
        <li class="card repository">
            <Icon glyph=Glyph::Repository/>
            <div class="stack" data-gap="tight">
                <div class="row" data-wrap="">
                    <h2><a href=move || edit.get() data-item="">{repository.name.clone()}</a></h2>
                    <RepositoryBadge status=repository.status/>
                </div>
                <code class="where">{repository.url.clone()}</code>
            </div>
            <div class="actions">
                <ButtonLink href=tasks variant=Variant::Quiet size=Size::Small>{words.repositories.tasks}</ButtonLink>
                <ButtonLink href=edit size=Size::Small>{words.common.edit}</ButtonLink>
            </div>
            {why}
            <div class="meta">
                <span class="row"><Icon glyph=Glyph::Branch/> {repository.default_branch.clone()}</span>
                <span class="row"><Icon glyph=network_glyph/> {words.words.network(repository.network)}</span>
                {setup}
                <span class="push">{words.repositories.checked} " " <Ago at=repository.updated_at/></span>
            </div>
        </li>
    }
}
