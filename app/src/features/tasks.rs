//! Tasks: board, list, composer, and what both the room and Home show of them.

pub mod board;
pub mod card;
pub mod composer;
pub mod controls;
pub mod filter;
pub mod list;
pub mod rows;
pub mod tools;

use domain::Page;
use domain::tasks::{Task, TaskFilter};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;
use crate::api::repositories::list_repositories;
use crate::api::tasks::{TaskQuery, list_tasks};
use crate::features::frame::Head;
use crate::features::place;
use crate::features::tasks::filter::{Shown, View};
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
    let tasks = Resource::new(move || (slug.get(), shown.get()), |(slug, shown)| load(slug, shown));
    let repositories = Resource::new(move || slug.get(), list_repositories);
    rows::read_again(live, move || {
        let (slug, shown) = (slug.get_untracked(), shown.get_untracked());
        async move { load(slug, shown).await.map(|page| page.items) }
    });
    let path = place::path("/tasks");
    let choices = Signal::derive(move || {
        let now = shown.get();
        let choice = |view, text| Choice {
            href: format!("{}{}", path.get(), Shown { view, ..now.clone() }.query()),
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
                        Ok(page) => {
                            live.lists.tasks().update(|table| table.read(page.items));
                            view! { <Tasks shown next=page.next_cursor/> }.into_any()
                        }
                        Err(error) => view! { <div class="content"><Problem error/></div> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn Tasks(shown: Memo<Shown>, next: Option<String>) -> impl IntoView {
    let view = shown.get_untracked().view;
    match view {
        View::Board => view! { <board::Board shown/> }.into_any(),
        View::List => view! { <list::List shown next/> }.into_any(),
    }
}

/// What the query asks for. A board shows all that is open, and what ended last.
async fn load(workspace: String, shown: Shown) -> Result<Page<Task>, ApiError> {
    let query = |filter: TaskFilter| TaskQuery { workspace: workspace.clone(), filter };
    if shown.view == View::List || shown.filter.status.is_some() {
        return list_tasks(query(shown.filter)).await;
    }
    let part = |status: &str, limit, sort: &str| TaskFilter {
        status: Some(status.to_owned()),
        limit: Some(limit),
        sort: Some(sort.to_owned()),
        ..shown.filter.clone()
    };
    let mut open = list_tasks(query(part(board::OPEN, 200, "-priority"))).await?;
    let ended = list_tasks(query(part(board::ENDED, 50, "-updated_at"))).await?;
    open.items.extend(ended.items);
    Ok(open)
}
