//! A person's own sessions.

use axum::body::Body;
use domain::session::Role;
use serde_json::json;

use super::support::{Api, As, browser, request, text};

/// Signs in by a link as a browser does that may hold a cookie already; the new cookie's value.
async fn sign_in(api: &Api, cookie: Option<&str>) -> String {
    let link = api.base.link_of("demo").await;
    let mut sent = request(&As::Nobody, "POST", "/auth/link")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    if let Some(cookie) = cookie {
        sent = sent.header("cookie", format!("session={cookie}"));
    }
    let signed = api.send(sent.body(Body::from(format!("token={link}"))).unwrap()).await;
    assert_eq!(signed.status, 303, "{signed:?}");
    let cookie = signed.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    cookie.split(';').next().unwrap().strip_prefix("session=").unwrap().to_owned()
}

fn with(token: &str) -> As {
    As::Browser { token: token.to_owned(), workspace: "demo".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_where_they_are_signed_in_and_ends_it_there() {
    let api = Api::new().await;
    let elsewhere = with(&sign_in(&api, None).await);
    let here = api.browser();
    let listed = api.get(&here, "/sessions").await.is(200);
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(listed[1]["device"], "Firefox, Linux");
    let id = text(&listed[1]["id"]);
    let stranger = browser(&api.base.sign_up("other@demo.example", "demo", Role::Owner).await);
    api.delete(&stranger, &format!("/sessions/{id}")).await.problem(404, "not_found");
    api.get(&elsewhere, "/tasks").await.is(200);
    api.delete(&here, &format!("/sessions/{id}")).await.is(204);
    api.get(&elsewhere, "/tasks").await.problem(401, "unauthenticated");
    api.delete(&here, &format!("/sessions/{id}")).await.problem(404, "not_found");
    api.get(&here, "/tasks").await.is(200);
    let key = api.key(&api.owner, Role::Owner, None).await;
    api.get(&key, "/sessions").await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_others_end_at_once_and_this_one_stays() {
    let api = Api::new().await;
    let others = [sign_in(&api, None).await, sign_in(&api, None).await];
    api.delete(&api.browser(), "/sessions").await.is(204);
    for other in &others {
        api.get(&with(other), "/tasks").await.problem(401, "unauthenticated");
    }
    let listed = api.get(&api.browser(), "/sessions").await.is(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_gives_a_new_session_and_ends_the_one_before() {
    let api = Api::new().await;
    let planted = "0".repeat(64);
    let first = sign_in(&api, Some(&planted)).await;
    assert_ne!(first, planted, "a cookie that somebody planted is never taken over");
    let second = sign_in(&api, Some(&first)).await;
    assert_ne!(first, second);
    api.get(&with(&first), "/tasks").await.problem(401, "unauthenticated");
    api.get(&with(&second), "/tasks").await.is(200);
    let revoked = api.get(&with(&second), "/audit?action=session.revoked").await.is(200);
    assert_eq!(revoked["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_tokens_are_long_different_and_stored_as_digests_alone() {
    let api = Api::new().await;
    let token = sign_in(&api, None).await;
    assert!(token.len() == 64 && token.bytes().all(|digit| digit.is_ascii_hexdigit()), "256 bits");
    assert_eq!(api.base.search(&token).await, Vec::<String>::new(), "in no column of any table");
}
