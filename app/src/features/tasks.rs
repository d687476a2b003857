//! Tasks: board, list, composer, and what both the room and Home show of them.

pub mod board;
pub mod card;
pub mod composer;
pub mod controls;
pub mod filter;
pub mod lanes;
pub mod list;
pub mod rows;
pub mod sheet;
pub mod tools;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::repositories::list_repositories;
use crate::features::frame::Head;
use crate::features::place;
use crate::features::tasks::filter::{Shown, View};
use crate::features::tasks::sheet::{Sheet, load};
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::segment::{Choice, Segment};
use crate::ui::skeleton::{Shape, Skeleton};

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
    read_again(live, sheet, slug, shown);
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
            <tools::Tools shown repositories/>
            <Transition fallback=|| view! { <div class="content"><Skeleton shape=Shape::Card/></div> }>
                {move || Suspend::new(async move {
                    let known = repositories.await.unwrap_or_default();
                    live.lists.repositories().update(|table| table.read(known));
                    match tasks.await {
                        Ok(read) => {
                            let view = read.0.view;
                            sheet.take(read);
                            match view {
                                View::Board => view! { <board::Board/> }.into_any(),
                                View::List => view! { <list::List/> }.into_any(),
                            }
                        }
                        Err(error) => view! { <div class="content"><Problem error/></div> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
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
