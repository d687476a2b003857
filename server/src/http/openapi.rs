//! The OpenAPI document of the API, and a page to read it on.

mod page;

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::Response;
use domain::problem::{FieldConflict, Problem};
use leptos::config::LeptosOptions;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response as Described, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{ContentBuilder, InfoBuilder, OpenApi, PathItem, Ref, RefOr, Required, Server};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::read::Json;
use crate::state::AppState;

/// What every route can refuse with, beside what it says itself.
const REFUSALS: [(&str, &str); 8] = [
    ("400", "The request can't be read, or names no workspace."),
    ("401", "Nobody is known by this key or session."),
    ("403", "The role or the key does not allow it."),
    ("404", "There is no such thing in this workspace."),
    ("409", "It is not possible as things stand."),
    ("422", "A field, named in `field`, can't be taken."),
    ("429", "Too much, too fast: `retry_after` says when to come back."),
    ("503", "Not available right now: try again in a moment."),
];

/// Schemas that no route names by itself.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Problem, FieldConflict)))]
struct Shared;

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// The browsable page, `/api/docs`.
pub async fn page(State(options): State<LeptosOptions>) -> Response {
    page::render(&DOCUMENT, &options)
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "about", security(()),
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)))]
async fn get() -> Json<&'static OpenApi> {
    Json(&DOCUMENT)
}

fn document() -> OpenApi {
    let mut document = Shared::openapi();
    document.merge(super::api::description());
    document.info = InfoBuilder::new()
        .title("Switchboard")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every body is JSON in snake_case; ids are UUIDs; times are RFC 3339 in UTC. An unknown field is an error. \
             A refusal is a problem after RFC 9457, whose `code` is one of a closed set.",
        ))
        .build();
    document.servers = Some(vec![Server::new("/api/v1")]);
    let schemes = ["key", "tenant_key", "session"];
    document.security = Some(schemes.map(|name| SecurityRequirement::new(name, [""; 0])).to_vec());
    let components = document.components.get_or_insert_default();
    components.security_schemes.extend(security_schemes());
    for item in document.paths.paths.values_mut() {
        complete(item);
    }
    document
}

fn security_schemes() -> [(String, RefOr<SecurityScheme>); 3] {
    let key = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("An API key, sb_….")).build();
    let tenant = ApiKeyValue::with_description("x-tenant-key", "The same API key in a header of its own.");
    let session = ApiKeyValue::with_description(
        "__Host-session",
        "A browser's session; its name is `session` on plain http. The workspace is named by x-workspace.",
    );
    [
        ("key", SecurityScheme::Http(key)),
        ("tenant_key", SecurityScheme::ApiKey(ApiKey::Header(tenant))),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(session))),
    ]
    .map(|(name, scheme)| (name.to_owned(), scheme.into()))
}

/// Adds what is the same for every route, so that no route has to say it.
fn complete(item: &mut PathItem) {
    // What is about the session itself has the same effect however often it is sent, and needs no key.
    let keyed = |post: &&mut Operation| !post.tags.iter().flatten().any(|tag| tag == "session");
    if let Some(post) = item.post.as_mut().filter(keyed) {
        let about = "Your own name for this request, kept for 24 hours: the same request again under it gets the first \
                     answer, marked with the header Idempotent-Replayed.";
        push(post, header("Idempotency-Key", about));
    }
    let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete];
    for operation in operations.into_iter().flatten() {
        let tag = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
        let name = operation.operation_id.take().unwrap_or_default();
        operation.operation_id = Some(format!("{tag}.{name}"));
        if operation.security.is_some() {
            continue;
        }
        push(
            operation,
            header("x-workspace", "The workspace's slug or id. A session needs it; a key has its own."),
        );
        for (status, about) in REFUSALS {
            operation.responses.responses.entry(status.to_owned()).or_insert_with(|| refusal(about).into());
        }
    }
}

fn push(operation: &mut Operation, parameter: Parameter) {
    operation.parameters.get_or_insert_default().push(parameter.into());
}

fn header(name: &str, about: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn refusal(about: &str) -> Described {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(about).content("application/problem+json", content).build()
}
