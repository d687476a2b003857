//! API keys.

use domain::session::Role;
use serde_json::json;

use super::support::{Api, As, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_the_workspace_until_it_is_revoked() {
    let api = Api::new().await;
    let who = api.browser();
    let made = api.post(&who, "/api-keys", json!({ "name": "ci", "role": "member" })).await.is(201);
    let secret = As::Key(text(&made["key"]));
    api.get(&secret, "/tasks").await.is(200);
    let listed = api.get(&who, "/api-keys").await.is(200);
    let listed = &listed["items"][0];
    assert_eq!((&listed["id"], &listed["name"]), (&made["id"], &json!("ci")));
    assert_eq!(listed.get("key"), None);
    assert!(text(&made["key"]).starts_with(&text(&listed["prefix"])));
    api.delete(&who, &format!("/api-keys/{}", text(&made["id"]))).await.is(204);
    api.get(&secret, "/tasks").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_a_key_above_themselves_or_in_the_past() {
    let api = Api::new().await;
    let admin = api.key(&api.owner, Role::Admin, None).await;
    for (body, field) in [
        (json!({ "name": "k", "role": "owner" }), "role"),
        (json!({ "name": "k", "role": "system" }), "role"),
        (json!({ "name": "k", "role": "king" }), "role"),
        (json!({ "name": " ", "role": "viewer" }), "name"),
        (json!({ "name": "k", "role": "viewer", "scopes": ["all"] }), "scopes[0]"),
        (json!({ "name": "k", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "name": "k", "role": "viewer", "expires_at": "tomorrow" }), "expires_at"),
        (json!({ "role": "viewer" }), "name"),
    ] {
        assert_eq!(
            api.post(&admin, "/api-keys", body.clone()).await.problem(422, "invalid"),
            field,
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn short_lists_have_pages_too() {
    let api = Api::new().await;
    let who = api.browser();
    for name in ["one", "two", "three"] {
        api.post(&who, "/api-keys", json!({ "name": name, "role": "viewer" })).await.is(201);
    }
    let first = api.get(&who, "/api-keys?limit=2").await.is(200);
    let cursor = text(&first["next_cursor"]);
    let last = api.get(&who, &format!("/api-keys?limit=2&cursor={cursor}")).await.is(200);
    let names: Vec<&str> = [&first, &last]
        .into_iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .map(|key| key["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["three", "two", "one"]);
    assert_eq!(last["next_cursor"], json!(null));
}
