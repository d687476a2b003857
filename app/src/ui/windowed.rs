//! A long list of which only what is near the sight is drawn. Rows may differ in height: each is measured when it is
//! drawn, and stands for its measure when it isn't.

use std::collections::HashMap;
use std::hash::Hash;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::ui::document;

/// Drawn beyond what is in sight, in either direction, in pixels.
const BEYOND: i32 = 600;
/// This near to the end more is asked for, in pixels.
const NEAR: i32 = 1_200;
/// A row is taken to be this high until one was measured.
const ROW: i32 = 60;

/// Which rows are drawn, and how much room the others take before and after them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub before: i32,
    pub after: i32,
}

impl Span {
    /// The rows that are at least partly between `top` and `bottom`.
    pub fn of(heights: impl Iterator<Item = i32>, top: i32, bottom: i32) -> Self {
        let mut span = Self::default();
        let mut offset = 0_i32;
        for (index, height) in heights.enumerate() {
            let next = offset.saturating_add(height);
            if next <= top {
                span.start = index + 1;
                span.before = next;
                span.end = index + 1;
            } else if offset < bottom {
                span.end = index + 1;
            } else {
                span.after = span.after.saturating_add(height);
            }
            offset = next;
        }
        span
    }
}

/// What has been measured.
#[derive(Debug, Clone)]
pub struct Heights<K> {
    known: HashMap<K, i32>,
    sum: i64,
}

impl<K: Eq + Hash> Default for Heights<K> {
    fn default() -> Self {
        Self { known: HashMap::new(), sum: 0 }
    }
}

impl<K: Eq + Hash> Heights<K> {
    /// The height of a row; of one that was never drawn, the average of the others.
    pub fn of(&self, key: &K) -> i32 {
        self.known.get(key).copied().unwrap_or_else(|| {
            let count = i64::try_from(self.known.len()).unwrap_or(i64::MAX);
            self.sum.checked_div(count).and_then(|average| i32::try_from(average).ok()).unwrap_or(ROW)
        })
    }

    /// Notes a measure. `false` where nothing changes.
    pub fn note(&mut self, key: K, height: i32) -> bool {
        let before = self.known.insert(key, height);
        self.sum += i64::from(height) - i64::from(before.unwrap_or_default());
        before != Some(height)
    }
}

/// The list. The first `first` rows are drawn until the browser knows better; `near_end` is told when the end comes
/// near. Its children stand behind the rows and scroll with them.
#[component]
pub fn Windowed<K, R, V>(
    ids: Memo<Vec<K>>,
    row: R,
    first: usize,
    near_end: Callback<()>,
    #[prop(optional, into)] class: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    R: Fn(K) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let list = Rows {
        ids,
        heights: StoredValue::new(Heights::default()),
        bounds: RwSignal::new((0, first)),
        view: NodeRef::new(),
        rows: NodeRef::new(),
        before: NodeRef::new(),
        after: NodeRef::new(),
        room: StoredValue::new((0, 0)),
        due: StoredValue::new(false),
    };
    let drawn = Memo::new(move |_| {
        let (start, end) = list.bounds.get();
        ids.with(|ids| ids.get(start.min(ids.len())..end.min(ids.len())).unwrap_or_default().to_vec())
    });
    Effect::new(move |_| {
        drawn.track();
        ids.track();
        list.soon(near_end);
    });
    hear_of_size(move || list.soon(near_end));
    view! {
        <div class=format!("windowed {class}") node_ref=list.view on:scroll=move |_| list.settle(near_end)>
            <div node_ref=list.before></div>
            <ol node_ref=list.rows>
                <For each=move || drawn.get() key=|id| *id let:id>
                    {row(id)}
                </For>
            </ol>
            <div node_ref=list.after></div>
            {children.map(|children| children())}
        </div>
    }
}

/// Hears of the window's size in the browser; on the server there is no window.
fn hear_of_size(heard: impl Fn() + Copy + 'static) {
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::resize, move |_| heard());
        on_cleanup(move || handle.remove());
    });
}

struct Rows<K: Send + Sync + 'static> {
    ids: Memo<Vec<K>>,
    heights: StoredValue<Heights<K>>,
    /// The first row drawn, and the one after the last.
    bounds: RwSignal<(usize, usize)>,
    view: NodeRef<html::Div>,
    rows: NodeRef<html::Ol>,
    before: NodeRef<html::Div>,
    after: NodeRef<html::Div>,
    /// How much room these two take.
    room: StoredValue<(i32, i32)>,
    /// The next frame settles already.
    due: StoredValue<bool>,
}

