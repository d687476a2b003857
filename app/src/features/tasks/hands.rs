//! Hands on the board and the list: pointer, touch and keyboard, heard in one place for all cards. A card only says
//! which task it is (`data-task`) and what its parts open (`data-open`).

use std::sync::Arc;
use std::time::Duration;

use domain::TaskId;
use domain::board::Column;
use domain::tasks::{Priority, Task};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::convert::FromWasmAbi;

use crate::features::tasks::bar::Bar;
use crate::features::tasks::clash::ClashDialog;
use crate::features::tasks::drag::{DropEffect, Step, step};
use crate::features::tasks::edits::{Change, Edits};
use crate::features::tasks::filter::Shown;
use crate::features::tasks::panels::{Panel, Panels, Target};
use crate::features::tasks::selection::Selection;
use crate::features::tasks::sheet::Sheet;
use crate::features::tasks::views::{self, Views};
use crate::strings::strings;
use crate::ui::document::{self, Rect};

/// A finger that rests this long picks a card up.
const HOLD: Duration = Duration::from_millis(380);
/// A pointer that moves less than this has not moved, in pixels.
const STILL: i32 = 7;
/// This near to an edge the board moves along, in pixels, at this pace.
const EDGE: i32 = 48;
const PACE: Duration = Duration::from_millis(40);

/// Where a pointer went down on a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Press {
    id: TaskId,
    x: i32,
    y: i32,
    touch: bool,
}

/// A card that is picked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drag {
    pub id: TaskId,
    /// Over which column, and what letting go there does.
    over: Option<Column>,
    drop: DropEffect,
    /// Where the pointer is; by keyboard there is none.
    at: Option<(i32, i32)>,
    moved: bool,
}

/// From context of a page of tasks.
#[derive(Debug, Clone, Copy)]
pub struct Hands {
    pub sheet: Sheet,
    pub edits: Edits,
    pub selection: Selection,
    pub panel: RwSignal<Option<(Panel, Target)>>,
    pub anchor: StoredValue<Rect>,
    pub drag: RwSignal<Option<Drag>>,
    press: StoredValue<Option<Press>>,
    said: RwSignal<String>,
    pub element: NodeRef<html::Div>,
    /// A click that ends a drag is none.
    deaf: StoredValue<bool>,
}

impl Hands {
    pub fn new(sheet: Sheet, edits: Edits, selection: Selection) -> Self {
        Self {
            sheet,
            edits,
            selection,
            panel: RwSignal::new(None),
            anchor: StoredValue::new(Rect::default()),
            drag: RwSignal::new(None),
            press: StoredValue::new(None),
            said: RwSignal::new(String::new()),
            element: NodeRef::new(),
            deaf: StoredValue::new(false),
        }
    }

    /// Opens a panel beside an element.
    pub fn open(self, panel: Panel, target: Target, beside: &web_sys::Element) {
        self.anchor.set_value(Rect::of(beside));
        self.panel.set(Some((panel, target)));
    }

