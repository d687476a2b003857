use utoipa::openapi::OpenApi;
use axum::response::{IntoResponse, Response};
use leptos::config::LeptosOptions;
pub(super) fn render(_d: &OpenApi, _o: &LeptosOptions) -> Response { ().into_response() }
