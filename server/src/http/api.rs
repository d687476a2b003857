//! The REST API: each handler reads a request, calls one facade and gives its answer. No rule is decided here.
//!
//! A route is made together with its description, so that the OpenAPI document is of these routes and no others.
//! Start reading at [`tasks`]; who may come in is decided in [`crate::http::identity`], and every POST goes through
//! [`crate::http::idempotency`].

mod actions;
mod activity;
mod agents;
mod asks;
mod audit;
mod changes;
mod comments;
mod events;
mod executions;
mod filter;
mod invitations;
mod keys;
mod log;
mod logs;
mod members;
mod paging;
mod repositories;
mod schedules;
mod session;
mod sessions;
mod settings;
mod streams;
mod tasks;
mod templates;
mod views;
mod workspaces;

use axum::Router;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::http::openapi;
use crate::state::AppState;

pub use streams::Streams;

/// The routes below `/api/v1`.
pub fn routes() -> Router<AppState> {
    described().split_for_parts().0
}

/// What these routes are, in the order of the contract.
pub(crate) fn description() -> OpenApi {
    described().split_for_parts().1
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(sessions::routes())
        .merge(workspaces::routes())
        .merge(members::routes())
        .merge(invitations::routes())
        .merge(keys::routes())
        .merge(audit::routes())
        .merge(tasks::routes())
        .merge(actions::routes())
        .merge(asks::routes())
        .merge(activity::routes())
        .merge(views::routes())
        .merge(executions::routes())
        .merge(log::routes())
        .merge(logs::routes())
        .merge(comments::routes())
        .merge(repositories::routes())
        .merge(templates::routes())
        .merge(schedules::routes())
        .merge(settings::routes())
        .merge(agents::routes())
        .merge(changes::routes())
        .merge(openapi::routes())
}
