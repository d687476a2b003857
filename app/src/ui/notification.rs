//! The browser's notifications: whether it may show them, asking for it, and showing one. Browser only.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

/// Whether this browser shows notifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Permission {
    /// It can't.
    #[default]
    Missing,
    /// It has not been asked.
    Unasked,
    Granted,
    Denied,
}

/// What the browser says now.
pub fn permission() -> Permission {
    let name = wasm_bindgen::JsValue::from_str("Notification");
    if js_sys::Reflect::has(&window(), &name) != Ok(true) {
        return Permission::Missing;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Unasked,
    }
}

/// Asks the person, who has just pressed for it. `answered` hears what is so then.
pub fn ask(answered: impl FnOnce(Permission) + 'static) {
    if permission() == Permission::Missing {
        answered(Permission::Missing);
        return;
    }
    if let Ok(promise) = Notification::request_permission() {
        leptos::task::spawn_local(async move {
            // What was answered is read from the browser, also where the question itself failed.
            drop(JsFuture::from(promise).await);
            answered(permission());
        });
    }
}

/// Whether somebody has this page before them.
pub fn is_in_front() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Visible
        && document().has_focus().unwrap_or(true)
}

/// Shows one. Another with the same tag takes its place; `pressed` is called once it is pressed.
pub fn show(title: &str, body: &str, tag: &str, pressed: impl FnOnce() + 'static) {
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    // A browser that refuses shows nothing: the page itself still tells.
    let Ok(notification) = Notification::new_with_options(title, &options) else { return };
    let shown = notification.clone();
    let press = Closure::once_into_js(move || {
        // The window comes forward where the browser lets it.
        drop(window().focus());
        shown.close();
        pressed();
    });
    notification.set_onclick(Some(press.unchecked_ref()));
}
