//! Saved views as tabs over the tasks: filters under a name, one's own or the workspace's.

use std::future::Future;

use domain::ViewId;
use domain::views::{Filters, NewView, SavedView, VIEW_NAME_LIMIT, ViewPatch};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::api::ApiError;
use crate::api::views::{ViewAt, ViewChange, ViewNew, create_view, list_views, remove_view, update_view};
use crate::features::place;
use crate::features::tasks::filter::Shown;
use crate::features::tasks::hands::{Hearing, heard};
use crate::live::Live;
use crate::strings::strings;
use crate::ui::button::{Size, Submit, Variant};
use crate::ui::document::Rect;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::popover::Popover;
use crate::ui::toast::Toasts;

/// What is open beside the tabs.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Open {
    New,
    Change(SavedView, Ways),
}

/// The places to the left and to the right of a view's neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ways {
    earlier: Option<i64>,
    later: Option<i64>,
}

impl Ways {
    fn of(places: &[i64], index: usize) -> Self {
        let at = |index: Option<usize>| index.and_then(|index| places.get(index).copied());
        let middle = |one: i64, other: Option<i64>, beyond: i64| {
            other.map_or(one.saturating_add(beyond), |other| one.midpoint(other))
        };
        let before = at(index.checked_sub(1));
        let after = at(Some(index + 1));
        Self {
            earlier: before.map(|place| middle(place, at(index.checked_sub(2)), -1_000)),
            later: after.map(|place| middle(place, at(Some(index + 2)), 1_000)),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Views {
    slug: Memo<String>,
    live: Live,
    toasts: Toasts,
    open: RwSignal<Option<Open>>,
}

impl Views {
    /// Does something with a view, and has the tabs read again: also where the feed is away.
    fn run<Answer>(self, work: impl Future<Output = Result<Answer, ApiError>> + 'static) {
        self.open.set(None);
        leptos::task::spawn_local(async move {
            match work.await {
                Ok(_) => self.live.views_changed(),
                Err(error) => self.toasts.refused(&error),
            }
        });
    }

    fn change(self, id: ViewId, patch: ViewPatch) {
        self.run(update_view(ViewChange { workspace: self.slug.get_untracked(), id, patch }));
    }
}

/// The tabs: all tasks, then each view. They are links, and work without script.
#[component]
pub fn Tabs(shown: Memo<Shown>) -> impl IntoView {
    let words = &strings().views;
    let slug = place::slug();
    let live = expect_context::<Live>();
    let views = Views { slug, live, toasts: expect_context::<Toasts>(), open: RwSignal::new(None) };
    let saved = Resource::new(move || (slug.get(), live.views.get()), |(slug, _)| list_views(slug));
    let anchor = StoredValue::new(Rect::default());
    let path = place::path("/tasks");
    let used =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || views.open.with(Option::is_some));
    let plain = move || shown.with(|shown| shown.filters().is_empty());
    view! {
        <nav class="view-tabs" aria-label=words.views>
            <a href=move || path.get() aria-current=move || plain().then_some("page")>{words.all}</a>
            <Transition>
                {move || Suspend::new(async move {
                    let saved = saved.await.unwrap_or_default();
                    let places: Vec<i64> = saved.iter().map(|view| view.position).collect();
                    saved.into_iter().enumerate().map(|(index, view)| {
                        let ways = Ways::of(&places, index);
                        view! { <Tab view ways shown views anchor/> }
                    }).collect_view()
                })}
            </Transition>
            <button type="button" class="save-view" hidden=plain on:click=move |event| {
                remember(anchor, &event);
                views.open.set(Some(Open::New));
            }><Icon glyph=Glyph::Plus/> {words.save}</button>
        </nav>
        <Suspense>{move || used.get().then(|| Suspend::new(heard(Hearing::Views(Box::new((views, shown, anchor))))))}</Suspense>
    }
}

/// What opens beside a tab, from the chunk of what hears.
pub fn panel(views: Views, shown: Memo<Shown>, anchor: StoredValue<Rect>) -> AnyView {
    view! { <Panel views shown anchor/> }.into_any()
}

fn remember(anchor: StoredValue<Rect>, event: &web_sys::MouseEvent) {
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(element) = element {
        anchor.set_value(Rect::of(&element));
    }
}

/// One view: a link to its filters, and while it is shown the way to change it.
#[component]
fn Tab(
    view: SavedView,
    ways: Ways,
    shown: Memo<Shown>,
    views: Views,
    anchor: StoredValue<Rect>,
) -> impl IntoView {
    let path = place::path("/tasks");
    let query = Shown::from_filters(&view.filters).query();
    let own = view.filters.clone();
    let current = Memo::new(move |_| shown.with(|shown| shown.filters() == own));
    let shared =
        view.shared.then(|| view! { <span title=strings().views.shared><Icon glyph=Glyph::Globe/></span> });
    let name = view.name.clone();
    view! {
        <span class="tab">
            <a href=move || format!("{}{query}", path.get()) aria-current=move || current.get().then_some("page")>
                {name} {shared}
            </a>
            {move || {
                let view = view.clone();
                current.get().then(|| view! {
                    <button type="button" class="part" aria-label=strings().views.change aria-haspopup="dialog"
                        on:click=move |event| {
                            remember(anchor, &event);
                            views.open.set(Some(Open::Change(view.clone(), ways)));
                        }><Icon glyph=Glyph::ChevronDown/></button>
                })
            }}
        </span>
    }
}

#[component]
fn Panel(views: Views, shown: Memo<Shown>, anchor: StoredValue<Rect>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = views.open.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && views.open.with_untracked(Option::is_some) {
            views.open.set(None);
        }
    });
    let body = move || {
        views.open.get().map(|open| match open {
            Open::New => view! { <Name views shown view=None/> }.into_any(),
            Open::Change(view, ways) => view! { <Change views shown view ways/> }.into_any(),
        })
    };
    view! { <Popover open anchor label=strings().views.change>{body}</Popover> }
}

