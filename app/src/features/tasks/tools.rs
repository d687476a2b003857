//! Search and filters: a form that asks by GET, so that the answer is a URL and works without script.

use domain::repositories::Repository;
use domain::tasks::Priority;
use leptos::prelude::*;
use leptos_router::components::Form;
use wasm_bindgen::JsCast as _;

use crate::api::ApiError;
use crate::features::frame::Counted;
use crate::features::place;
use crate::features::tasks::filter::{Shown, View};
use crate::strings::strings;
use crate::ui::button::{ButtonLink, Size, Submit, Variant};
use crate::ui::icon::{Glyph, Icon};

#[component]
pub fn Tools(shown: Memo<Shown>, repositories: Resource<Result<Vec<Repository>, ApiError>>) -> impl IntoView {
    let words = &strings().tasks;
    let path = place::path("/tasks");
    // A choice asks at once; without script the button does.
    let ask = move |event: web_sys::Event| {
        let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok());
        let form = form.and_then(|element| element.closest("form").ok().flatten());
        if let Some(form) = form.and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok()) {
            // A form that can't be sent says so itself.
            drop(form.request_submit());
        }
    };
    let now = move || shown.get();
    view! {
        <div class="tools" role="search">
            <Form method="GET" action=move || path.get()>
                <div class="row" data-wrap="">
                    {move || (now().view == View::List).then(|| view! { <input type="hidden" name="view" value="list"/> })}
                    {move || now().filter.status.map(|status| view! { <input type="hidden" name="status" value=status/> })}
                    <div class="search">
                        <Icon glyph=Glyph::Search/>
                        <input class="input" data-size="small" data-search="" type="search" name="q" maxlength="200"
                            aria-label=words.search placeholder=words.search value=move || now().filter.q/>
                        <kbd>"/"</kbd>
                    </div>
                    <div class="filters" on:change=ask>
                        <RepositoryChoice shown repositories/>
                        <PriorityChoice shown/>
                        {move || (now().view == View::List).then(|| view! { <SortChoice shown/> })}
                    </div>
                    <span class="no-script"><Submit variant=Variant::Quiet size=Size::Small>{words.apply}</Submit></span>
                    {move || shown.with(Shown::is_filtered).then(|| {
                        view! {
                            <ButtonLink href=Signal::derive(move || clear(&path.get(), shown.get().view))
                                variant=Variant::Quiet size=Size::Small>
                                <Icon glyph=Glyph::Close/> {words.clear}
                            </ButtonLink>
                        }
                    })}
                </div>
            </Form>
            <Total/>
        </div>
    }
}

fn clear(path: &str, view: View) -> String {
    format!("{path}{}", Shown { view, ..Shown::default() }.query())
}

#[component]
fn RepositoryChoice(
    shown: Memo<Shown>,
    repositories: Resource<Result<Vec<Repository>, ApiError>>,
) -> impl IntoView {
    let words = &strings().tasks;
    view! {
        <select class="input" data-size="small" name="repository" aria-label=words.repository>
            <option value="">{words.any_repository}</option>
            <Transition>
                {move || Suspend::new(async move {
                    let known = repositories.await.unwrap_or_default();
                    known
                        .into_iter()
                        .map(|repository| {
                            let name = repository.name.clone();
                            let selected = move || shown.get().filter.repository.as_deref() == Some(name.as_str());
                            view! {
                                <option value=repository.name.clone() selected=selected>{repository.name.clone()}</option>
                            }
                        })
                        .collect_view()
                })}
            </Transition>
        </select>
    }
}

#[component]
fn PriorityChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = strings();
    view! {
        <select class="input" data-size="small" name="priority" aria-label=words.tasks.field_priority>
            <option value="">{words.tasks.any_priority}</option>
            {Priority::ALL
                .iter()
                .rev()
                .map(|priority| {
                    let selected = move || shown.get().filter.priority == Some(*priority);
                    view! { <option value=priority.as_str() selected=selected>{words.words.priority(*priority)}</option> }
                })
                .collect_view()}
        </select>
    }
}

#[component]
fn SortChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = &strings().tasks;
    let sorts = [
        ("-created_at", words.newest),
        ("created_at", words.oldest),
        ("-updated_at", words.latest_change),
        ("-priority", words.by_priority),
    ];
    view! {
        <select class="input" data-size="small" name="sort" aria-label=words.sort>
            {sorts
                .into_iter()
                .map(|(value, text)| {
                    let selected = move || shown.get().filter.sort.as_deref().unwrap_or("-created_at") == value;
                    view! { <option value=value selected=selected>{text}</option> }
                })
                .collect_view()}
        </select>
    }
}

/// How many tasks the workspace has.
#[component]
fn Total() -> impl IntoView {
    let Counted(counts) = expect_context::<Counted>();
    let words = &strings().tasks;
    view! {
        <span class="push dim desktop-only total">
            <Transition>
                {move || Suspend::new(async move {
                    counts.await.ok().map(|counts| {
                        let total = counts.total();
                        view! { {total} " " {if total == 1 { words.one } else { words.many }} }
                    })
                })}
            </Transition>
        </span>
    }
}
