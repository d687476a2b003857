//! Every route of the server, and what stands around them all.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse as _;
use axum::routing::{any, get};
use leptos::config::LeptosOptions;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes as _, file_and_error_handler_with_context, generate_route_list};
use tower::ServiceBuilder;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::config::Config;
use crate::http::address::Proxies;
use crate::http::headers::Policy;
use crate::http::limit::Limits;
use crate::http::origin::Ours;
use crate::http::problem::{self, Refusal};
use crate::http::{
    address, apart, api, denials, gate, headers, health, limit, metrics, openapi, origin, request_id,
    sign_in, socket, stream, visitor,
};
use crate::state::AppState;

/// A body may be as large as this, but for uploads, which say so at their route.
pub const BODY_BYTES: usize = 1024 * 1024;
/// How long a body may make no progress.
const BODY_STALL: Duration = Duration::from_secs(30);

/// The whole server.
pub fn router(state: &AppState, options: LeptosOptions) -> Router {
    let routes = Router::new()
        .merge(health::routes(state.health.clone()))
        .nest("/api/v1", api(state).fallback(problem::not_found).with_state(state.clone()))
        .route("/api/docs", get(openapi::page).with_state(options.clone()))
        .merge(live().with_state(state.clone()))
        .route("/api", any(problem::not_found))
        .route("/api/", any(problem::not_found))
        .route("/api/{*rest}", any(problem::not_found))
        .merge(pages(state, options));
    within(routes, &state.config, &state.limits)
}

/// The API: one line per capability.
fn api(state: &AppState) -> Router<AppState> {
    let routes = Router::new().merge(api::routes()).merge(sign_in::routes()).merge(live());
    routes.layer(from_fn_with_state(state.clone(), denials::layer))
}

/// What is new, as it happens.
fn live() -> Router<AppState> {
    Router::new().route("/events", get(socket::open)).route("/events/stream", get(stream::open))
}

/// Pages, server functions and static files.
fn pages(state: &AppState, options: LeptosOptions) -> Router {
    let policy = Policy::new(&state.config);
    let (database, repositories) = (state.database.clone(), state.repositories.clone());
    let context = move || {
        apart::say_owner();
        headers::provide_policy(policy);
        visitor::provide_found();
        provide_context(visitor::asked(&database));
        provide_context(repositories.clone());
    };
    let shell = options.clone();
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(app::App), context.clone(), move || {
            app::shell(shell.clone())
        })
        .fallback(file_and_error_handler_with_context(context, app::shell))
        .with_state(options)
        .layer(from_fn_with_state(state.clone(), visitor::layer))
        // Server functions may read their body without asking axum how large it is.
        .layer(RequestBodyLimitLayer::new(BODY_BYTES))
        .layer(from_fn(apart::layer))
}

/// What every request goes through, from the outside in. Tests put routes of their own in the middle.
pub fn within(routes: Router, config: &Config, limits: &Limits) -> Router {
    let (ours, policy) = (Ours::new(config), Policy::new(config));
    let proxies = Proxies::new(&config.proxies);
    routes.layer(
        ServiceBuilder::new()
            .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
            .layer(from_fn(request_id::layer))
            .layer(from_fn(metrics::layer))
            .layer(from_fn_with_state(policy, headers::layer))
            // The panic itself is logged by the hook that telemetry sets.
            .layer(CatchPanicLayer::custom(|_| Refusal::internal().into_response()))
            .layer(from_fn_with_state(proxies, address::layer))
            .layer(from_fn_with_state(ours.clone(), gate::layer))
            .layer(from_fn_with_state(ours, origin::layer))
            .layer(from_fn_with_state(limits.clone(), limit::layer))
            .layer(RequestBodyTimeoutLayer::new(BODY_STALL))
            .layer(DefaultBodyLimit::max(BODY_BYTES)),
    )
}
