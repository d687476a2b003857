//! The browser's document: preferences on the root element, the clock, the clipboard, ids.

use domain::DateTime;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use crate::api::preferences::{Language, Preferences, Theme};
use crate::ui::time::Now;

/// What the server rendered this page by, from the root element. Browser only.
pub fn preferences() -> Preferences {
    let root = document().document_element();
    let attribute = |name: &str| root.as_ref().and_then(|root| root.get_attribute(name)).unwrap_or_default();
    Preferences {
        language: attribute("lang").parse().unwrap_or(Language::English),
        theme: attribute("data-theme").parse().unwrap_or(Theme::System),
        now: attribute("data-now").parse().unwrap_or(DateTime::UNIX_EPOCH),
    }
}

/// Shows a theme at once, in this tab and in others that open later.
pub fn show_theme(theme: Theme) {
    if let Some(root) = document().document_element() {
        // Attribute and storage are conveniences: without them the cookie still decides at the next page.
        drop(root.set_attribute("data-theme", theme.as_str()));
    }
    if let Ok(Some(storage)) = window().local_storage() {
        drop(storage.set_item("theme", theme.as_str()));
    }
}

/// Lets the page's clock go on from the server's, by the browser's own.
pub fn run_clock(now: Now) {
    Effect::new(move |_| {
        let tick = set_interval_with_handle(
            move || {
                if let Some(time) = browser_time() {
                    now.0.try_set(time);
                }
            },
            std::time::Duration::from_secs(1),
        );
        if let Ok(tick) = tick {
            on_cleanup(move || tick.clear());
        }
    });
}

/// The browser's time, in milliseconds since 1970.
pub fn browser_time() -> Option<DateTime> {
    let milliseconds = js_sys::Date::now();
    format!("{milliseconds:.0}").parse().ok().and_then(DateTime::from_timestamp_millis)
}

/// A UUID v7 from the browser's own clock and randomness.
pub fn new_id() -> Option<uuid::Uuid> {
    let mut random = [0_u8; 10];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut random).ok()?;
    let milliseconds = u64::try_from(browser_time()?.timestamp_millis()).ok()?;
    Some(uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
}

/// Puts text on the clipboard; `done` is called once it is there.
pub fn copy(text: &str, done: impl Fn() + 'static) {
    let promise = window().navigator().clipboard().write_text(text);
    leptos::task::spawn_local(async move {
        if JsFuture::from(promise).await.is_ok() {
            done();
        }
    });
}

/// Saves text as a file, as a download does.
pub fn save(name: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let Ok(blob) = web_sys::Blob::new_with_str_sequence(&parts) else {
        return;
    };
    let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) else {
        return;
    };
    let link =
        document().create_element("a").ok().and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(link) = link {
        // An element that was just made takes any attribute.
        drop(link.set_attribute("href", &url));
        drop(link.set_attribute("download", name));
        link.click();
    }
    drop(web_sys::Url::revoke_object_url(&url));
}

/// Moves focus to the element that a selector names.
pub fn focus(selector: &str) {
    if let Ok(Some(element)) = document().query_selector(selector)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        drop(element.focus());
    }
}

/// Moves focus once what was just opened is drawn.
pub fn focus_soon(selector: &'static str) {
    request_animation_frame(move || focus(selector));
}

/// Tells whoever listens on the window.
pub fn tell_window(name: &str) {
    if let Ok(event) = web_sys::Event::new(name) {
        // Nobody has to hear it.
        drop(window().dispatch_event(&event));
    }
}

/// Whether this browser keeps a mark of this name.
pub fn kept(key: &str) -> bool {
    window().local_storage().ok().flatten().and_then(|storage| storage.get_item(key).ok().flatten()).is_some()
}

/// Keeps a mark in this browser, or lets it go. A browser that keeps nothing only forgets it.
pub fn keep(key: &str, now: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        drop(if now { storage.set_item(key, "1") } else { storage.remove_item(key) });
    }
}

/// What the address says after its path, with the `#`.
pub fn hash() -> String {
    window().location().hash().unwrap_or_default()
}

/// Shows a hash in the address without a step in the history.
pub fn show_hash(hash: &str) {
    if let Ok(history) = window().history() {
        // An address that can't be changed is only not shared as easily.
        drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(hash)));
    }
}

/// Leaves room before and after a list's items for those that are not drawn, in pixels.
pub fn pad(list: NodeRef<leptos::html::Ol>, before: i32, after: i32) {
    let Some(list) = list.get_untracked() else { return };
    let style = web_sys::HtmlElement::style(&list);
    // A browser that refuses a length would only scroll less smoothly.
    drop(style.set_property("padding-block-start", &format!("{before}px")));
    drop(style.set_property("padding-block-end", &format!("{after}px")));
}

/// Gives an empty box the height of what is not drawn in its place, in pixels.
pub fn set_height(room: NodeRef<leptos::html::Div>, height: i32) {
    if let Some(room) = room.try_get_untracked().flatten() {
        // A browser that refuses a length would only scroll less smoothly.
        drop(web_sys::HtmlElement::style(&room).set_property("block-size", &format!("{height}px")));
    }
}

/// Which child of a box that is swiped sideways is the nearest to its beginning.
pub fn nearest_child(view: NodeRef<leptos::html::Div>) -> usize {
    let Some(view) = view.try_get_untracked().flatten() else { return 0 };
    let count = view.child_element_count();
    let whole = view.scroll_width().max(1);
    let at = f64::from(view.scroll_left()) / f64::from(whole) * f64::from(count);
    // At the end the last one may not reach the beginning.
    if view.scroll_left() + view.client_width() + 2 >= whole {
        return usize::try_from(count.saturating_sub(1)).unwrap_or_default();
    }
    format!("{at:.0}").parse().unwrap_or_default()
}

