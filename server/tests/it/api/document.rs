//! The OpenAPI document, and that it is of these routes and no others.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::Value;

use super::support::{Api, As, request};

/// Routes that are no REST: the sockets' own protocol, and the form behind a sign-in link.
const ELSEWHERE: [&str; 3] = ["/events", "/events/stream", "/auth/link"];

/// The routes that the document describes: method in lower case, and path below `/api/v1`.
pub(crate) async fn routes(api: &Api) -> Vec<(String, String)> {
    let document = api.get(&As::Nobody, "/openapi.json").await.is(200);
    let paths = document["paths"].as_object().unwrap().clone();
    let routes = paths.into_iter().flat_map(|(path, item)| {
        let methods: Vec<String> = item.as_object().unwrap().keys().cloned().collect();
        methods.into_iter().map(move |method| (method, path.clone()))
    });
    routes.collect()
}

/// The paths that the router really has, read off its own description of itself.
fn paths(api: &Api) -> BTreeSet<String> {
    let described = format!("{:?}", api.router);
    let texts = described.split('"').skip(1).step_by(2);
    let paths = texts.filter_map(|text| text.strip_prefix("/api/v1")).filter(|path| path.len() > 1);
    paths.filter(|path| !path.contains("{*")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_documented_and_every_documented_one_exists() {
    let api = Api::new().await;
    let mut documented = BTreeSet::new();
    for (method, path) in routes(&api).await {
        documented.insert((path, method));
    }
    let mut real = BTreeSet::new();
    for path in paths(&api).into_iter().filter(|path| !ELSEWHERE.contains(&path.as_str())) {
        // Nothing answers to OPTIONS; the refusal names what does.
        let refused = api.send(request(&As::Nobody, "OPTIONS", &path).body(Body::empty()).unwrap()).await;
        let allowed = refused.header("allow").unwrap_or_else(|| panic!("{path}: {refused:?}")).to_lowercase();
        for method in allowed.split(',').filter(|method| *method != "head") {
            real.insert((path.clone(), method.to_owned()));
        }
    }
    assert_eq!(documented, real);
    assert!(real.len() > 25, "{real:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole() {
    let api = Api::new().await;
    let document = api.get(&As::Nobody, "/openapi.json").await.is(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for name in ["key", "tenant_key", "session"] {
        assert!(document["components"]["securitySchemes"][name].is_object(), "{name}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} twice");
            assert!(
                operation["summary"].as_str().is_some_and(|text| text.ends_with('.') && !text.contains('\n')),
                "{method} {path}"
            );
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            if operation.get("security").is_none() {
                let refused = &responses["422"]["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(refused, "#/components/schemas/Problem", "{method} {path}");
            }
            let names: Vec<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| one["name"].as_str().unwrap())
                .collect();
            assert_eq!(names.contains(&"id"), path.contains("{id}"), "{method} {path}");
            assert_eq!(
                names.contains(&"Idempotency-Key"),
                method == "post" && operation["tags"] != serde_json::json!(["session"]),
                "{method} {path}"
            );
        }
    }
    let mut wanted = BTreeSet::new();
    references(&document, &mut wanted);
    for reference in wanted {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference.clone());
            }
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_what_its_schema_says() {
    let api = Api::new().await;
    let document = api.get(&As::Nobody, "/openapi.json").await.is(200);
    let task = api.draft("t").await;
    let schema = &document["components"]["schemas"]["Task"];
    let properties = schema["properties"].as_object().unwrap();
    for name in task.as_object().unwrap().keys().filter(|name| *name != "seq") {
        assert!(properties.contains_key(name), "{name} is not in {schema}");
    }
    for name in schema["required"].as_array().unwrap() {
        assert!(task.get(name.as_str().unwrap()).is_some(), "{name} is missing in {task}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_every_route_and_runs_nothing() {
    let api = Api::new().await;
    let request = axum::http::Request::get("/api/docs").header("host", "localhost:3000");
    let page = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self'") && !policy.contains("script-src"), "{policy}");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    for bad in ["<script", "style=", "src=", "href=\"http", "@import"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    for (_, path) in routes(&api).await {
        assert!(html.contains(&format!("/api/v1{path}")), "{path}");
    }
}