    /// Whether a column takes what is picked up, for its looks.
    pub fn takes(self, column: Column) -> Option<&'static str> {
        let drag = self.drag.get()?;
        let task = self.edits.task(drag.id)?;
        let taken = DropEffect::on_column(task.status, column).is_taken();
        Some(match (taken, drag.over == Some(column)) {
            (true, true) => "here",
            (true, false) => "yes",
            (false, _) => "no",
        })
    }

    fn say(self, text: String) {
        self.said.set(text);
    }

    fn pick_up(self, task: &Task, at: Option<(i32, i32)>) {
        self.panel.set(None);
        let over = Some(Column::of(task.status));
        self.drag.set(Some(Drag { id: task.id, over, drop: DropEffect::Stay, at, moved: false }));
        self.say(format!("{} {}. {}", strings().board.picked_up, task.title, strings().board.how_to_move));
    }

    /// Lets go: does what the place stands for, asks first where it ends something, or says why nothing happens.
    fn let_go(self) {
        let Some(drag) = self.drag.try_update(Option::take).flatten() else { return };
        let Some(task) = self.edits.task(drag.id) else { return };
        self.say(drag.drop.words());
        match drag.drop {
            DropEffect::Stay => {}
            DropEffect::Act(act) => self.edits.act(&task, act),
            DropEffect::Priority(priority) => self.edits.change(&task, Change::Priority(priority)),
            DropEffect::Ask(act) => {
                if let Some(column) =
                    document::find(&format!("[data-column=\"{}\"]", Column::of(task.status).as_str()))
                {
                    let card = document::find(&format!("[data-task=\"{}\"]", task.id)).unwrap_or(column);
                    self.open(Panel::Confirm(act), Target::One(task.id), &card);
                }
            }
            DropEffect::No(_) => self.edits.warn(drag.drop.words()),
        }
        let id = drag.id;
        request_animation_frame(move || document::focus(&format!("[data-task=\"{id}\"] [data-item]")));
    }

    fn give_up(self) {
        if self.drag.try_update(Option::take).flatten().is_some() {
            self.say(strings().board.put_back.to_owned());
        }
    }

    /// The pointer is here: over which column, and what would happen.
    fn hover(self, x: i32, y: i32) {
        let Some(drag) = self.drag.get_untracked() else { return };
        let Some(task) = self.edits.task(drag.id) else { return };
        let under = document::element_at(x, y);
        let under = |selector: &str, name: &str| {
            under.as_ref().and_then(|element| element.closest(selector).ok().flatten()?.get_attribute(name))
        };
        let column = under("[data-column]", "data-column");
        let over = Column::ALL.into_iter().find(|one| column.as_deref() == Some(one.as_str()));
        let other = under("[data-task]", "data-task").and_then(|id| id.parse().ok());
        let other = other.and_then(|id| self.edits.task(id));
        let other = other.and_then(|other| {
            DropEffect::on_task((task.status, task.priority), (other.status, other.priority))
        });
        let drop = other
            .or(over.map(|column| DropEffect::on_column(task.status, column)))
            .unwrap_or(DropEffect::Stay);
        self.drag.set(Some(Drag { over, drop, at: Some((x, y)), moved: true, ..drag }));
    }

    /// An arrow moves what is picked up: sideways over the columns, up and down by priority among those that wait.
    fn steer(self, key: &str) -> bool {
        let Some(drag) = self.drag.get_untracked() else { return false };
        let Some(task) = self.edits.task(drag.id) else { return false };
        let sideways = |by: isize| {
            let at = Column::ALL.iter().position(|column| Some(*column) == drag.over).unwrap_or_default();
            let next = at.saturating_add_signed(by).min(Column::ALL.len() - 1);
            let over = Column::ALL.get(next).copied();
            let drop = over.map_or(DropEffect::Stay, |column| DropEffect::on_column(task.status, column));
            Drag { over, drop, moved: true, ..drag }
        };
        let priority = |up: Step| {
            let from = if let DropEffect::Priority(priority) = drag.drop { priority } else { task.priority };
            let wanted: Priority = step(from, up);
            let waits = Column::of(task.status) == Column::Queued && drag.over == Some(Column::Queued);
            let drop = if wanted == task.priority { DropEffect::Stay } else { DropEffect::Priority(wanted) };
            if waits { Drag { drop, moved: true, ..drag } } else { drag }
        };
        let next = match key {
            "ArrowLeft" => sideways(-1),
            "ArrowRight" => sideways(1),
            "ArrowUp" => priority(Step::Up),
            "ArrowDown" => priority(Step::Down),
            _ => return false,
        };
        self.drag.set(Some(next));
        let column = next.over.map(|column| super::board::column_words(column).0).unwrap_or_default();
        self.say(format!("{column}: {}", next.drop.words()));
        true
    }
}

/// Listens for all that it holds. What hears, and all that opens, is fetched apart once the page stands.
#[component]
pub fn Listening(children: Children) -> impl IntoView {
    let hands = expect_context::<Hands>();
    let ready = RwSignal::new(false);
    Effect::new(move |_| ready.set(true));
    view! {
        <div class="hands" node_ref=hands.element
            data-dragging=move || hands.drag.with(Option::is_some).then_some("")>
            {children()}
        </div>
        <Suspense>{move || ready.get().then(|| Suspend::new(heard(Hearing::Hands)))}</Suspense>
    }
}

/// What is asked of the chunk of what hears and what opens.
#[derive(Debug)]
pub enum Hearing {
    /// Only to be fetched.
    Nothing,
    Hands,
    Views(Box<(Views, Memo<Shown>, StoredValue<Rect>)>),
}

/// One chunk of code for all of it.
#[leptos::lazy]
pub fn heard(what: Hearing) -> AnyView {
    match what {
        Hearing::Nothing => ().into_any(),
        Hearing::Hands => view! { <Ears/> }.into_any(),
        Hearing::Views(opened) => {
            let (views, shown, anchor) = *opened;
            views::panel(views, shown, anchor)
        }
    }
}