/// Swipes a box sideways to one of its children.
pub fn show_child(view: NodeRef<leptos::html::Div>, index: usize) {
    let Some(view) = view.try_get_untracked().flatten() else { return };
    let child = u32::try_from(index).ok().and_then(|index| view.children().item(index));
    if let Some(child) = child.and_then(|child| child.dyn_into::<web_sys::HtmlElement>().ok()) {
        view.set_scroll_left(child.offset_left() - view.offset_left() - 14);
    }
}

/// Where something stands in the window, in pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub width: i32,
    pub height: i32,
}

impl Rect {
    /// Where an element stands now.
    pub fn of(element: &web_sys::Element) -> Self {
        let rect = element.get_bounding_client_rect();
        let [left, top, width, height] = [rect.left(), rect.top(), rect.width(), rect.height()].map(whole);
        Self { left, top, width, height }
    }

    pub fn holds(&self, x: i32, y: i32) -> bool {
        (self.left..self.left + self.width).contains(&x) && (self.top..self.top + self.height).contains(&y)
    }
}

/// A length of the window as whole pixels. A window is never wider than such a number.
#[expect(clippy::cast_possible_truncation, reason = "pixels of a window, and `as` saturates")]
fn whole(length: f64) -> i32 {
    length.round() as i32
}

/// The size of the window.
pub fn window_size() -> (i32, i32) {
    let size = |length: Result<wasm_bindgen::JsValue, _>| {
        length.ok().and_then(|length| length.as_f64()).map(whole).unwrap_or_default()
    };
    (size(window().inner_width()), size(window().inner_height()))
}

/// Opens a dialog at the next frame: one whose code was just fetched is not in the document before, and refuses.
pub fn show_soon(
    dialog: NodeRef<leptos::html::Dialog>,
    open: RwSignal<bool>,
    shown: impl FnOnce() + 'static,
) {
    request_animation_frame(move || {
        let still = open.try_get_untracked() == Some(true);
        if let Some(dialog) = dialog.try_get_untracked().flatten()
            && still
            && !dialog.open()
            && dialog.show_modal().is_ok()
        {
            shown();
        }
    });
}

/// Puts a dialog below an anchor, or above it where there is no room. On a phone its style decides.
pub fn place_beside(dialog: NodeRef<leptos::html::Dialog>, anchor: Rect) {
    let Some(dialog) = dialog.try_get_untracked().flatten() else { return };
    let (width, height) = window_size();
    let (own_width, own_height) = (dialog.offset_width(), dialog.offset_height());
    let below = anchor.top + anchor.height + 4;
    let top = if below + own_height + 8 > height { anchor.top - own_height - 4 } else { below };
    let style = web_sys::HtmlElement::style(&dialog);
    for (name, at) in [
        ("--popover-left", anchor.left.min(width - own_width - 8).max(8)),
        ("--popover-top", top.min(height - own_height - 8).max(8)),
    ] {
        // A browser that refuses a length would only show it elsewhere.
        drop(style.set_property(name, &format!("{at}px")));
    }
}

/// The element that a selector names.
pub fn find(selector: &str) -> Option<web_sys::Element> {
    document().query_selector(selector).ok().flatten()
}

/// Scrolls what a selector names into sight, no further than it takes.
pub fn bring_into_sight(selector: &str) {
    if let Some(element) = find(selector) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// A dialog's own box is what lies behind its content: a press there is one beside it.
pub fn is_backdrop(event: &web_sys::MouseEvent) -> bool {
    event.target().is_some_and(|target| target.dyn_into::<web_sys::HtmlDialogElement>().is_ok())
}

/// The element at a place of the window.
#[expect(clippy::cast_precision_loss, reason = "pixels of a window")]
pub fn element_at(x: i32, y: i32) -> Option<web_sys::Element> {
    document().element_from_point(x as f32, y as f32)
}

/// Whether the page shows columns.
pub fn has_columns() -> bool {
    find("[data-column]").is_some()
}

/// A finger feels that it holds something, where a device can tell it.
pub fn buzz() {
    // A browser that can't, or may not, says so; nothing depends on it.
    let _told = window().navigator().vibrate_with_duration(12);
}

/// Moves an element to a place of the window.
pub fn move_to(element: NodeRef<leptos::html::Div>, x: i32, y: i32) {
    if let Some(element) = element.try_get_untracked().flatten() {
        // A browser that refuses would only leave it where it is.
        drop(web_sys::HtmlElement::style(&element).set_property("translate", &format!("{x}px {y}px")));
    }
}

/// Moves the board along, and the column below, while something is held near an edge of theirs.
pub fn scroll_along(x: i32, y: i32, edge: i32) {
    let (width, _) = window_size();
    let sideways = if x > width - edge {
        14
    } else if x < edge {
        -14
    } else {
        0
    };
    if let Some(board) = find(".board").filter(|_| sideways != 0) {
        board.set_scroll_left(board.scroll_left() + sideways);
    }
    let list = element_at(x, y).and_then(|element| element.closest(".windowed").ok().flatten());
    if let Some(list) = list {
        let rect = Rect::of(&list);
        let down = if y > rect.top + rect.height - edge {
            12
        } else if y < rect.top + edge {
            -12
        } else {
            0
        };
        if down != 0 {
            list.set_scroll_top(list.scroll_top() + down);
        }
    }
}

/// Whether the page is as narrow as a phone.
pub fn is_narrow() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 768.0)
}

/// Brings the end of a scrolled box into sight, once what was just added is drawn.
pub fn scroll_to_end(view: NodeRef<leptos::html::Div>) {
    request_animation_frame(move || {
        if let Some(view) = view.try_get_untracked().flatten() {
            view.set_scroll_top(view.scroll_height());
        }
    });
}