/// The name of a view, new or renamed; a new one may be everybody's from the start.
#[component]
fn Name(views: Views, shown: Memo<Shown>, view: Option<SavedView>) -> impl IntoView {
    let words = strings();
    let (name, shared) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let before = view.as_ref().map(|view| view.name.clone()).unwrap_or_default();
    let is_new = view.is_none();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = name.get_untracked().map(|field| field.value()) else { return };
        match &view {
            Some(view) => views.change(view.id, ViewPatch { name: Some(text), ..ViewPatch::default() }),
            None => {
                let shared = shared.get_untracked().is_some_and(|field| field.checked());
                let filters: Filters = shown.with_untracked(Shown::filters);
                let id = crate::ui::document::new_id().map(ViewId);
                let view = NewView { id, name: text, filters, shared, ..NewView::default() };
                views.run(create_view(ViewNew { workspace: views.slug.get_untracked(), view }));
            }
        }
    };
    view! {
        <form on:submit=save>
            <input class="input" node_ref=name required=true maxlength=VIEW_NAME_LIMIT.to_string() value=before
                aria-label=words.views.name placeholder=words.views.name autocomplete="off"/>
            {is_new.then(|| view! {
                <label class="row"><input type="checkbox" node_ref=shared/> {words.views.share}</label>
            })}
            <Submit variant=Variant::Primary size=Size::Small>{words.common.save}</Submit>
        </form>
    }
}

#[component]
fn Change(views: Views, shown: Memo<Shown>, view: SavedView, ways: Ways) -> impl IntoView {
    let words = &strings().views;
    let id = view.id;
    let shared = view.shared;
    let patch = move |patch: ViewPatch| move |_| views.change(id, patch.clone());
    let mover = move |to: Option<i64>, text: &'static str, arrow: &'static str| {
        to.map(|position| {
            let moved = ViewPatch { position: Some(position), ..ViewPatch::default() };
            view! { <button type="button" class="choice" on:click=patch(moved)>{arrow} " " {text}</button> }
        })
    };
    let share = ViewPatch { shared: Some(!shared), ..ViewPatch::default() };
    let update = move |_| {
        let filters = Some(shown.with_untracked(Shown::filters));
        views.change(id, ViewPatch { filters, ..ViewPatch::default() });
    };
    let asking = RwSignal::new(false);
    let remove = move |_| views.run(remove_view(ViewAt { workspace: views.slug.get_untracked(), id }));
    let lost = if shared { words.delete_shared } else { words.delete_confirm };
    let question = format!("“{}”: {lost}", view.name);
    let removal = move || {
        if asking.get() {
            let question = question.clone();
            view! {
                <p class="confirm" role="alert">{question}</p>
                <button type="button" class="choice" data-tone="bad" on:click=remove><Icon glyph=Glyph::Trash/> {words.delete}</button>
                <button type="button" class="choice" on:click=move |_| asking.set(false)>{strings().board.leave_it}</button>
            }
            .into_any()
        } else {
            let ask = move |_| asking.set(true);
            view! {
                <button type="button" class="choice" data-tone="bad" on:click=ask><Icon glyph=Glyph::Trash/> {words.delete} "…"</button>
            }
            .into_any()
        }
    };
    view! {
        <Name views shown view=Some(view)/>
        <button type="button" class="choice" on:click=update><Icon glyph=Glyph::Filter/> {words.update}</button>
        <button type="button" class="choice" on:click=patch(share)>
            <Icon glyph=Glyph::Globe/> {if shared { words.unshare } else { words.share }}
        </button>
        {mover(ways.earlier, words.earlier, "←")}
        {mover(ways.later, words.later, "→")}
        <hr/>
        {removal}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_moves_to_the_other_side_of_its_neighbour() {
        let places = [1_000, 2_000, 3_000];
        assert_eq!(Ways::of(&places, 0), Ways { earlier: None, later: Some(2_500) });
        assert_eq!(Ways::of(&places, 1), Ways { earlier: Some(0), later: Some(4_000) });
        assert_eq!(Ways::of(&places, 2), Ways { earlier: Some(1_500), later: None });
    }
}