#[component]
fn Ears() -> impl IntoView {
    let hands = expect_context::<Hands>();
    listen_to_window(hands);
    if let Some(element) = hands.element.get_untracked() {
        hear(&element, "click", move |event| clicked(hands, &event));
        hear(&element, "keydown", move |event| pressed(hands, &event));
        hear(&element, "pointerdown", move |event| pointer_down(hands, &event));
        hear(&element, "dragstart", |event: web_sys::Event| event.prevent_default());
        hear(&element, "contextmenu", move |event: web_sys::Event| {
            if hands.drag.with_untracked(Option::is_some) {
                event.prevent_default();
            }
        });
        // A finger that drags must not scroll; only a listener on an element can say so.
        hear(&element, "touchmove", move |event: web_sys::Event| {
            if hands.drag.with_untracked(|drag| drag.is_some_and(|drag| drag.at.is_some())) {
                event.prevent_default();
            }
        });
        // From now on a press is heard.
        drop(element.set_attribute("data-listening", ""));
    }
    view! {
        <Ghost/>
        <Bar/>
        <Panels/>
        <ClashDialog/>
        <p class="visually-hidden" role="status" aria-live="assertive">{hands.said}</p>
    }
}

/// Calls for every such event on an element, as long as this part of the page is there.
fn hear<Heard: FromWasmAbi + 'static>(
    element: &web_sys::Element,
    name: &str,
    heard: impl FnMut(Heard) + 'static,
) {
    let closure = Closure::<dyn FnMut(Heard)>::new(heard);
    // It refuses nothing that is a function.
    drop(element.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()));
    StoredValue::new_local(closure);
}

/// The task of the card that an event is on.
fn task_of(hands: Hands, event: &web_sys::Event) -> Option<Arc<Task>> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let id = element.closest("[data-task]").ok()??.get_attribute("data-task")?.parse().ok()?;
    hands.edits.task(id)
}

fn closest(event: &web_sys::Event, selector: &str) -> Option<web_sys::Element> {
    event.target()?.dyn_into::<web_sys::Element>().ok()?.closest(selector).ok()?
}

fn clicked(hands: Hands, event: &web_sys::MouseEvent) {
    if hands.deaf.try_update_value(std::mem::take) == Some(true) {
        event.prevent_default();
        event.stop_propagation();
        return;
    }
    let Some(task) = task_of(hands, event) else { return };
    if let Some(part) = closest(event, "[data-open]") {
        event.prevent_default();
        if let Some(panel) = part.get_attribute("data-open").and_then(|name| Panel::named(&name)) {
            hands.open(panel, Target::One(task.id), &part);
        }
    } else if event.shift_key() {
        event.prevent_default();
        hands.selection.extend(task.id, hands.sheet);
    } else if closest(event, "[data-select]").is_some()
        || (document::is_narrow()
            && closest(event, "button, form").is_none()
            && hands.selection.ids.with_untracked(|ids| !ids.is_empty()))
    {
        event.prevent_default();
        hands.selection.toggle(task.id);
    }
}

fn pressed(hands: Hands, event: &web_sys::KeyboardEvent) {
    if event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || closest(event, "input, textarea, select").is_some()
    {
        return;
    }
    let key = event.key();
    if hands.drag.with_untracked(Option::is_some) {
        match key.as_str() {
            "Enter" | " " => hands.let_go(),
            "Escape" => hands.give_up(),
            key => drop(hands.steer(key)),
        }
        // While something is picked up no key means anything else.
        event.prevent_default();
        event.stop_propagation();
        return;
    }
    if key == "Escape" && hands.selection.ids.with_untracked(|ids| !ids.is_empty()) {
        hands.selection.clear();
        return;
    }
    let (Some(task), Some(card)) = (task_of(hands, event), closest(event, "[data-task]")) else { return };
    let panel = match key.as_str() {
        "x" => {
            hands.selection.toggle(task.id);
            None
        }
        " " if closest(event, "[data-item]").is_some() => {
            hands.pick_up(&task, None);
            None
        }
        "e" => Some(Panel::Title),
        "p" => Some(Panel::Priority),
        "l" => Some(Panel::Labels),
        "a" => Some(Panel::Assignee),
        "." => Some(Panel::Menu),
        _ => return,
    };
    event.prevent_default();
    if let Some(panel) = panel {
        hands.open(panel, Target::One(task.id), &card);
    }
}

