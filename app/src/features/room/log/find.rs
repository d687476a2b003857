//! Searching the log on the server, part by part, and going from hit to hit.

use domain::log::{LINES_LIMIT, LogHit};
use leptos::html;
use leptos::prelude::*;

use super::view::View;
use crate::api::executions::{LogSearch, search_log};
use crate::strings::strings;
use crate::ui::button::IconButton;
use crate::ui::button::Variant;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::toast::Toasts;

/// More hits than this are not fetched: nobody goes through them one by one.
const MOST: usize = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Idle,
    Searching,
    Done,
    /// There are more hits than are fetched.
    Enough,
}

/// What is sought, and what was found so far.
#[derive(Debug, Clone, Copy)]
pub struct Find {
    view: View,
    query: RwSignal<String>,
    hits: RwSignal<Vec<LogHit>>,
    at: RwSignal<Option<usize>>,
    progress: RwSignal<Progress>,
    /// Counts searches: what an older one finds is dropped.
    search: StoredValue<u32>,
}

impl Find {
    pub fn new(view: View) -> Self {
        Self {
            view,
            query: RwSignal::new(String::new()),
            hits: RwSignal::new(Vec::new()),
            at: RwSignal::new(None),
            progress: RwSignal::new(Progress::Idle),
            search: StoredValue::new(0),
        }
    }

    /// What is sought, in lower case.
    pub fn sought(self) -> Option<String> {
        Some(self.query.get().to_lowercase()).filter(|query| !query.is_empty())
    }

    /// Searches anew; what is sought already leads to the next hit.
    fn start(self, query: String, toasts: Toasts) {
        if query == self.query.get_untracked() && !query.is_empty() {
            self.step(1);
            return;
        }
        self.query.set(query.clone());
        self.hits.set(Vec::new());
        self.at.set(None);
        let number = self.search.get_value().wrapping_add(1);
        self.search.set_value(number);
        if query.trim().is_empty() {
            self.progress.set(Progress::Idle);
            return;
        }
        self.progress.set(Progress::Searching);
        leptos::task::spawn_local(async move {
            if let Err(error) = self.go_on(&query, number).await {
                self.progress.try_set(Progress::Idle);
                toasts.refused(&error);
            }
        });
    }

    async fn go_on(self, query: &str, number: u32) -> Result<(), crate::api::ApiError> {
        let mut after = 0;
        loop {
            let search = LogSearch {
                workspace: self.view.slug.try_get_untracked().unwrap_or_default(),
                id: self.view.id,
                q: query.to_owned(),
                after,
                limit: LINES_LIMIT,
            };
            let found = search_log(search).await?;
            if self.search.try_get_value() != Some(number) {
                return Ok(());
            }
            after = found.next_after;
            let count = self.hits.try_update(|hits| {
                hits.extend(found.items);
                hits.len()
            });
            let count = count.unwrap_or_default();
            if self.at.try_get_untracked() == Some(None) && count > 0 {
                self.begin();
            }
            if found.finished || count >= MOST {
                let progress = if found.finished { Progress::Done } else { Progress::Enough };
                self.progress.try_set(progress);
                return Ok(());
            }
        }
    }

    /// Goes to the first hit from what is in sight on.
    fn begin(self) {
        let top = self.view.top_line();
        let at = self.hits.with_untracked(|hits| hits.iter().position(|hit| hit.line >= top));
        self.show(at.unwrap_or_default());
    }

    /// Goes on by so many hits, around the end.
    pub fn step(self, by: isize) {
        let count = self.hits.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let at = self.at.get_untracked().unwrap_or_default();
        let next = if by < 0 { at.checked_sub(1).unwrap_or(count - 1) } else { (at + 1) % count };
        self.show(next);
    }

    fn show(self, at: usize) {
        let line = self.hits.with_untracked(|hits| hits.get(at).map(|hit| hit.line));
        if let Some(line) = line {
            self.at.set(Some(at));
            self.view.go_to(line);
        }
    }

    fn count(self) -> String {
        let words = &strings().room;
        let count = self.hits.with(Vec::len);
        let at = self.at.get().map_or(0, |at| at + 1);
        match self.progress.get() {
            Progress::Idle => String::new(),
            Progress::Done if count == 0 => words.no_hits.to_owned(),
            Progress::Searching if count == 0 => words.searching.to_owned(),
            Progress::Done => format!("{at} / {count}"),
            Progress::Searching | Progress::Enough => format!("{at} / {count}+"),
        }
    }
}

/// The field and its hits.
#[component]
pub fn FindBar(find: Find) -> impl IntoView {
    let words = strings();
    let toasts = expect_context::<Toasts>();
    let field = NodeRef::<html::Input>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        find.start(text, toasts);
    };
    // The cross of the field, and Escape, empty it.
    let emptied = move |_| {
        if field.get_untracked().is_some_and(|field| field.value().is_empty()) {
            find.start(String::new(), toasts);
        }
    };
    let any = move || find.hits.with(|hits| !hits.is_empty());
    view! {
        <form class="log-find" role="search" on:submit=submit>
            <Icon glyph=Glyph::Search/>
            <input type="search" name="find" maxlength="200" autocomplete="off" spellcheck="false" data-search=""
                placeholder=words.room.find aria-label=words.room.find node_ref=field on:input=emptied/>
            <span class="count" role="status">{move || find.count()}</span>
            {move || any().then(|| view! {
                <IconButton glyph=Glyph::ChevronUp label=words.room.previous_hit variant=Variant::Quiet
                    on_press=Callback::new(move |()| find.step(-1))/>
                <IconButton glyph=Glyph::ChevronDown label=words.room.next_hit variant=Variant::Quiet
                    on_press=Callback::new(move |()| find.step(1))/>
            })}
        </form>
    }
}
