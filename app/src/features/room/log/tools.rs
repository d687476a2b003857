//! What stands above the log: how long it is, search, following, folding, copy and download, and its keys.

use domain::log::LINES_LIMIT;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::find::{Find, FindBar};
use super::held::{Held, PAGE};
use super::row::sentence;
use super::view::View;
use crate::api::ApiError;
use crate::api::executions::{LogQuery, read_log};
use crate::strings::strings;
use crate::ui::button::{Button, Size, Variant};
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;
use crate::ui::{document, keys};

/// The most lines that are copied: a clipboard is no place for more.
const COPIED: i64 = 5_000;

/// A chunk of its own; asked for nothing, it is only fetched.
#[lazy]
pub fn tools(log: Option<(View, Find)>) -> AnyView {
    log.map_or_else(|| ().into_any(), |(view, find)| view! { <Tools view find/> }.into_any())
}

#[component]
fn Tools(view: View, find: Find) -> impl IntoView {
    let words = strings();
    let toasts = expect_context::<Toasts>();
    let lines = move || grouped(view.held.with(Held::count));
    let follow = Callback::new(move |()| toggle_follow(view));
    let fold = Callback::new(move |()| fold_all(view));
    let copy = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            match text(view).await {
                Ok((text, whole)) => {
                    let said = if whole { strings().common.copied } else { strings().room.copied_end };
                    document::copy(&text, move || toasts.done(said));
                }
                Err(error) => toasts.refused(&error),
            }
        });
    });
    let href = move || format!("/api/v1/executions/{}/log/download?workspace={}", view.id, view.slug.get());
    let label = move || if view.following.get() { words.room.following } else { words.room.follow };
    let foldable = move || view.held.with(|held| !held.commands().is_empty());
    let fold_label = move || {
        if view.folds.with(|folds| folds.is_empty()) { words.room.fold_all } else { words.room.unfold_all }
    };
    listen(view, find);
    view! {
        <div class="log-tools">
            <span class="count">{lines} " " {words.room.lines}</span>
            <Pages view/>
            <FindBar find/>
            <span class="push">
                {move || foldable().then(|| view! {
                    <Button variant=Variant::Quiet size=Size::Small on_press=fold>
                        <Icon glyph=Glyph::List/> <span>{fold_label}</span>
                    </Button>
                })}
                <Button variant=Variant::Quiet size=Size::Small on_press=follow>
                    <Icon glyph=Glyph::ChevronDown/> <span>{label}</span>
                </Button>
                <Button variant=Variant::Quiet size=Size::Small on_press=copy>
                    <Icon glyph=Glyph::Copy/> <span>{words.room.copy_log}</span>
                </Button>
                <a class="button" data-variant="quiet" data-size="small" href=href download="" rel="external">
                    <Icon glyph=Glyph::Download/> <span>{words.room.download}</span>
                </a>
            </span>
        </div>
    }
}

/// The way through a long log without script.
#[component]
fn Pages(view: View) -> impl IntoView {
    let words = &strings().room;
    let query = use_query_map();
    let (first, last, count) = view.held.with_untracked(|held| (held.run().0, held.run().1, held.count()));
    let kept = query.with_untracked(|query| {
        let pairs = ["execution", "panel"]
            .into_iter()
            .filter_map(|name| Some(format!("{name}={}&", query.get(name)?)));
        pairs.collect::<String>()
    });
    let to = move |line: i64| format!("?{kept}line={line}");
    let earlier = (first > 1).then(|| {
        view! {
            <a href=to(1)>{words.first_lines}</a> " "
            <a href=to((first - PAGE).max(1))>{words.earlier}</a> " "
        }
    });
    let later = (last < count).then(|| {
        view! {
            <a href=to((last + PAGE + 1).min(count))>{words.later}</a> " " <a href=to(count)>{words.last_lines}</a>
        }
    });
    view! { <span class="no-script">{earlier} {later}</span> }
}

fn toggle_follow(view: View) {
    if view.following.get_untracked() { view.following.set(false) } else { view.go_to_end() }
}

fn fold_all(view: View) {
    let top = view.top_line();
    let following = view.following.get_untracked();
    view.held.with_untracked(|held| view.folds.update(|folds| folds.fold_all(held.commands())));
    if !following {
        view.show_top(top);
    }
}

/// The keys of the log, anywhere in the room.
fn listen(view: View, find: Find) {
    Effect::new(move |_| {
        let after_g = StoredValue::new(false);
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || keys::is_busy(&event) {
                return;
            }
            let twice = after_g.try_get_value().unwrap_or_default();
            after_g.try_update_value(|pending| *pending = event.key() == "g" && !twice);
            match event.key().as_str() {
                "G" => view.go_to_end(),
                "g" if twice => view.go_to(1),
                "f" => toggle_follow(view),
                "n" => find.step(1),
                "N" => find.step(-1),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || handle.remove());
    });
}

/// The end of the log as text, and whether that is all of it.
async fn text(view: View) -> Result<(String, bool), ApiError> {
    let words = strings();
    let count = view.held.try_with_untracked(Held::count).unwrap_or_default();
    let mut line = (count - COPIED + 1).max(1);
    let whole = line == 1;
    let mut text = String::new();
    while line <= count {
        let query = LogQuery { workspace: view.slug.get_untracked(), id: view.id, line, limit: LINES_LIMIT };
        let page = read_log(query).await?;
        let Some(last) = page.items.last() else { break };
        line = last.number + 1;
        for line in &page.items {
            text.push_str(&sentence(&line.body, words));
            text.push('\n');
        }
    }
    Ok((text, whole))
}

/// A number with a thin space between its thousands.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_told_apart() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1 000"), (1_234_567, "1 234 567")] {
            assert_eq!(super::grouped(number).replace('\u{202f}', " "), expected);
        }
    }
}
