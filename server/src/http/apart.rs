//! Keeps what answers one request apart from what answers another.
//!
//! Rendering leaves the owner of the page it began last on the thread. A server function that the same thread takes up
//! next would become a child of that page: it would find the page's context where it has none of its own, and lose its
//! own when the page is done.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use leptos::reactive::computed::ScopedFuture;
use leptos::reactive::owner::Owner;

/// The layer: an owner of the request's own, while it is worked on and no longer.
pub async fn layer(request: Request, next: Next) -> Response {
    let owner = Owner::new_root(None);
    let answer = ScopedFuture::new_untracked(next.run(request));
    owner.unset();
    answer.await
}
