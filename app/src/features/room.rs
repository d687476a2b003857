//! A task's room: its live log, what it changed, its evidence, its runs, its properties, and what can be done.

mod activity;
mod asks;
mod blockers;
mod changes;
mod compare;
mod edit;
mod evidence;
mod here;
mod log;
mod properties;
mod publish;
mod remove;
mod runs;
mod talk;

use std::borrow::Borrow;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use domain::activity::Activity;
use domain::asks::Ask;
use domain::executions::Execution;
use domain::tasks::Task;
use domain::{Code, Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::api::ApiError;
use crate::api::activity::{ActivityOf, list_activity};
use crate::api::asks::{AsksOf, list_asks};
use crate::api::comments::{CommentsOf, Talk, list_comments};
use crate::api::executions::{ExecutionsOf, list_executions};
use crate::api::repositories::list_repositories;
use crate::api::tasks::{TaskAct, TaskAt, get_task, list_blockers};
use crate::features::frame::{Crumb, Head};
use crate::features::place;
use crate::features::tasks::controls::Controls;
use crate::live::Live;
use crate::live::reduce::ListsStoreFields as _;
use crate::strings::strings;
use crate::ui::banner::Problem;
use crate::ui::segment::{Choice, Segment};
use crate::ui::skeleton::Skeleton;
use crate::ui::status::{Isolation, PriorityMark, TaskBadge};
use crate::ui::time::Elapsed;

/// `/w/{slug}/tasks/{number}`.
#[component]
pub fn RoomPage() -> impl IntoView {
    let words = strings();
    let (slug, number) = (place::slug(), place::number());
    let live = expect_context::<Live>();
    let query = use_query_map();
    // Which run was asked for first: another is read where it shows, without opening the room anew.
    let wanted = move || query.with_untracked(|query| query.get("execution")?.parse::<i64>().ok());
    let line =
        move || query.with_untracked(|query| query.get("line")?.parse::<i64>().ok()).unwrap_or_default();
    let loaded = Resource::new(
        move || (slug.get(), number.get()),
        move |(slug, number)| load(slug, number, wanted(), line()),
    );
    read_again(live, slug, number);
    let crumb = Crumb { text: words.tasks.title, href: place::path("/tasks") };
    let title = Signal::derive(move || number.get().map(|number| number.to_string()).unwrap_or_default());
    view! {
        <Head title crumb/>
        <main id="main" class="room-page" tabindex="-1">
            <Transition fallback=|| view! { <div class="content"><Skeleton/></div> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(loaded) => view! { <Room loaded/> }.into_any(),
                        Err(error) => {
                            place::answer(error.code);
                            view! { <div class="content"><Problem error/></div> }.into_any()
                        }
                    }
                })}
            </Transition>
        </main>
    }
}

/// What the room opens with, read as one: a resource made inside another's view would be made in another order here
/// than on the server, and hydration would read one for the other.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Loaded {
    rows: Rows,
    log: Option<log::Read>,
    diff: Option<changes::Read>,
}

/// The task, and what is named around it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Rows {
    task: Task,
    executions: Vec<Execution>,
    repositories: Vec<domain::repositories::Repository>,
    blockers: Vec<Task>,
    talk: Talk,
    asks: Vec<Ask>,
    activity: Page<Activity>,
}

async fn load(
    workspace: String,
    number: Option<i64>,
    wanted: Option<i64>,
    line: i64,
) -> Result<Loaded, ApiError> {
    let rows = load_rows(workspace.clone(), number).await?;
    let (mut log, mut diff) = (None, None);
    if let Some(run) = choose(&rows.executions, wanted) {
        log = Some(log::read(workspace.clone(), run.id, line).await);
        if run.status.is_finished() {
            diff = Some(changes::read(workspace, run.id).await);
        }
    }
    Ok(Loaded { rows, log, diff })
}

