//! Keys for the whole page: single letters and `g` followed by one, never while somebody types.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast as _;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    NewTask,
    Search,
    Home,
    Tasks,
    Repositories,
    Settings,
    Help,
    Next,
    Previous,
    Open,
}

/// What a key means, after `g` or alone. `None` for keys that are not ours.
pub fn meaning(key: &str, after_g: bool) -> Option<Press> {
    Some(match (after_g, key) {
        (true, "h") => Press::Home,
        (true, "t") => Press::Tasks,
        (true, "r") => Press::Repositories,
        (true, "s") => Press::Settings,
        (true, _) => return None,
        (false, "c") => Press::NewTask,
        (false, "/") => Press::Search,
        (false, "?") => Press::Help,
        (false, "j") => Press::Next,
        (false, "k") => Press::Previous,
        (false, "Enter") => Press::Open,
        (false, _) => return None,
    })
}

/// What pages hear of the keyboard: pages without a list leave `Next` and `Previous` alone. From context.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    pub help: RwSignal<bool>,
    pub compose: RwSignal<bool>,
    pub switcher: RwSignal<bool>,
}

/// Listens for keys while the frame is there. `base` is the workspace's path.
pub fn listen(keys: Keys, base: Signal<String>) {
    let navigate = use_navigate();
    let pending_g = StoredValue::new(false);
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let go = move |path: &str| {
            navigate(&format!("{}{path}", base.get_untracked()), NavigateOptions::default());
            true
        };
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if event.key() == "Escape" {
                leave_field(&event);
            }
            if is_switch(&event) {
                event.prevent_default();
                keys.switcher.set(true);
                return;
            }
            if event.ctrl_key() || event.meta_key() || event.alt_key() || is_busy(&event) {
                return;
            }
            let after_g = pending_g.try_get_value().unwrap_or_default();
            pending_g.try_update_value(|pending| *pending = event.key() == "g" && !after_g);
            let Some(press) = meaning(&event.key(), after_g) else {
                return;
            };
            let handled = match press {
                Press::Home => go(""),
                Press::Tasks => go("/tasks"),
                Press::Repositories => go("/repositories"),
                Press::Settings => go("/settings"),
                Press::Help => show(keys.help),
                Press::NewTask => show(keys.compose),
                Press::Search => focus_search(),
                Press::Next => move_focus(1),
                Press::Previous => move_focus(-1),
                // The focused link opens by itself.
                Press::Open => false,
            };
            if handled {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Ctrl or Cmd with K, also while somebody types; but a dialog has its own keys.
fn is_switch(event: &web_sys::KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key())
        && !event.shift_key()
        && !event.alt_key()
        && event.key().eq_ignore_ascii_case("k")
        && !is_covered()
}

/// Somebody types, or a dialog is open: keys belong to them.
pub fn is_busy(event: &web_sys::KeyboardEvent) -> bool {
    field(event).is_some() || is_covered()
}

/// A dialog is open, and closes by its own means.
fn is_covered() -> bool {
    matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}

/// The field that somebody types in.
fn field(event: &web_sys::KeyboardEvent) -> Option<web_sys::HtmlElement> {
    let element = event.target()?.dyn_into::<web_sys::HtmlElement>().ok()?;
    let typing = element.is_content_editable()
        || matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT");
    typing.then_some(element)
}

/// From here on keys are the page's again.
fn leave_field(event: &web_sys::KeyboardEvent) {
    if let Some(field) = field(event)
        && !is_covered()
    {
        // A field that keeps its focus only keeps its keys.
        drop(field.blur());
    }
}

fn show(dialog: RwSignal<bool>) -> bool {
    dialog.set(true);
    true
}

fn focus_search() -> bool {
    let found = matches!(document().query_selector("[data-search]"), Ok(Some(_)));
    crate::ui::document::focus("[data-search]");
    found
}

/// Moves along what the page marks with `data-item`, from the focused one.
fn move_focus(by: i32) -> bool {
    let Ok(items) = document().query_selector_all("[data-item]") else {
        return false;
    };
    let focused = document().active_element();
    let mut at = None;
    for index in 0..items.length() {
        let same = items
            .get(index)
            .is_some_and(|node| focused.as_ref().is_some_and(|focused| focused.is_same_node(Some(&node))));
        if same {
            at = Some(index);
        }
    }
    let next = match at {
        Some(index) => index.saturating_add_signed(by).min(items.length().saturating_sub(1)),
        None => 0,
    };
    let Some(item) = items.get(next).and_then(|node| node.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    item.focus().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g_opens_pages_and_nothing_else_does() {
        assert_eq!(meaning("t", true), Some(Press::Tasks));
        assert_eq!(meaning("t", false), None);
        assert_eq!(meaning("c", true), None);
        assert_eq!(meaning("c", false), Some(Press::NewTask));
        assert_eq!(meaning("g", false), None);
    }
}
