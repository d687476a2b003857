//! The change feed over REST.

use std::time::Duration;

use domain::session::Role;
use serde_json::{Value, json};

use super::support::Api;

fn seqs(changes: &Value) -> Vec<i64> {
    changes["items"].as_array().unwrap().iter().map(|change| change["seq"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_come_in_order_without_gap_or_repeat() {
    let api = Api::new().await;
    let who = api.browser();
    let empty = api.get(&who, "/changes?after=0").await.is(200);
    assert_eq!(
        (&empty["items"], &empty["next_after"], &empty["caught_up"]),
        (&json!([]), &json!(0), &json!(true))
    );
    for title in ["a", "b", "c"] {
        api.draft(title).await;
    }
    let first = api.get(&who, "/changes?after=0&limit=2").await.is(200);
    assert_eq!((seqs(&first), &first["caught_up"]), (vec![1, 2], &json!(false)));
    let rest = api.get(&who, &format!("/changes?after={}", first["next_after"])).await.is(200);
    assert_eq!((seqs(&rest), &rest["caught_up"]), (vec![3], &json!(true)));
    assert_eq!(rest["epoch"], first["epoch"]);
    assert_eq!(rest["items"][0]["row"]["title"], "c");
    assert_eq!(seqs(&api.get(&who, "/changes").await.is(200)), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_woken_by_the_change() {
    let api = Api::new().await;
    let who = api.browser();
    let waiting = api.get(&who, "/changes?after=0&wait=30");
    let writing = async {
        // However this falls in time, the change is found: by reading or by waking.
        tokio::time::sleep(Duration::from_millis(50)).await;
        api.draft("arrived").await;
    };
    let (changes, ()) = tokio::join!(waiting, writing);
    assert_eq!(changes.is(200)["items"][0]["row"]["title"], "arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_in_vain_gets_an_empty_answer_and_the_end_of_the_server_ends_it() {
    let api = Api::new().await;
    let who = api.browser();
    let empty = api.get(&who, "/changes?after=0&wait=1").await.is(200);
    assert_eq!((seqs(&empty).len(), &empty["caught_up"]), (0, &json!(true)));
    let ending = async { api.shutdown.begin() };
    let (last, ()) = tokio::join!(api.get(&who, "/changes?after=0&wait=30"), ending);
    last.is(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_right_while_waiting_sees_nothing() {
    let api = Api::new().await;
    let made = api.post(&api.browser(), "/api-keys", json!({ "name": "k", "role": "viewer" })).await.is(201);
    let key = super::support::As::Key(made["key"].as_str().unwrap().to_owned());
    let waiting = api.get(&key, "/changes?after=0&wait=30");
    let revoking = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        api.delete(&api.browser(), &format!("/api-keys/{}", made["id"].as_str().unwrap())).await.is(204);
        api.draft("secret").await;
    };
    let (seen, ()) = tokio::join!(waiting, revoking);
    seen.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_the_feed_does_not_reach_from_is_a_reset() {
    let api = Api::new().await;
    let who = api.browser();
    api.draft("a").await;
    let ahead = api.get(&who, "/changes?after=9").await;
    ahead.problem(409, "conflict");
    assert!(ahead.json()["detail"].as_str().unwrap().starts_with("reset"));
    api.draft("b").await;
    api.draft("c").await;
    let mut tx = api.base.database.work().await.unwrap();
    tenancy::feed::trim(&mut tx, api.base.database.clock().now() + std::time::Duration::from_secs(86_400))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    api.get(&who, "/changes?after=0").await.problem(409, "conflict");
    assert_eq!(seqs(&api.get(&who, "/changes?after=2").await.is(200)), [3]);
    assert_eq!(seqs(&api.get(&who, "/changes").await.is(200)), [3], "without a place: all that is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_asked_for_names_its_parameter() {
    let api = Api::new().await;
    let viewer = api.key(&api.owner, Role::Viewer, None).await;
    for (query, field) in [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("wait=31", "wait"),
        ("x=1", "x"),
    ] {
        assert_eq!(
            api.get(&viewer, &format!("/changes?{query}")).await.problem(422, "invalid"),
            field,
            "{query}"
        );
    }
}