impl<K: Send + Sync + 'static> Clone for Rows<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Send + Sync + 'static> Copy for Rows<K> {}

impl<K: Copy + Eq + Hash + Send + Sync + 'static> Rows<K> {
    /// Settles once what has just changed is drawn.
    fn soon(self, near_end: Callback<()>) {
        if self.due.try_get_value().unwrap_or(true) {
            return;
        }
        self.due.set_value(true);
        request_animation_frame(move || {
            self.due.try_set_value(false);
            self.settle(near_end);
        });
    }

    /// Measures what is drawn, and draws what has come near.
    fn settle(self, near_end: Callback<()>) {
        let Some(view) = self.view.try_get_untracked().flatten() else { return };
        let (top, height) = (view.scroll_top(), view.client_height());
        let Some(ids) = self.ids.try_get_untracked() else { return };
        self.measure(&ids);
        let heights = self.heights.try_with_value(|heights| ids.iter().map(|id| heights.of(id)).collect());
        let Some::<Vec<i32>>(heights) = heights else { return };
        // Summed rather than asked of the browser, which would lay the page out anew after what is written below.
        let whole = heights.iter().fold(0_i32, |sum, height| sum.saturating_add(*height));
        let span = Span::of(heights.into_iter(), top - BEYOND, top + height + BEYOND);
        if self.room.try_get_value() != Some((span.before, span.after)) {
            self.room.try_set_value((span.before, span.after));
            document::set_height(self.before, span.before);
            document::set_height(self.after, span.after);
        }
        if self.bounds.try_get_untracked() != Some((span.start, span.end)) {
            self.bounds.try_set((span.start, span.end));
        }
        if whole.saturating_sub(top).saturating_sub(height) < NEAR {
            near_end.run(());
        }
    }

    fn measure(self, ids: &[K]) {
        let (Some(rows), Some((start, _))) =
            (self.rows.try_get_untracked().flatten(), self.bounds.try_get_untracked())
        else {
            return;
        };
        let drawn = rows.children();
        self.heights.try_update_value(|heights| {
            for (index, id) in ids.iter().enumerate().skip(start).take(drawn.length() as usize) {
                let element = u32::try_from(index - start).ok().and_then(|index| drawn.item(index));
                if let Some(element) =
                    element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    heights.note(*id, element.offset_height());
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_drawn_and_the_rest_keeps_its_room() {
        let span = |top, bottom| Span::of([100, 50, 200, 100, 50].into_iter(), top, bottom);
        let cases = [
            ((0, 500), (0, 5, 0, 0)),
            ((-600, 120), (0, 2, 0, 350)),
            ((100, 160), (1, 3, 100, 150)),
            ((349, 350), (2, 3, 150, 150)),
            ((350, 351), (3, 4, 350, 50)),
            ((900, 1_000), (5, 5, 500, 0)),
        ];
        for ((top, bottom), (start, end, before, after)) in cases {
            assert_eq!(span(top, bottom), Span { start, end, before, after }, "{top} to {bottom}");
        }
    }

    #[test]
    fn the_room_and_the_drawn_rows_are_always_the_whole() {
        let heights: Vec<i32> = (0..5_000).map(|index| 60 + index % 7 * 20).collect();
        let whole: i32 = heights.iter().sum();
        for top in (0..whole).step_by(9_973) {
            let span = Span::of(heights.iter().copied(), top, top + 900);
            let drawn: i32 = heights[span.start..span.end].iter().sum();
            assert_eq!(span.before + drawn + span.after, whole);
            assert!(span.end - span.start <= 17, "{span:?}");
        }
    }

    #[test]
    fn a_row_that_was_never_drawn_is_as_high_as_the_others_are() {
        let mut heights = Heights::default();
        assert_eq!(heights.of(&1), ROW);
        assert!(heights.note(1, 100));
        assert!(heights.note(2, 50));
        assert!(!heights.note(2, 50));
        assert_eq!((heights.of(&1), heights.of(&3)), (100, 75));
        assert!(heights.note(2, 150));
        assert_eq!(heights.of(&3), 125);
    }
}
