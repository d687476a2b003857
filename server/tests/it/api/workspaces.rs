//! Workspaces, members and invitations.

use axum::body::Body;
use domain::session::Role;
use serde_json::json;

use super::support::{Api, As, Reply, browser, request, text};

/// Uses an invitation, with or without a cookie.
async fn accept(api: &Api, who: &As, token: &str) -> Reply {
    api.post(who, &format!("/invitations/{token}/accept"), json!({})).await
}

fn cookie(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {reply:?}"));
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().unwrap().strip_prefix("session=").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_invited_joins_and_leaves() {
    let api = Api::new().await;
    let owner = api.browser();
    let new = json!({ "email": "mette@example.com", "role": "member" });
    let made = api.once(&owner, "k", "/invitations", new.clone()).await.is(201);
    let token = text(&made["token"]);
    let replayed = api.once(&owner, "k", "/invitations", new).await.is(201);
    assert_eq!(replayed["token"], json!(null), "shown once");
    assert!(!api.get(&owner, "/invitations").await.is(200).to_string().contains(&token));
    let joined = accept(&api, &As::Nobody, &token).await;
    assert_eq!(joined.is(200)["workspace"]["slug"], "demo");
    let mette = As::Browser { token: cookie(&joined), workspace: "demo".to_owned() };
    api.get(&mette, "/tasks").await.is(200);
    accept(&api, &As::Nobody, &token).await.problem(404, "not_found");
    let session = api.get(&mette, "/session").await.is(200);
    let id = text(&session["user"]["id"]);
    let patched = api.call(&owner, "PATCH", &format!("/members/{id}"), json!({ "role": "viewer" })).await;
    assert_eq!(patched.is(200)["role"], "viewer");
    api.post(&mette, "/tasks", json!({ "title": "t" })).await.problem(403, "forbidden");
    api.delete(&mette, &format!("/members/{}", api.owner.person.user())).await.problem(403, "forbidden");
    api.delete(&mette, &format!("/members/{id}")).await.is(204);
    api.get(&mette, "/tasks").await.problem(404, "not_found");
    let trail = api.get(&owner, "/audit").await.is(200);
    let actions: Vec<String> =
        trail["items"].as_array().unwrap().iter().map(|entry| text(&entry["action"])).collect();
    let wanted = ["member.removed", "access.denied", "access.denied", "member.role_changed"];
    assert_eq!(actions[..4], wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_invitation_leads_into_the_workspace() {
    let api = Api::new().await;
    let other = api.base.owner_of("other").await;
    let invite = async |email: &str| {
        let made =
            api.post(&api.browser(), "/invitations", json!({ "email": email, "role": "member" })).await;
        let made = made.is(201);
        assert!(text(&made["url"]).ends_with(&format!("/login/{}", text(&made["token"]))));
        text(&made["token"])
    };
    let post = async |who: &As, token: &str| {
        let sent = request(who, "POST", "/auth/link").header("accept", "text/html");
        let sent = sent.header("content-type", "application/x-www-form-urlencoded");
        api.send(sent.body(Body::from(format!("token={token}"))).unwrap()).await
    };
    let fresh = invite("fresh@example.com").await;
    let joined = post(&As::Nobody, &fresh).await;
    assert_eq!(joined.header("location"), Some("/w/demo"));
    let now = As::Browser { token: cookie(&joined), workspace: "demo".to_owned() };
    api.get(&now, "/tasks").await.is(200);
    assert_eq!(post(&As::Nobody, &fresh).await.header("location"), Some("/login?refused=1"));
    let known = invite("owner@other.example").await;
    assert_eq!(post(&As::Nobody, &known).await.header("location"), Some("/login?other_account=1"));
    assert_eq!(post(&now, &known).await.header("location"), Some("/login?other_account=1"));
    let joined = post(&browser(&other), &known).await;
    assert_eq!(joined.header("location"), Some("/w/demo"));
    let now = As::Browser { token: cookie(&joined), workspace: "demo".to_owned() };
    api.get(&now, "/tasks").await.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_at_invitations_is_slowed_down() {
    let api = Api::new().await;
    for _ in 0..10 {
        accept(&api, &As::Nobody, "inv_guess").await.problem(404, "not_found");
    }
    accept(&api, &As::Nobody, "inv_guess").await.problem(429, "limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn handing_a_workspace_over_changes_the_cookie() {
    let api = Api::new().await;
    let admin = api.base.sign_up("admin@demo.example", "demo", Role::Admin).await;
    let path = format!("/workspaces/{}/transfer", api.owner.workspace.id);
    let to = json!({ "user_id": admin.person.user() });
    api.post(&browser(&admin), &path, to.clone()).await.problem(403, "forbidden");
    let key = api.key(&api.owner, Role::Owner, None).await;
    api.post(&key, &path, to.clone()).await.problem(403, "forbidden");
    let done = api.post(&api.browser(), &path, to).await;
    assert_eq!(done.is(200)["role"], "owner");
    api.get(&api.browser(), "/tasks").await.problem(401, "unauthenticated");
    let now = As::Browser { token: cookie(&done), workspace: "demo".to_owned() };
    assert_eq!(api.get(&now, "/session").await.is(200)["role"], "admin");
    api.get(&key, "/tasks").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces_are_made_renamed_and_deleted() {
    let api = Api::new().await;
    let owner = api.browser();
    let id = "0197b000-0000-7000-8000-00000000000a";
    for _ in 0..2 {
        let made = api.post(&owner, "/workspaces", json!({ "id": id, "name": "Second" })).await.is(201);
        assert_eq!((text(&made["id"]), text(&made["slug"])), (id.to_owned(), "second".to_owned()));
    }
    let path = format!("/workspaces/{id}");
    let renamed = api.call(&owner, "PATCH", &path, json!({ "name": "New", "slug": "new" })).await.is(200);
    assert_eq!((&renamed["name"], &renamed["slug"]), (&json!("New"), &json!("new")));
    for (body, field) in [
        (json!({ "slug": "demo" }), "slug"),
        (json!({ "slug": "No Slug" }), "slug"),
        (json!({ "name": " " }), "name"),
        (json!({ "colour": "red" }), "colour"),
    ] {
        assert_eq!(api.call(&owner, "PATCH", &path, body).await.problem(422, "invalid"), field);
    }
    let key = api.key(&api.owner, Role::Owner, None).await;
    api.post(&key, "/workspaces", json!({ "name": "x" })).await.problem(403, "forbidden");
    api.get(&key, &path).await.problem(404, "not_found");
    api.delete(&owner, &path).await.is(204);
    api.get(&owner, &path).await.problem(404, "not_found");
    let gone = As::Browser { token: api.owner.token.reveal().to_owned(), workspace: "new".to_owned() };
    api.get(&gone, "/tasks").await.problem(404, "not_found");
}
