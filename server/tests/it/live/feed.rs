//! Resuming and following: everything in order, without gap or repeat.

use serde_json::json;
use server::live::Bounds;

use super::support::{Site, in_time, quick};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_and_what_comes_is_told_in_order() {
    let site = Site::new().await;
    for number in 1..=450 {
        assert_eq!(site.task(&format!("task {number}")).await, number);
    }
    let (mut client, hello) = site.resume(json!({ "after": 0 })).await;
    assert_eq!(hello["seq"], 450);
    assert_eq!(hello["workspace"], site.owner.workspace.id.to_string());
    assert_eq!((&hello["caller"]["role"], &hello["caller"]["kind"]), (&json!("owner"), &json!("person")));
    let told = client.follow(0, 450).await;
    assert_eq!(told.len(), 450);
    let first = &told[0];
    assert_eq!((first["type"].as_str(), first["op"].as_str()), (Some("task_event"), Some("insert")));
    assert_eq!(first["row"]["title"], "task 1");
    assert_eq!(first["by"], site.owner.person.user().to_string());
    site.task("live").await;
    assert_eq!(client.hear().await["row"]["title"], "live");
    // From the ring now, and by another socket too.
    let (mut other, hello) = site.resume(json!({ "after": 450, "epoch": hello["epoch"] })).await;
    assert_eq!(hello["seq"], 451);
    site.task("both").await;
    assert_eq!(other.follow(450, 452).await[1], client.hear().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_committed_while_somebody_resumes_comes_exactly_once() {
    const LAST: i64 = 600;
    let site = std::sync::Arc::new(Site::with(Bounds { per_person: 10_000, ..quick() }).await);
    #[expect(clippy::disallowed_methods, reason = "the test waits for it")]
    let writer = tokio::spawn({
        let site = std::sync::Arc::clone(&site);
        async move {
            for number in 1..=LAST {
                site.task(&format!("task {number}")).await;
            }
        }
    });
    let mut readers = tokio::task::JoinSet::new();
    while !writer.is_finished() {
        let (mut client, _) = site.resume(json!({ "after": 0 })).await;
        readers.spawn(async move { client.follow(0, LAST).await.len() });
    }
    in_time(writer).await.unwrap();
    let told = in_time(readers.join_all()).await;
    assert!(!told.is_empty());
    assert!(told.iter().all(|count| *count == 600), "{told:?}");
}

#[tokio::test]
async fn without_a_place_it_begins_now() {
    let site = Site::new().await;
    site.task("before").await;
    let (mut client, hello) = site.resume(json!({})).await;
    assert_eq!(hello["seq"], 1);
    site.task("after").await;
    assert_eq!(client.hear().await["row"]["title"], "after");
}

#[tokio::test]
async fn a_place_that_can_not_be_gone_on_from_is_a_reset() {
    let site = Site::new().await;
    let last = site.task("first").await;
    let cases = [
        (json!({ "after": last + 1 }), "past_head"),
        (json!({ "after": -1 }), "too_old"),
        (json!({ "after": 0, "epoch": "another" }), "other_epoch"),
        (json!({ "epoch": "another" }), "other_epoch"),
    ];
    for (mut wish, reason) in cases {
        let mut client = site.connect().await;
        wish["type"] = json!("resume");
        client.say(wish).await;
        let reset = client.hear().await;
        assert_eq!((&reset["type"], &reset["reason"]), (&json!("reset"), &json!(reason)));
        let hello = client.hear().await;
        assert_eq!((&hello["type"], &hello["seq"]), (&json!("hello"), &json!(site.head().await)));
        // It is live from there, and may resume from there as well.
        let next = site.task("next").await;
        assert_eq!(client.hear().await["seq"], next);
        client.resume(json!({ "after": next, "epoch": hello["epoch"] })).await;
    }
    site.base.as_owner("DELETE FROM changes WHERE seq < 4").await;
    let mut client = site.connect().await;
    client.say(json!({ "type": "resume", "after": 2 })).await;
    assert_eq!(client.hear().await["reason"], "too_old");
    site.resume(json!({ "after": 3 })).await.0.follow(3, 5).await;
}

#[tokio::test]
async fn a_new_epoch_resets_those_who_resume() {
    let site = Site::new().await;
    site.task("first").await;
    let (_, hello) = site.resume(json!({})).await;
    site.base.as_owner("UPDATE feed_epoch SET epoch = 'restored'").await;
    let mut client = site.connect().await;
    client.say(json!({ "type": "resume", "after": 1, "epoch": hello["epoch"] })).await;
    assert_eq!(client.hear().await["reason"], "other_epoch");
    assert_eq!(client.hear().await["epoch"], "restored");
}

#[tokio::test]
async fn many_changes_of_one_entity_in_one_commit_are_told_as_bulk() {
    let site = Site::new().await;
    let (mut live, _) = site.resume(json!({})).await;
    let last = site.tasks_at_once(620).await;
    let single = site.task("after").await;
    let told = live.follow(0, single).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(told[0], json!({ "type": "bulk", "entity": "task", "from": 1, "through": last }));
    // Read page by page out of the past, its beginning may come one by one: no seq is left out either way.
    let told = site.resume(json!({ "after": 0 })).await.0.follow(0, single).await;
    assert!(told.iter().any(|frame| frame["type"] == "bulk"));
    let (mut resumed, _) = site.resume(json!({ "after": 300 })).await;
    resumed.follow(300, single).await;
}

#[tokio::test]
async fn five_hundred_in_one_commit_are_told_one_by_one() {
    let site = Site::new().await;
    let (mut live, _) = site.resume(json!({})).await;
    site.tasks_at_once(500).await;
    assert_eq!(live.follow(0, 500).await.len(), 500);
}

#[tokio::test]
async fn only_the_entities_asked_for_are_told_and_the_rest_skipped() {
    let site = Site::new().await;
    let (mut client, _) = site.resume(json!({ "entities": ["execution"] })).await;
    let (task, _) = site.task_by(&site.owner, "to be run").await;
    let mut tx = site.base.database.begin(&site.owner.caller).await.unwrap();
    backend::tasks::start(&mut tx, task.id).await.unwrap();
    let last = tx.commit().await.unwrap().unwrap();
    let told = client.follow(0, last).await;
    let kinds: Vec<&str> = told.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"execution_changed") && kinds.contains(&"skip"), "{kinds:?}");
    assert!(kinds.iter().all(|kind| ["execution_changed", "skip"].contains(kind)), "{kinds:?}");
}
