//! `Idempotency-Key`.

use domain::session::Role;
use serde_json::{Value, json};

use super::support::{Api, text};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_gets_the_first_answer() {
    let api = Api::new().await;
    let who = api.browser();
    let first = api.once(&who, "k-1", "/tasks", json!({ "title": "once" })).await;
    assert_eq!(first.header("idempotent-replayed"), None);
    let first = first.is(201);
    api.draft("meanwhile").await;
    let again = api.once(&who, "k-1", "/tasks", json!({ "title": "once" })).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.is(201), first);
    assert_eq!(api.get(&who, "/tasks").await.is(200)["items"].as_array().unwrap().len(), 2);

    api.once(&who, "k-1", "/tasks", json!({ "title": "another" })).await.problem(409, "conflict");
    api.once(&who, "k-1", "/tasks/1/start", json!({ "title": "once" })).await.problem(422, "invalid");
    api.once(&who, "k-1", "/tasks/1/start", json!({})).await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_whoever_sent_it() {
    let api = Api::new().await;
    let program = api.key(&api.owner, Role::Member, None).await;
    let one = api.once(&api.browser(), "k", "/tasks", json!({ "title": "t" })).await.is(201);
    let other = api.once(&program, "k", "/tasks", json!({ "title": "t" })).await.is(201);
    assert_ne!(one["id"], other["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_not_kept() {
    let api = Api::new().await;
    let who = api.browser();
    let refused = json!({ "title": "t", "repository": "site" });
    assert_eq!(api.once(&who, "k", "/tasks", refused.clone()).await.problem(422, "invalid"), "repository");
    let url = api.repository.to_str().unwrap();
    api.post(&who, "/repositories", json!({ "url": url })).await.is(201);
    let now = api.once(&who, "k", "/tasks", refused).await;
    assert_eq!(now.header("idempotent-replayed"), None);
    now.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_twins_have_one_effect() {
    let api = Api::new().await;
    let who = api.browser();
    let sent = (0..6).map(|_| api.once(&who, "twin", "/tasks", json!({ "title": "twin" })));
    let answers = futures::future::join_all(sent).await;
    let fresh = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count();
    assert_eq!(fresh, 1);
    let bodies: Vec<Value> = answers.iter().map(|answer| answer.is(201)).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "{bodies:?}");
    assert_eq!(api.get(&who, "/tasks").await.is(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twin_of_one_that_does_not_end_is_told_so() {
    let api = Api::new().await;
    // The first holds its claim in an open transaction.
    let mut tx = api.base.database.begin(&api.owner.caller).await.unwrap();
    backend::idempotency::claim(&mut tx, "held", b"whatever").await.unwrap();
    let twin = api.once(&api.browser(), "held", "/tasks", json!({ "title": "t" })).await;
    twin.problem(409, "conflict");
    drop(tx);
    api.once(&api.browser(), "held", "/tasks", json!({ "title": "t" })).await.is(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_gone_by_now_is_still_answered_from_the_first_time() {
    let api = Api::new().await;
    let who = api.browser();
    let body = json!({ "url": api.repository.to_str().unwrap() });
    let first = api.once(&who, "r", "/repositories", body.clone()).await.is(201);
    std::fs::remove_dir_all(&api.repository).unwrap();
    assert_eq!(api.once(&who, "r", "/repositories", body).await.is(201), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_in_a_replay() {
    let api = Api::new().await;
    let who = api.browser();
    let body = json!({ "name": "ci", "role": "member" });
    let first = api.once(&who, "s", "/api-keys", body.clone()).await.is(201);
    assert!(text(&first["key"]).starts_with("sb_"));
    let again = api.once(&who, "s", "/api-keys", body).await.is(201);
    assert_eq!((&again["id"], &again["key"], &again["seq"]), (&first["id"], &Value::Null, &first["seq"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused() {
    let api = Api::new().await;
    let long = "x".repeat(256);
    for key in ["", "with space", "æ", &long] {
        let answer = api.once(&api.browser(), key, "/tasks", json!({ "title": "t" })).await;
        assert_eq!(answer.problem(422, "invalid"), "Idempotency-Key", "{key}");
    }
}
