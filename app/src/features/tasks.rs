//! Tasks: board, list, composer, and what both the room and Home show of them.

pub mod bar;
pub mod board;
pub mod card;
pub mod clash;
pub mod composer;
pub mod controls;
pub mod drag;
pub mod edits;
pub mod filter;
pub mod hands;
pub mod lanes;
pub mod list;
pub mod panels;
pub mod people;
pub mod rows;
pub mod selection;
pub mod sheet;
pub mod tools;
pub mod views;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::board::list_members;
use crate::api::repositories::list_repositories;
use crate::features::frame::Head;
use crate::features::place;
use crate::features::tasks::edits::Edits;
use crate::features::tasks::filter::{Shown, View};
use crate::features::tasks::hands::{Hands, Listening};
use crate::features::tasks::people::People;
use crate::features::tasks::selection::Selection;
use crate::features::tasks::sheet::{Sheet, load};
use crate::live::reduce::ListsStoreFields as _;
use crate::live::{Live, connection};
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::segment::{Choice, Segment};
use crate::ui::skeleton::{Shape, Skeleton};
use crate::ui::toast::Toasts;

/// `/w/{slug}/tasks`: a board or a list of what the query asks for.
#[component]
pub fn TasksPage() -> impl IntoView {
    let words = &strings().tasks;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let query = use_query_map();
    let shown = Memo::new(move |_| query.with(Shown::from_query));
    let sheet = Sheet::new(slug, live);
    provide_context(sheet);
    let tasks = Resource::new(move || (slug.get(), shown.get()), |(slug, shown)| load(slug, shown));
    let repositories = Resource::new(move || slug.get(), list_repositories);
    let members = Resource::new(move || slug.get(), list_members);
    let people = People { all: RwSignal::new(Vec::new()) };
    provide_context(people);
    let toasts = expect_context::<Toasts>();
    let edits = Edits::new(live, toasts, slug);
    provide_context(edits);
    provide_context(Hands::new(sheet, edits, Selection::new(live, toasts, slug)));
    read_again(live, sheet, slug, shown);
    connection::attend_here(slug, None);
    let path = place::path("/tasks");
    let choices = Signal::derive(move || {
        let now = shown.get();
        let choice = |view, text| Choice {
            href: format!("{}{}", path.get(), Shown { view, ..now.clone() }.begin().query()),
            text,
            current: now.view == view,
        };
        vec![choice(View::Board, words.board), choice(View::List, words.list)]
    });
    let middle = ViewFn::from(move || view! { <Segment label=words.view_as choices/> });
    view! {
        <Head title=words.title.to_owned() middle=middle>
            <ButtonLink href=place::path("/tasks/new") variant=Variant::Primary>
                <Icon glyph=Glyph::Plus/> <span class="wide-label">{words.new_task}</span> <kbd>"c"</kbd>
            </ButtonLink>
        </Head>
        <main id="main" class="tasks" tabindex="-1">
            <views::Tabs shown/>
            <tools::Tools shown repositories members/>
            <Transition fallback=|| view! { <div class="content"><Skeleton shape=Shape::Card/></div> }>
                {move || Suspend::new(async move {
                    let known = repositories.await.unwrap_or_default();
                    live.lists.repositories().update(|table| table.read(known));
                    people.all.set(members.await.unwrap_or_default());
                    match tasks.await {
                        Ok(read) => {
                            let view = read.0.view;
                            sheet.take(read);
                            let lanes = match view {
                                View::Board => view! { <board::Board/> }.into_any(),
                                View::List => view! { <list::List/> }.into_any(),
                            };
                            view! { <Listening>{lanes}</Listening> }.into_any()
                        }
                        Err(error) => view! { <div class="content"><Problem error/></div> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

/// Fetches the chunks that open on demand.
pub async fn parts() {
    hands::heard(hands::Hearing::Nothing).await;
}

/// Reads the lanes again whenever the feed has lost its thread. What is shown stays until the answer is there.
fn read_again(live: Live, sheet: Sheet, slug: Memo<String>, shown: Memo<Shown>) {
    Effect::new(move |seen: Option<u32>| {
        let generation = live.generation.get();
        if seen.is_some_and(|seen| seen != generation) {
            leptos::task::spawn_local(async move {
                let wanted = shown.get_untracked();
                // A reading that fails leaves what is shown; the next reconnect reads again.
                if let Ok(read) = load(slug.get_untracked(), wanted.clone()).await
                    && shown.try_get_untracked() == Some(wanted)
                {
                    sheet.take(read);
                }
            });
        }
        generation
    });
}
