//! Passing words, read out politely: what was done, or why it was not.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

use crate::api::ApiError;
use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::button::{Button, IconButton, Size, Variant};
use crate::ui::icon::{Glyph, Icon};

/// How long a toast stands. A refusal stands longer, because it has to be read.
const STAY: Duration = Duration::from_secs(5);
const STAY_REFUSED: Duration = Duration::from_secs(10);
/// More at once than this would cover the page.
const MOST: usize = 4;

/// Takes back what was done. It outlives the part of the page that has done it.
#[derive(Clone)]
pub struct Undo(Arc<dyn Fn() + Send + Sync>);

impl Undo {
    pub fn new(undo: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(undo))
    }
}

impl std::fmt::Debug for Undo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Undo")
    }
}

#[derive(Debug, Clone)]
struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    undo: Option<Undo>,
}

/// The toasts of this page. From context, in handlers and effects only.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u64>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self { shown: RwSignal::new(Vec::new()), last: StoredValue::new(0) }
    }
}

impl Toasts {
    /// Says that something was done.
    pub fn done(self, text: impl Into<String>) {
        self.show(Tone::Good, text.into(), STAY);
    }

    /// Says why something was not done.
    pub fn refused(self, error: &ApiError) {
        let text = error.sentence(|code| strings().common.problem(code));
        let text = if error.trace_id.is_empty() { text } else { format!("{text} ({})", error.trace_id) };
        self.show(Tone::Bad, text, STAY_REFUSED);
    }

    /// Says what was or will be done, and lets it be taken back while it stands.
    pub fn offer(self, text: impl Into<String>, undo: Undo) {
        self.add(Tone::Good, text.into(), STAY_REFUSED, Some(undo));
    }

    /// Says what was not done, in a sentence of the page's own.
    pub fn warned(self, text: impl Into<String>) {
        self.show(Tone::Bad, text.into(), STAY_REFUSED);
    }

    fn show(self, tone: Tone, text: String, stay: Duration) {
        self.add(tone, text, stay, None);
    }

    fn add(self, tone: Tone, text: String, stay: Duration, undo: Option<Undo>) {
        let id = self.last.try_update_value(|last| {
            *last += 1;
            *last
        });
        let id = id.unwrap_or_default();
        self.shown.update(|shown| {
            shown.push(Toast { id, tone, text, undo });
            if shown.len() > MOST {
                shown.remove(0);
            }
        });
        set_timeout(move || self.dismiss(id), stay);
    }

    fn dismiss(self, id: u64) {
        // The page may have gone meanwhile, and its signals with it.
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where toasts appear. It is there from the start, so that screen readers notice what comes into it.
#[component]
pub fn ToastRegion(toasts: Toasts) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class="toast" data-tone=toast.tone.as_str()>
                    <Icon glyph=if toast.tone == Tone::Bad { Glyph::Alert } else { Glyph::Check }/>
                    <p>{toast.text}</p>
                    {toast.undo.map(|undo| {
                        let press = Callback::new(move |()| {
                            toasts.dismiss(toast.id);
                            (undo.0)();
                        });
                        view! { <Button size=Size::Small on_press=press>{strings().common.undo}</Button> }
                    })}
                    <IconButton glyph=Glyph::Close label=strings().common.dismiss variant=Variant::Quiet
                        on_press=Callback::new(move |()| toasts.dismiss(toast.id))/>
                </div>
            </For>
        </div>
    }
}
