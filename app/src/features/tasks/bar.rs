//! What can be done with all that are chosen, at the foot of the page while any are.

use std::sync::Arc;

use domain::tasks::Task;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::features::tasks::controls::Act;
use crate::features::tasks::hands::Hands;
use crate::features::tasks::panels::{Panel, Target};
use crate::strings::strings;
use crate::ui::button::{Button, IconButton, Size, Variant};
use crate::ui::icon::{Glyph, Icon};

const ACTS: [Act; 5] = [Act::Start, Act::Pause, Act::Resume, Act::Retry, Act::Cancel];

#[component]
pub fn Bar() -> impl IntoView {
    let hands = expect_context::<Hands>();
    let any = Memo::new(move |_| hands.selection.ids.with(|ids| !ids.is_empty()));
    move || any.get().then(|| view! { <Chosen/> })
}

#[component]
fn Chosen() -> impl IntoView {
    let hands = expect_context::<Hands>();
    let words = strings();
    let tasks = Memo::new(move |_| hands.selection.tasks());
    let count = move || hands.selection.ids.with(std::collections::BTreeSet::len);
    let total = Memo::new(move |_| {
        let orders = hands.sheet.orders.with(|orders| orders.iter().map(Vec::len).collect::<Vec<_>>());
        hands
            .sheet
            .lanes
            .with(|lanes| lanes.iter().zip(orders).map(|(lane, shown)| lane.count(shown)).sum::<i64>())
    });
    let more = move || i64::try_from(count()).is_ok_and(|count| count < total.get());
    let all = Callback::new(move |()| hands.selection.all(hands.sheet));
    let clear = Callback::new(move |()| hands.selection.clear());
    let remove = Callback::new(move |()| {
        let settled = |task: &Arc<Task>| task.status.is_settled();
        hands.selection.remove(untrack(|| hands.selection.tasks()).into_iter().filter(settled).collect());
    });
    let settled =
        Memo::new(move |_| tasks.with(|tasks| tasks.iter().filter(|task| task.status.is_settled()).count()));
    view! {
        <section class="bulk-bar" aria-label=words.board.chosen>
            <span class="count" role="status">{count} " " {words.board.chosen}</span>
            {move || more().then(|| view! {
                <Button size=Size::Small variant=Variant::Quiet on_press=all>{words.board.select_all} " " {total}</Button>
            })}
            {ACTS.map(|act| view! { <ActButton act tasks/> }).collect_view()}
            <Opens panel=Panel::Priority glyph=Glyph::Pulse text=words.tasks.field_priority/>
            <Opens panel=Panel::Labels glyph=Glyph::Layers text=words.tasks.field_labels/>
            <Opens panel=Panel::Assignee glyph=Glyph::User text=words.board.assignee/>
            {move || (settled.get() > 0).then(|| view! {
                <Button size=Size::Small variant=Variant::Danger on_press=remove>
                    <Icon glyph=Glyph::Trash/> {words.board.delete} {part(settled.get(), tasks)}
                </Button>
            })}
            <IconButton glyph=Glyph::Close label=words.board.clear_chosen variant=Variant::Quiet on_press=clear/>
        </section>
    }
}

/// How many of them, where it isn't all.
fn part(fitting: usize, tasks: Memo<Vec<Arc<Task>>>) -> Option<String> {
    (fitting < tasks.with(Vec::len)).then(|| format!(" {fitting}"))
}

/// An action, while it fits any of them. It is done with those that it fits, and what ends or stops is asked about.
#[component]
fn ActButton(act: Act, tasks: Memo<Vec<Arc<Task>>>) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let fitting =
        Memo::new(move |_| tasks.with(|tasks| tasks.iter().filter(|task| act.fits(task.status)).count()));
    let press = move |event: web_sys::MouseEvent| {
        if act.is_asked_about() {
            open_beside(hands, Panel::Confirm(act), &event);
        } else {
            hands.act_on_chosen(act);
        }
    };
    move || {
        (fitting.get() > 0).then(|| {
            let opens = act.is_asked_about().then_some("dialog");
            view! {
                <button type="button" class="button" data-variant="plain" data-size="small" aria-haspopup=opens
                    on:click=press>
                    <Icon glyph=act.looks().0/> {act.words()} {part(fitting.get(), tasks)}
                </button>
            }
        })
    }
}

fn open_beside(hands: Hands, panel: Panel, event: &web_sys::MouseEvent) {
    let button = event.current_target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let button =
        button.or_else(|| event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()));
    if let Some(button) = button {
        hands.open(panel, Target::Chosen, &button);
    }
}

#[component]
fn Opens(panel: Panel, glyph: Glyph, text: &'static str) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let press = move |event: web_sys::MouseEvent| open_beside(hands, panel, &event);
    view! {
        <button type="button" class="button" data-variant="plain" data-size="small" aria-haspopup="dialog"
            on:click=press>
            <Icon glyph/> <span class="wide-label">{text}</span>
        </button>
    }
}
