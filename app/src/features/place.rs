//! Where a page is: the workspace in its path, and what the frame has loaded for all pages.

use domain::Code;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::api::ApiError;
use crate::api::session::SessionView;

/// Who is signed in, loaded once by the frame. From context.
#[derive(Debug, Clone, Copy)]
pub struct SignedIn(pub Resource<Result<SessionView, ApiError>>);

/// The slug in `/w/{slug}/…`; empty outside any workspace.
pub fn slug() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("slug")).unwrap_or_default())
}

/// A path in the workspace of this page: `path("/tasks")`.
pub fn path(tail: &'static str) -> Signal<String> {
    let slug = slug();
    Signal::derive(move || format!("/w/{}{tail}", slug.get()))
}

/// The number in `/tasks/{number}`.
pub fn number() -> Memo<Option<i64>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("number"))?.parse().ok())
}

/// A page that a server is asked for by itself answers with the status of what went wrong in it.
pub fn answer(code: Code) {
    crate::api::answer(code.status());
}
