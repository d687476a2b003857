//! Search and filters: a form that asks by GET, so that the answer is a URL and works without script.

use domain::repositories::Repository;
use domain::session::Member;
use domain::tasks::{Agent, Priority, TaskStatus};
use leptos::prelude::*;
use leptos_router::components::Form;
use wasm_bindgen::JsCast as _;

use crate::api::ApiError;
use crate::features::frame::Counted;
use crate::features::place;
use crate::features::tasks::filter::{Part, Shown, View};
use crate::features::tasks::people::called;
use crate::features::tasks::sheet::Sheet;
use crate::live::Live;
use crate::strings::strings;
use crate::ui::button::{ButtonLink, Size, Submit, Variant};
use crate::ui::icon::{Glyph, Icon};

#[component]
pub fn Tools(
    shown: Memo<Shown>,
    repositories: Resource<Result<Vec<Repository>, ApiError>>,
    members: Resource<Result<Vec<Member>, ApiError>>,
) -> impl IntoView {
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
                    <div class="search">
                        <Icon glyph=Glyph::Search/>
                        <input class="input" data-size="small" data-search="" type="search" name="q" maxlength="200"
                            aria-label=words.search placeholder=words.search value=move || now().filter.q/>
                        <kbd>"/"</kbd>
                    </div>
                    <div class="filters" on:change=ask>
                        <StatusChoice shown/>
                        <PriorityChoice shown/>
                        <ReadChoices shown members repositories/>
                        <AgentChoice shown/>
                        {move || (now().view == View::List).then(|| view! { <SortChoice shown/> })}
                    </div>
                    <span class="no-script"><Submit variant=Variant::Quiet size=Size::Small>{words.apply}</Submit></span>
                </div>
            </Form>
            <Total/>
            <Chips shown members/>
        </div>
    }
}

/// Each filter by itself, to be taken off, and the way to take off all.
#[component]
fn Chips(shown: Memo<Shown>, members: Resource<Result<Vec<Member>, ApiError>>) -> impl IntoView {
    let path = place::path("/tasks");
    let words = strings();
    let any = Memo::new(move |_| shown.with(Shown::is_filtered));
    let plain = Signal::derive(move || {
        format!("{}{}", path.get(), Shown { view: shown.get().view, ..Shown::default() }.query())
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let members = members.await.unwrap_or_default();
                any.get().then(|| {
                    let chips = move || {
                        let now = shown.get();
                        parts(&now).into_iter().map(|(part, value)| {
                            let href = format!("{}{}", path.get(), now.clone().without(part).query());
                            let text = format!("{}: {}", part.words(), part.value(&value, &members));
                            let label = format!("{}: {text}", words.board.remove_filter);
                            view! { <li><a class="chip" href=href aria-label=label>{text} <Icon glyph=Glyph::Close/></a></li> }
                        }).collect_view()
                    };
                    view! {
                        <ul class="chips" aria-label=words.board.filters>
                            {chips}
                            <li>
                                <ButtonLink href=plain variant=Variant::Quiet size=Size::Small>{words.tasks.clear}</ButtonLink>
                            </li>
                        </ul>
                    }
                })
            })}
        </Transition>
    }
}

/// The filters that are set.
fn parts(shown: &Shown) -> Vec<(Part, String)> {
    Part::ALL.into_iter().filter_map(|part| Some((part, shown.value(part)?))).collect()
}

impl Part {
    fn words(self) -> &'static str {
        let words = strings();
        match self {
            Self::Words => words.board.search_words,
            Self::Status => words.board.status,
            Self::Priority => words.tasks.field_priority,
            Self::Repository => words.tasks.repository,
            Self::Label => words.board.label,
            Self::Assignee => words.board.assignee,
            Self::Agent => words.board.agent,
        }
    }

    /// A value as people read it.
    fn value(self, value: &str, members: &[Member]) -> String {
        let words = strings();
        let read = match self {
            Self::Status => {
                let one = |word: &str| word.trim().parse().map(|status| words.words.task_status(status));
                let all: Result<Vec<&str>, _> = value.split(',').map(one).collect();
                all.ok().map(|all| all.join(", "))
            }
            Self::Priority => value.parse().ok().map(|priority| words.words.priority(priority).to_owned()),
            Self::Agent => value.parse().ok().map(|agent| words.words.agent(agent).to_owned()),
            Self::Assignee => match value {
                "me" => Some(words.board.me.to_owned()),
                "none" => Some(words.board.nobody.to_owned()),
                id => members.iter().find(|member| member.user_id.to_string() == id).map(called),
            },
            Self::Words | Self::Repository | Self::Label => None,
        };
        read.unwrap_or_else(|| value.to_owned())
    }
}

