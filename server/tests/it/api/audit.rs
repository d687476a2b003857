//! The audit trail, and what gets into it.

use axum::body::Body;
use domain::session::Role;
use serde_json::{Value, json};

use super::support::{Api, As, browser, request, text};

async fn entries(api: &Api, query: &str) -> Vec<Value> {
    let page = api.get(&api.browser(), &format!("/audit{query}")).await.is(200);
    page["items"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_who_what_and_from_which_request() {
    let api = Api::new().await;
    let send = request(&api.browser(), "POST", "/api-keys").header("x-request-id", "canary-1");
    let send = send.header("content-type", "application/json");
    let made = api.send(send.body(Body::from(r#"{"name":"ci","role":"viewer"}"#)).unwrap()).await.is(201);
    let newest = &entries(&api, "?limit=1").await[0];
    assert_eq!(newest["action"], "key.created");
    assert_eq!(newest["target"], json!({ "kind": "api_key", "id": made["id"] }));
    assert_eq!(newest["actor"]["kind"], "person");
    assert_eq!(newest["actor"]["id"], api.owner.person.user().to_string());
    assert_eq!((&newest["request_id"], &newest["result"]), (&json!("canary-1"), &json!("ok")));
    assert!(newest["hash"].as_str().unwrap().len() == 64);
    assert!(!newest.to_string().contains(&text(&made["key"])), "never the key itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_filters_narrow_them() {
    let api = Api::new().await;
    for name in ["a", "b", "c"] {
        api.post(&api.browser(), "/api-keys", json!({ "name": name, "role": "viewer" })).await.is(201);
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&api.browser(), &format!("/audit?limit=2&cursor={cursor}")).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["number"].as_i64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    let newest = i64::try_from(seen.len()).unwrap();
    assert_eq!(seen, (1..=newest).rev().collect::<Vec<_>>(), "without gap or repeat");
    assert_eq!(actions(&entries(&api, "?action=key.created").await), ["key.created"; 3]);
    assert_eq!(entries(&api, "?result=refused").await.len(), 0);
    assert_eq!(entries(&api, "?to=2020-01-01T00:00:00Z").await.len(), 0);
    for (query, field) in
        [("?limit=0", "limit"), ("?cursor=x", "cursor"), ("?actor=x", "actor"), ("?x=1", "x")]
    {
        let named = api.get(&api.browser(), &format!("/audit{query}")).await.problem(422, "invalid");
        assert!(named.is_empty() || named == field, "{query}: {named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_whole_and_noted_and_proves_itself() {
    let api = Api::new().await;
    let new = json!({ "name": "k", "role": "viewer" });
    for _ in 0..205 {
        api.post(&api.browser(), "/api-keys", new.clone()).await.is(201);
    }
    let export = api.get(&api.browser(), "/audit/export").await;
    assert_eq!(export.header("content-type"), Some("application/x-ndjson"));
    let body = String::from_utf8(export.body.to_vec()).unwrap();
    let lines: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["action"], "data.exported");
    assert_eq!(lines.len(), 209, "more than one page");
    for pair in lines.windows(2) {
        assert_eq!(pair[0]["previous_hash"], pair[1]["hash"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_noted_once() {
    let api = Api::new().await;
    let viewer = browser(&api.base.sign_up("v@demo.example", "demo", Role::Viewer).await);
    for _ in 0..3 {
        api.post(&viewer, "/tasks", json!({ "title": "t" })).await.problem(403, "forbidden");
        api.get(&viewer, "/audit").await.problem(403, "forbidden");
    }
    let denied = entries(&api, "?action=access.denied").await;
    let details: Vec<&str> = denied.iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(details, ["GET /api/v1/audit", "POST /api/v1/tasks"]);
    assert_eq!(denied[0]["result"], "refused");
    assert_eq!(denied[0]["actor"]["name"], "V <v@demo.example>");
    // Somebody unknown is no member's business.
    api.get(&As::Key("sb_unknown".to_owned()), "/audit").await.problem(401, "unauthenticated");
    assert_eq!(entries(&api, "?action=access.denied").await.len(), 2);
}
