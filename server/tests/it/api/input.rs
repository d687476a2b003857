//! What can't be read.

use axum::body::Body;
use serde_json::json;

use super::support::{Api, request};

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_names_the_field() {
    let api = Api::new().await;
    let who = api.browser();
    for (body, field) in [
        (json!({ "title": "t", "colour": "red" }), "colour"),
        (json!({ "title": 7 }), "title"),
        (json!({}), "title"),
        (json!({ "title": " " }), "title"),
        (json!({ "title": "t", "priority": "soon" }), "priority"),
        (json!({ "title": "a\0b" }), "title"),
        (json!({ "title": "t", "labels": ["a", 1] }), "labels[1]"),
        (json!({ "title": "t", "id": "7" }), "id"),
        (json!({ "title": "t", "repository": "none" }), "repository"),
        (json!({ "title": "x".repeat(201) }), "title"),
    ] {
        assert_eq!(api.post(&who, "/tasks", body.clone()).await.problem(422, "invalid"), field, "{body}");
    }
    assert_eq!(
        api.call(&who, "PATCH", "/tasks/1", json!({ "status": "completed" })).await.problem(422, "invalid"),
        "status"
    );
    assert_eq!(api.get(&who, "/executions/none").await.problem(422, "invalid"), "id");
    api.get(&who, "/tasks/none").await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_or_too_large_is_refused() {
    let api = Api::new().await;
    let who = api.browser();
    let send = async |kind: &str, body: String| {
        let request = request(&who, "POST", "/tasks").header("content-type", kind);
        api.send(request.body(Body::from(body)).unwrap()).await
    };
    send("application/json", "{".to_owned()).await.problem(400, "invalid");
    send("text/plain", json!({ "title": "t" }).to_string()).await.problem(415, "invalid");
    let large = json!({ "title": "t", "description": "x".repeat(10 * 1024 * 1024) });
    send("application/json", large.to_string()).await.problem(413, "invalid");
    send("application/json; charset=utf-8", json!({ "title": "t" }).to_string()).await.is(201);
}
