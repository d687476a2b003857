//! Every route of the server.

use axum::Router;
use leptos::config::LeptosOptions;
use leptos_axum::{LeptosRoutes as _, file_and_error_handler, generate_route_list};

/// Pages and static files.
pub(crate) fn router(options: LeptosOptions) -> Router {
    let routes = generate_route_list(app::App);
    let pages = options.clone();
    Router::new()
        .leptos_routes(&options, routes, move || app::shell(pages.clone()))
        .fallback(file_and_error_handler(app::shell))
        .with_state(options)
}
