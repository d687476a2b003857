//! Repositories.

use domain::session::Role;
use serde_json::json;

use super::support::{Api, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_looked_at_added_changed_and_removed() {
    let api = Api::new().await;
    let who = api.browser();
    let url = api.repository.to_str().unwrap();
    let made = api.post(&who, "/repositories", json!({ "url": url })).await.is(201);
    assert_eq!(
        (&made["name"], &made["default_branch"], &made["status"]),
        (&json!("site"), &json!("main"), &json!("ready"))
    );
    let path = format!("/repositories/{}", text(&made["id"]));
    assert_eq!(api.get(&who, &path).await.is(200)["url"], url);
    let changed = api.call(&who, "PATCH", &path, json!({ "name": "web", "version": 1 })).await.is(200);
    assert_eq!(changed["name"], "web");
    let refused = api.call(&who, "PATCH", &path, json!({ "name": "site", "version": 1 })).await;
    assert_eq!(refused.problem(409, "conflict"), "name");
    let refused = api.call(&who, "PATCH", &path, json!({ "url": "/etc" })).await;
    assert_eq!(refused.problem(422, "invalid"), "url");
    let task = api.post(&who, "/tasks", json!({ "title": "t", "repository": "web" })).await.is(201);
    assert_eq!(task["repository_id"], made["id"]);
    api.delete(&who, &path).await.is(204);
    api.get(&who, &path).await.problem(404, "not_found");
    assert_eq!(api.get(&who, "/tasks/1").await.is(200)["repository_id"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_repository_is_refused_with_one_sentence() {
    let api = Api::new().await;
    for url in ["/etc", "relative", "http://example.com/x.git", "ext::sh -c true", ""] {
        let refused = api.post(&api.browser(), "/repositories", json!({ "url": url })).await;
        assert_eq!(refused.problem(422, "invalid"), "url", "{url}");
    }
    let url = api.repository.to_str().unwrap();
    let member = api.key(&api.owner, Role::Member, None).await;
    api.post(&member, "/repositories", json!({ "url": url, "network": "full" }))
        .await
        .problem(403, "forbidden");
    api.post(&member, "/repositories", json!({ "url": url })).await.is(201);
    api.post(&member, "/repositories", json!({ "url": url })).await.problem(409, "conflict");
}
