//! Keeps what answers one request apart from what answers another.
//!
//! A page is rendered by an owner that holds its context and its data. Leptos leaves the owner of the page it began last
//! on the thread, and polls what a page still waits for without its owner: where requests take turns on a thread, one
//! page would go on in the context of another, and show its visitor somebody else's work. So each request is worked
//! on under the owner that was made for it, and the thread is left as it was found.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::use_context;
use leptos::reactive::owner::Owner;

/// The owner of the page or server function that answers this request, once it is there.
type Made = OnceLock<Owner>;

/// Lets whatever answers the request say who its owner is. Weak: an owner must not hold itself.
#[derive(Debug, Clone)]
struct Place(Weak<Made>);

/// The layer.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let made = Arc::new(Made::new());
    request.extensions_mut().insert(Place(Arc::downgrade(&made)));
    let until_then = Owner::new_root(None);
    until_then.clone().unset();
    Apart { until_then, made, answer: Box::pin(next.run(request)) }.await
}

/// To be called in the context of every page and server function: from now on it is worked on under this owner.
pub fn say_owner() {
    let place = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Place>().cloned());
    if let (Some(place), Some(owner)) = (place.and_then(|place| place.0.upgrade()), Owner::current()) {
        // A page that is rendered again after an error keeps its first owner.
        drop(place.set(owner));
    }
}

struct Apart<Answer> {
    until_then: Owner,
    made: Arc<Made>,
    answer: Pin<Box<Answer>>,
}

impl<Answer: Future> Future for Apart<Answer> {
    type Output = Answer::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let owner = self.made.get().unwrap_or(&self.until_then).clone();
        let answer = self.answer.as_mut();
        owner.with(|| answer.poll(context))
    }
}