fn pointer_down(hands: Hands, event: &web_sys::PointerEvent) {
    let on_control = closest(event, "button, form, summary, input").is_some();
    let Some(task) = task_of(hands, event).filter(|_| event.button() == 0 && !on_control) else { return };
    hands.deaf.set_value(false);
    let touch = event.pointer_type() != "mouse";
    let press = Press { id: task.id, x: event.client_x(), y: event.client_y(), touch };
    hands.press.set_value(Some(press));
    if touch {
        set_timeout(
            move || {
                // Still the same press, and it has not moved.
                if hands.press.try_get_value().flatten() == Some(press) {
                    document::buzz();
                    hands.pick_up(&task, Some((press.x, press.y)));
                }
            },
            HOLD,
        );
    }
}

/// What a pointer does after it went down, wherever it goes.
fn listen_to_window(hands: Hands) {
    Effect::new(move |_| {
        let moved = window_event_listener(leptos::ev::pointermove, move |event| pointer_moved(hands, &event));
        let up = window_event_listener(leptos::ev::pointerup, move |_| pointer_up(hands));
        let gone = window_event_listener(leptos::ev::pointercancel, move |_| {
            hands.press.try_set_value(None);
            if hands.drag.with_untracked(|drag| drag.is_some_and(|drag| drag.at.is_some())) {
                hands.give_up();
            }
        });
        on_cleanup(move || {
            for listener in [moved, up, gone] {
                listener.remove();
            }
        });
    });
    let held = Memo::new(move |_| hands.drag.with(|drag| drag.is_some_and(|drag| drag.at.is_some())));
    Effect::new(move |_| {
        if held.get()
            && let Ok(pace) = set_interval_with_handle(move || along(hands), PACE)
        {
            on_cleanup(move || pace.clear());
        }
    });
}

fn pointer_moved(hands: Hands, event: &web_sys::PointerEvent) {
    let Some(press) = hands.press.try_get_value().flatten() else { return };
    let (x, y) = (event.client_x(), event.client_y());
    let far = (x - press.x).abs().max((y - press.y).abs()) > STILL;
    match (hands.drag.with_untracked(Option::is_some), far) {
        (true, true) => hands.hover(x, y),
        // A finger that moves before it has rested scrolls.
        (false, true) if press.touch => hands.press.set_value(None),
        (false, true) => {
            if let Some(task) = hands.edits.task(press.id).filter(|_| document::has_columns()) {
                hands.pick_up(&task, Some((x, y)));
                hands.hover(x, y);
            }
        }
        _ => {}
    }
}

fn pointer_up(hands: Hands) {
    let Some(press) = hands.press.try_update_value(Option::take).flatten() else { return };
    let Some(drag) = hands.drag.get_untracked() else { return };
    // The click that follows is the end of this, not a way into the task.
    hands.deaf.set_value(true);
    let hear = move || {
        hands.deaf.try_set_value(false);
    };
    set_timeout(hear, HOLD);
    if drag.moved {
        hands.let_go();
    } else {
        // Held and let go where it was: chosen.
        hands.drag.set(None);
        hands.selection.toggle(press.id);
    }
}

/// The board moves along while something is held at its edge.
fn along(hands: Hands) {
    if let Some((x, y)) = hands.drag.with_untracked(|drag| drag.and_then(|drag| drag.at)) {
        document::scroll_along(x, y, EDGE);
    }
}

/// What is in the hand, with what letting go would do.
#[component]
fn Ghost() -> impl IntoView {
    let hands = expect_context::<Hands>();
    let element = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some((x, y)) = hands.drag.with(|drag| drag.and_then(|drag| drag.at)) {
            document::move_to(element, x + 12, y + 12);
        }
    });
    let held = Memo::new(move |_| hands.drag.with(|drag| drag.map(|drag| (drag.id, drag.drop))));
    view! {
        <div class="ghost" node_ref=element aria-hidden="true" hidden=move || held.with(Option::is_none)>
            {move || {
                held.get().and_then(|(id, drop)| {
                    let task = hands.edits.task(id)?;
                    let refused = (!drop.is_taken()).then_some("");
                    Some(view! { <b class="truncate">{task.title.clone()}</b> <span data-refused=refused>{drop.words()}</span> })
                })
            }}
        </div>
    }
}
