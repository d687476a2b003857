//! Home: what runs now, what needs me, what happened.

mod figures;

use std::sync::Arc;

use domain::DateTime;
use domain::tasks::{Task, TaskFilter, TaskStatus};
use leptos::prelude::*;

use crate::api::tasks::{TaskQuery, list_tasks};
use crate::features::frame::{Counted, Head};
use crate::features::place;
use crate::features::tasks::rows::{self, Rows};
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::button::{ButtonLink, Variant};
use crate::ui::chart::{Bars, Sparkline};
use crate::ui::icon::{Glyph, Icon, Mark};
use crate::ui::skeleton::{Shape, Skeleton};
use crate::ui::time::{duration, now};

/// As many ended tasks as the pictures are drawn from.
const ENDED: u32 = 200;
/// As many as a panel lists.
const LISTED: usize = 8;

#[component]
pub fn HomePage() -> impl IntoView {
    let words = &strings().home;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let tasks = Resource::new(move || slug.get(), load);
    rows::read_again(live, move || load(slug.get_untracked()));
    view! {
        <Head title=words.title.to_owned()>
            <ButtonLink href=place::path("/tasks/new") variant=Variant::Primary>
                <Icon glyph=Glyph::Plus/> <span class="wide-label">{words.new_task}</span>
            </ButtonLink>
        </Head>
        <main id="main" class="content home" tabindex="-1">
            <Transition fallback=|| view! { <Skeleton shape=Shape::Card count=4/> }>
                {move || Suspend::new(async move {
                    match tasks.await {
                        Ok(tasks) => {
                            live.lists.tasks().update(|table| table.read(tasks));
                            view! { <Panels/> }.into_any()
                        }
                        Err(error) => view! { <Problem error/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

async fn load(workspace: String) -> Result<Vec<Task>, crate::api::ApiError> {
    let filter = |status: &str, limit| TaskFilter {
        status: Some(status.to_owned()),
        sort: Some("-updated_at".to_owned()),
        limit: Some(limit),
        ..TaskFilter::default()
    };
    let open = filter("queued,running,paused,waiting,draft", 100);
    let ended = filter("completed,failed,cancelled", ENDED);
    let mut tasks = list_tasks(TaskQuery { workspace: workspace.clone(), filter: open }).await?.items;
    tasks.extend(list_tasks(TaskQuery { workspace, filter: ended }).await?.items);
    Ok(tasks)
}

/// Everything below the head, drawn from the tasks that are known.
#[component]
fn Panels() -> impl IntoView {
    let live = expect_context::<Live>();
    let all = Memo::new(move |_| live.lists.tasks().with(crate::live::table::Table::rows));
    let any = Memo::new(move |_| all.with(|all| !all.is_empty()));
    view! {
        {move || {
            if any.get() { view! { <Overview all/> }.into_any() } else { view! { <Welcome/> }.into_any() }
        }}
    }
}

#[component]
fn Overview(all: Memo<Vec<Arc<Task>>>) -> impl IntoView {
    let words = &strings().home;
    let pick = move |wanted: fn(&Task) -> bool| {
        Memo::new(move |_| {
            let mut found: Vec<Arc<Task>> =
                all.with(|all| all.iter().filter(|task| wanted(task)).cloned().collect());
            found.sort_by_key(|task| std::cmp::Reverse(task.updated_at));
            found.truncate(LISTED);
            found
        })
    };
    let runs = pick(|task| task.status == TaskStatus::Running);
    let needs = pick(|task| matches!(task.status, TaskStatus::Waiting | TaskStatus::Paused));
    let recent = pick(figures::has_ended);
    view! {
        <Tiles all/>
        <div class="columns">
            <div class="stack" data-gap="wide">
                <section aria-label=words.needs_you>
                    <header><Icon glyph=Glyph::Alert/> <h2>{words.needs_you}</h2></header>
                    <Rows tasks=needs none=words.nothing_needs hint=words.nothing_needs_hint/>
                </section>
                <section aria-label=words.now>
                    <header><Icon glyph=Glyph::Play/> <h2>{words.now}</h2></header>
                    <Rows tasks=runs none=words.nothing_runs hint=words.nothing_runs_hint/>
                </section>
                <section aria-label=words.recent>
                    <header>
                        <Icon glyph=Glyph::Check/> <h2>{words.recent}</h2>
                        <SeeAll/>
                    </header>
                    <Rows tasks=recent none=words.nothing_recent hint=""/>
                </section>
            </div>
            <Pictures all/>
        </div>
    }
}

#[component]
fn SeeAll() -> impl IntoView {
    let tasks = place::path("/tasks");
    let href =
        move || format!("{}?view=list&status=completed,failed,cancelled&sort=-updated_at", tasks.get());
    view! { <a href=href>{strings().home.see_all}</a> }
}

/// Four figures, each a way to the tasks it counts.
#[component]
fn Tiles(all: Memo<Vec<Arc<Task>>>) -> impl IntoView {
    let words = &strings().home;
    let Counted(counts) = expect_context::<Counted>();
    let tasks = place::path("/tasks");
    let tile = move |status: &'static str, glyph, text, count: i64| {
        let href = move || format!("{}?view=list&status={status}", tasks.get());
        view! { <a class="tile" href=href><small><Icon glyph/> {text}</small> <b>{count}</b></a> }
    };
    view! {
        <div class="tiles">
            <Transition fallback=|| view! { <Skeleton count=1/> }>
                {move || Suspend::new(async move {
                    let counts = counts.await.unwrap_or_default();
                    view! {
                        {tile("running", Glyph::Play, words.running, counts.running)}
                        {tile("queued", Glyph::Clock, words.queued, counts.queued)}
                        {tile("waiting,paused", Glyph::Alert, words.needs_you, counts.waiting + counts.paused)}
                    }
                })}
            </Transition>
            <div class="tile">
                <small><Icon glyph=Glyph::Check/> {words.success}</small>
                {move || {
                    let (good, of) = all.with(|all| figures::success(all, now()));
                    match (good * 100).checked_div(of) {
                        None => view! { <b class="dim">"–"</b> <small>{words.no_runs}</small> }.into_any(),
                        Some(percent) => {
                            view! { <b>{percent} " %"</b> <small>{good} " " {words.of_runs} " " {of} " " {words.runs}</small> }
                                .into_any()
                        }
                    }
                }}
            </div>
        </div>
    }
}

/// The pictures, redrawn when a day turns or a task ends.
#[component]
fn Pictures(all: Memo<Vec<Arc<Task>>>) -> impl IntoView {
    let words = &strings().home;
    let language = strings().language;
    let today = Memo::new(move |_| now().date_naive());
    let days = Memo::new(move |_| all.with(|all| figures::days(all, today.get(), language)));
    let times = Memo::new(move |_| all.with(|all| figures::run_times(all)));
    view! {
        <div class="stack" data-gap="wide">
            <section class="tile" aria-label=words.activity>
                <h2>{words.activity}</h2>
                {move || view! { <Bars label=words.activity_alt bars=days.get()/> }}
                <figures::Legend/>
            </section>
            {move || {
                let times = times.get();
                let median = figures::median(&times).map(|time| duration(time, language));
                median.map(|median| {
                    let values = times.iter().map(|time| *time as f64).collect::<Vec<_>>();
                    view! {
                        <section class="tile" aria-label=words.durations>
                            <h2>{words.durations}</h2>
                            <b>{median} " " <small>{words.median}</small></b>
                            <Sparkline label=words.durations values/>
                        </section>
                    }
                })
            }}
        </div>
    }
}

/// A workspace without tasks: the three steps to the first result.
#[component]
fn Welcome() -> impl IntoView {
    let words = &strings().home;
    view! {
        <div class="empty">
            <Mark size="large"/>
            <h2>{words.welcome}</h2>
            <p>{words.welcome_text}</p>
            <ol>
                <li>{words.step_repository}</li>
                <li>{words.step_task}</li>
                <li>{words.step_watch}</li>
            </ol>
            <div class="actions">
                <ButtonLink href=place::path("/repositories/new") variant=Variant::Primary>{words.add_repository}</ButtonLink>
                <ButtonLink href=place::path("/tasks/new")>{words.new_task}</ButtonLink>
            </div>
        </div>
    }
}

/// When a task ended.
fn ended_at(task: &Task) -> DateTime {
    task.completed_at.unwrap_or(task.updated_at)
}