async fn load_rows(workspace: String, number: Option<i64>) -> Result<Rows, ApiError> {
    let number = number.ok_or_else(|| ApiError::new(Code::NotFound, ""))?;
    let task = get_task(TaskAt { workspace: workspace.clone(), number }).await?;
    let executions = list_executions(ExecutionsOf { workspace: workspace.clone(), task: task.id }).await?;
    // Without these only names are missing.
    let blockers = if task.blocked_by.is_empty() {
        Vec::new()
    } else {
        list_blockers(TaskAct { workspace: workspace.clone(), id: task.id }).await.unwrap_or_default()
    };
    let repositories = list_repositories(workspace.clone()).await.unwrap_or_default();
    let asks = if task.agent.listens() {
        list_asks(AsksOf { workspace: workspace.clone(), task: task.id }).await?
    } else {
        Vec::new()
    };
    let of = ActivityOf { workspace: workspace.clone(), task: task.id, cursor: String::new() };
    let activity = list_activity(of).await?;
    let talk = list_comments(CommentsOf { workspace, task: task.id }).await?;
    Ok(Rows { task, executions, repositories, blockers, talk, asks, activity })
}

/// The run that the URL names, else the last one.
fn choose<Run: Borrow<Execution>>(runs: &[Run], wanted: Option<i64>) -> Option<&Run> {
    let named = wanted.and_then(|wanted| runs.iter().find(|run| (*run).borrow().number == wanted));
    named.or_else(|| runs.iter().max_by_key(|run| (*run).borrow().number))
}

/// The feed lost its thread, or a run has ended and its evidence stands only in a whole reading.
fn read_again(live: Live, slug: Memo<String>, number: Memo<Option<i64>>) {
    Effect::new(move |seen: Option<u32>| {
        let generation = live.generation.get();
        if seen.is_some_and(|seen| seen != generation) {
            leptos::task::spawn_local(async move {
                if let Ok(rows) = load_rows(slug.get_untracked(), number.get_untracked()).await {
                    keep(live, &rows);
                }
            });
        }
        generation
    });
}

fn keep(live: Live, loaded: &Rows) {
    live.lists.tasks().try_update(|table| table.read([loaded.task.clone()]));
    live.lists.tasks().try_update(|table| table.read(loaded.blockers.clone()));
    live.lists.executions().try_update(|table| table.read_anew(loaded.executions.clone()));
    live.lists.repositories().try_update(|table| table.read(loaded.repositories.clone()));
    live.lists.comments().try_update(|table| table.read_anew(loaded.talk.comments.clone()));
}