/// A choice of one value, or of any.
#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    any: &'static str,
    #[prop(into)] chosen: Signal<Option<String>>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let all = move || {
        let mut options = options.get();
        // What an address names beyond what is offered stays what it is.
        if let Some(chosen) = chosen.get()
            && !options.iter().any(|(value, _)| *value == chosen)
        {
            options.push((chosen.clone(), chosen));
        }
        options
    };
    view! {
        <select class="input" data-size="small" name=name aria-label=label>
            <option value="">{any}</option>
            <For each=all key=Clone::clone let((value, text))>
                <option value=value.clone() selected=move || chosen.get().as_ref() == Some(&value)>{text}</option>
            </For>
        </select>
    }
}

#[component]
fn StatusChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = strings();
    let one = |status: &TaskStatus| (status.to_string(), words.words.task_status(*status).to_owned());
    let options: Vec<_> = TaskStatus::ALL.iter().map(one).collect();
    let chosen = Signal::derive(move || shown.with(|shown| shown.filter.status.clone()));
    let options = Signal::derive(move || {
        let mut options = options.clone();
        if let Some(several) = chosen.get().filter(|chosen| chosen.contains(',')) {
            options.push((several.clone(), Part::Status.value(&several, &[])));
        }
        options
    });
    view! { <Choice name="status" label=words.board.status any=words.tasks.any_status chosen options/> }
}

/// What is chosen from what was read: people, labels of the tasks that are known here, repositories.
#[component]
fn ReadChoices(
    shown: Memo<Shown>,
    members: Resource<Result<Vec<Member>, ApiError>>,
    repositories: Resource<Result<Vec<Repository>, ApiError>>,
) -> impl IntoView {
    let words = strings();
    let sheet = expect_context::<Sheet>();
    let chosen = move |part| Signal::derive(move || shown.with(|shown| shown.value(part)));
    let twice = |text: &String| (text.clone(), text.clone());
    // Labels are those of tasks that are read beside this: which is there first is not the same on the server and here.
    let taken = expect_context::<Live>().taken;
    let labels = Signal::derive(move || {
        if !taken.get() {
            return Vec::new();
        }
        sheet.labels.with(|labels| labels.iter().map(twice).collect())
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let own = [("me", words.board.me), ("none", words.board.nobody)];
                let own = own.map(|(value, text)| (value.to_owned(), text.to_owned())).into_iter();
                let members = members.await.unwrap_or_default();
                let people = members.iter().map(|member| (member.user_id.to_string(), called(member)));
                let people: Vec<_> = own.chain(people).collect();
                let names: Vec<_> =
                    repositories.await.unwrap_or_default().iter().map(|known| twice(&known.name)).collect();
                view! {
                    <Choice name="assignee" label=words.board.assignee any=words.board.anybody
                        chosen=chosen(Part::Assignee) options=people/>
                    <Choice name="label" label=words.board.label any=words.board.any_label
                        chosen=chosen(Part::Label) options=labels/>
                    <Choice name="repository" label=words.tasks.repository any=words.tasks.any_repository
                        chosen=chosen(Part::Repository) options=names/>
                }
            })}
        </Transition>
    }
}

#[component]
fn AgentChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = strings();
    let chosen =
        Signal::derive(move || shown.with(|shown| shown.filter.agent.map(|agent| agent.to_string())));
    let one = |agent: &Agent| (agent.to_string(), words.words.agent(*agent).to_owned());
    let options: Vec<_> = Agent::ALL.iter().map(one).collect();
    // Where there is only one there is no choice.
    (options.len() > 1).then(|| {
        let options = Signal::derive(move || options.clone());
        view! { <Choice name="agent" label=words.board.agent any=words.board.any_agent chosen options/> }
    })
}

#[component]
fn PriorityChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = strings();
    let chosen = Signal::derive(move || shown.with(|shown| shown.value(Part::Priority)));
    let one = |priority: &Priority| (priority.to_string(), words.words.priority(*priority).to_owned());
    let options: Vec<_> = Priority::ALL.iter().rev().map(one).collect();
    view! { <Choice name="priority" label=words.tasks.field_priority any=words.tasks.any_priority chosen options/> }
}

/// The newest stand first where nothing else is chosen.
#[component]
fn SortChoice(shown: Memo<Shown>) -> impl IntoView {
    let words = &strings().tasks;
    let sorts = [
        ("created_at", words.oldest),
        ("-updated_at", words.latest_change),
        ("-priority", words.by_priority),
    ];
    let options: Vec<_> = sorts.map(|(value, text)| (value.to_owned(), text.to_owned())).into();
    let chosen = Signal::derive(move || {
        shown.with(|shown| shown.filter.sort.clone()).filter(|sort| sort != "-created_at")
    });
    view! { <Choice name="sort" label=words.sort any=words.newest chosen options/> }
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
