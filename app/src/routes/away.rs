//! A page that can't be fetched: it says so in its place, and opens by itself as soon as it is there.
//!
//! The loader of chunks (`server/crates/xtask/src/site/chunks.js`) tells the window `chunk-missing` and goes on trying;
//! `chunk-wanted` makes it try at once. Pages that are only fetched ahead are waited for in silence.

use leptos::prelude::*;

use crate::strings::strings;
use crate::ui::button::{Button, Variant};
use crate::ui::document;
use crate::ui::icon::{Glyph, Icon};

/// The page that is being opened. From context.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Which attempt it is; `None` while none is under way.
    now: RwSignal<Option<u32>>,
    last: StoredValue<u32>,
}

impl Default for Opening {
    fn default() -> Self {
        Self { now: RwSignal::new(None), last: StoredValue::new(0) }
    }
}

impl Opening {
    /// Somebody opens a page. Whoever asks outside of the app has nothing to be told.
    pub fn begin() -> Begun {
        let opening = use_context::<Self>();
        let number = opening.and_then(|opening| {
            opening.last.try_update_value(|last| {
                *last = last.wrapping_add(1);
                *last
            })
        });
        if let Some(opening) = opening {
            opening.now.try_set(number);
        }
        Begun { opening, number }
    }
}

/// One attempt.
#[derive(Debug)]
pub struct Begun {
    opening: Option<Opening>,
    number: Option<u32>,
}

impl Begun {
    /// The page is there. Somebody may have gone elsewhere meanwhile: then that is under way, or done.
    pub fn end(self) {
        if let Some(opening) = self.opening {
            opening.now.try_update(|now| {
                if *now == self.number {
                    *now = None;
                }
            });
        }
    }
}

/// Stands over the page while the one that was asked for can't be fetched.
#[component]
pub fn Away() -> impl IntoView {
    let opening = expect_context::<Opening>();
    let missing = RwSignal::new(false);
    Effect::new(move |_| {
        let lost = window_event_listener_untyped("chunk-missing", move |_| missing.set(true));
        let found = window_event_listener_untyped("chunk-fetched", move |_| missing.set(false));
        on_cleanup(move || {
            lost.remove();
            found.remove();
        });
    });
    let shown = Memo::new(move |_| missing.get() && opening.now.with(Option::is_some));
    move || shown.get().then(|| view! { <NotHere/> })
}

#[component]
fn NotHere() -> impl IntoView {
    let words = strings();
    let again = Callback::new(|()| document::tell_window("chunk-wanted"));
    view! {
        <div class="away" role="alert">
            <div class="empty">
                <Icon glyph=Glyph::Alert/>
                <h2>{words.shell.away}</h2>
                <p>{words.shell.away_hint}</p>
                <div class="actions">
                    <Button variant=Variant::Primary on_press=again>{words.shell.try_again}</Button>
                    <a class="button" href="" rel="external" data-variant="plain" data-size="normal">{words.shell.load_anew}</a>
                </div>
            </div>
        </div>
    }
}