/// The room of a task that is there. It follows the task, and the run that the URL names or else the last.
#[component]
fn Room(loaded: Loaded) -> impl IntoView {
    let live = expect_context::<Live>();
    let Loaded { rows, log, diff } = loaded;
    keep(live, &rows);
    let id = rows.task.id;
    let talking = talk::Talking::new(id, rows.talk.people);
    let first = Arc::new(rows.task);
    let task = Memo::new(move |before: Option<&Arc<Task>>| {
        let known = live.lists.tasks().with(|table| table.get(id));
        known.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let executions = Memo::new(move |_| {
        let mut all = live.lists.executions().with(crate::live::table::Table::rows);
        all.retain(|execution| execution.task_id == id);
        all.sort_by_key(|execution| std::cmp::Reverse(execution.number));
        all
    });
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(|query| query.get("execution")?.parse::<i64>().ok()));
    let execution = Memo::new(move |_| executions.with(|all| choose(all, wanted.get()).cloned()));
    let panel = Memo::new(move |_| {
        let named = query.with(|query| query.get("panel")).unwrap_or_default();
        if matches!(named.as_str(), "changes" | "details") { named } else { "log".to_owned() }
    });
    // Its chunk came with the page's.
    let (asks, activity) = (rows.asks, rows.activity);
    let acted = Acted { task, execution, talking, asks, activity };
    let Deeds { asked, publish, activity } = now(deeds(Some(acted))).unwrap_or_default();
    let looked = Looked { task, execution, executions, diff, talking, publish, activity };
    let Looks { title: named, description, read, beside } = now(review(Some(looked))).unwrap_or_default();
    let title = move || task.with(|task| format!("{} {}", task.number, task.title));
    view! {
        <Title text=title/>
        <div class="room" data-panel=move || panel.get()>
            <div class="stream">
                <Header task execution talking named description/>
                {asked}
                <Panels panel wanted/>
                <log::LogPanel task execution first=log/>
                {read}
            </div>
            <aside class="side" aria-label=strings().room.details>
                {beside}
            </aside>
        </div>
    }
}

/// What is looked at in a room.
#[derive(Debug)]
pub struct Looked {
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    executions: Memo<Vec<Arc<Execution>>>,
    diff: Option<changes::Read>,
    talking: talk::Talking,
    publish: Option<AnyView>,
    activity: Option<AnyView>,
}

/// How that looks: what the task is called and says, what changed and is said of it, what stands beside it.
#[derive(Debug, Default)]
pub struct Looks {
    title: Option<AnyView>,
    description: Option<AnyView>,
    read: Option<AnyView>,
    beside: Option<AnyView>,
}

/// The diff with what is said about it, what can be edited, and what stands beside it: properties, evidence, runs. A
/// chunk of its own; asked for nothing, it is only fetched.
#[lazy]
pub fn review(looked: Option<Looked>) -> Looks {
    let Some(Looked { task, execution, executions, diff, talking, publish, activity }) = looked else {
        return Looks::default();
    };
    let read = view! {
        <changes::Changes task execution first=diff talking/>
        {publish}
        <talk::Discussion talking/>
    };
    let beside = view! {
        <properties::Properties task/>
        <evidence::EvidencePanel execution/>
        <runs::Runs executions execution/>
        {activity}
        <remove::Remove task/>
    };
    Looks {
        title: Some(view! { <edit::Title task/> }.into_any()),
        description: Some(view! { <edit::Description task/> }.into_any()),
        read: Some(read.into_any()),
        beside: Some(beside.into_any()),
    }
}

/// What people do in a room beside reading.
#[derive(Debug)]
pub struct Acted {
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    talking: talk::Talking,
    asks: Vec<Ask>,
    activity: Page<Activity>,
}

/// How that looks: what is asked of them, how a result is published, what was done.
#[derive(Debug, Default)]
pub struct Deeds {
    asked: Option<AnyView>,
    publish: Option<AnyView>,
    activity: Option<AnyView>,
}

/// A chunk of its own beside that of [`review`]; asked for nothing, it is only fetched.
#[lazy]
pub fn deeds(acted: Option<Acted>) -> Deeds {
    let Some(Acted { task, execution, talking, asks, activity }) = acted else {
        return Deeds::default();
    };
    Deeds {
        asked: Some(view! { <asks::Asks task execution first=asks/> }.into_any()),
        publish: Some(view! { <publish::Publish task execution/> }.into_any()),
        activity: Some(view! { <activity::ActivityPanel task first=activity talking/> }.into_any()),
    }
}

/// Fetches the chunks of the room's parts.
pub async fn parts() {
    deeds(None).await;
    review(None).await;
    log::tools(None).await;
}

/// What a future gives at once.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

#[component]
fn Header(
    task: Memo<Arc<Task>>,
    execution: Memo<Option<Arc<Execution>>>,
    talking: talk::Talking,
    named: Option<AnyView>,
    description: Option<AnyView>,
) -> impl IntoView {
    let status = Signal::derive(move || task.get().status);
    let priority = Signal::derive(move || task.get().priority);
    let elapsed = move || {
        let execution = execution.get()?;
        let from = execution.started_at?;
        Some(view! { <span class="dim"><Elapsed from until=execution.completed_at/></span> })
    };
    let detail = move || {
        let detail = execution
            .get()
            .filter(|run| !run.status.is_finished())
            .map(|run| run.detail.clone())
            .filter(|detail| !detail.is_empty());
        detail.map(|detail| view! { <span class="dim">{detail}</span> })
    };
    let isolation =
        move || execution.get().map(|execution| view! { <Isolation layers=execution.isolation.clone()/> });
    view! {
        <div class="room-head">
            {named}
            <div class="facts">
                <TaskBadge status/>
                <PriorityMark priority/>
                {elapsed}
                {detail}
                {isolation}
                <here::Here talking/>
                <div class="controls"><Controls task/></div>
            </div>
            {description}
        </div>
    }
}

/// On a narrow page one panel shows at a time; the choice is in the URL.
#[component]
fn Panels(panel: Memo<String>, wanted: Memo<Option<i64>>) -> impl IntoView {
    let words = &strings().room;
    let choices = Signal::derive(move || {
        let execution = wanted.get().map(|number| format!("&execution={number}")).unwrap_or_default();
        let now = panel.get();
        [("log", words.log), ("changes", words.changes), ("details", words.details)]
            .into_iter()
            .map(|(name, text)| Choice {
                href: format!("?panel={name}{execution}"),
                text,
                current: now == name,
            })
            .collect::<Vec<_>>()
    });
    view! { <div class="room-panels"><Segment label=words.panels choices/></div> }
}
