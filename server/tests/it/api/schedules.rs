//! Templates, schedules, settings and publishing, as a program asks for them.

use serde_json::{Value, json};

use super::support::{Api, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_makes_tasks_from_a_template() {
    let api = Api::new().await;
    let who = api.browser();
    let new = json!({ "name": "Nightly", "title": "Update packages", "script": "true", "labels": ["chore"] });
    let template = api.post(&who, "/templates", new).await.is(201);
    let new = json!({ "name": "nightly", "template_id": template["id"], "cron": "30 3 * * mon-fri",
        "time_zone": "Europe/Copenhagen", "start": false });
    let schedule = api.post(&who, "/schedules", new.clone()).await.is(201);
    assert_eq!(schedule["next_runs"].as_array().unwrap().len(), 3);
    api.post(&who, "/schedules", new).await.problem(409, "conflict");
    let path = format!("/schedules/{}", text(&schedule["id"]));
    let task = api.post(&who, &format!("{path}/run"), json!({})).await.is(201);
    assert_eq!(
        (&task["title"], &task["labels"], &task["status"]),
        (&json!("Update packages"), &json!(["chore"]), &json!("draft"))
    );
    assert_eq!(api.get(&who, &path).await.is(200)["last_task_number"], task["number"]);
    let off = api.call(&who, "PATCH", &path, json!({ "enabled": false, "version": 1 })).await.is(200);
    assert_eq!(off["next_runs"], json!([]));
    for (change, field) in
        [(json!({ "cron": "often" }), "cron"), (json!({ "time_zone": "Mars" }), "time_zone"), (json!({ "name": null }), "name")]
    {
        assert_eq!(api.call(&who, "PATCH", &path, change).await.problem(422, "invalid"), field);
    }
    let template = format!("/templates/{}", text(&template["id"]));
    api.delete(&who, &template).await.problem(409, "conflict");
    api.delete(&who, &path).await.is(204);
    api.delete(&who, &template).await.is(204);
    assert_eq!(api.get(&who, "/templates").await.is(200)["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_have_defaults_and_null_is_the_default_again() {
    let api = Api::new().await;
    let who = api.browser();
    let first = api.get(&who, "/settings").await.is(200);
    assert_eq!((&first["preempt"], &first["branch_template"]), (&json!(false), &json!("switchboard/{number}-{slug}")));
    let set = json!({ "preempt": true, "branch_template": "{priority}/{slug}", "version": 0 });
    assert_eq!(api.call(&who, "PATCH", "/settings", set).await.is(200)["version"], 1);
    let bad = json!({ "branch_template": "{nobody}" });
    assert_eq!(api.call(&who, "PATCH", "/settings", bad).await.problem(422, "invalid"), "branch_template");
    let back = api.call(&who, "PATCH", "/settings", json!({ "branch_template": null })).await.is(200);
    assert_eq!((&back["branch_template"], &back["preempt"]), (&first["branch_template"], &json!(true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_waits_for_others_and_says_so() {
    let api = Api::new().await;
    let who = api.browser();
    let one = api.draft("first").await;
    let new = json!({ "title": "second", "blocked_by": [one["id"]], "start": true });
    let two = api.post(&who, "/tasks", new).await.is(201);
    assert_eq!(two["blocked_by"], json!([one["id"]]));
    let runs = api.get(&who, "/tasks/2/executions").await.is(200);
    let waits = &runs["items"][0]["progress"]["waits_for"];
    assert_eq!(waits, &json!({ "reason": "tasks", "open": [1], "failed": [] }));
    assert_eq!(runs["items"][0]["detail"], "waits for task 1");
    let cycle = json!({ "blocked_by": [two["id"]] });
    assert_eq!(api.call(&who, "PATCH", "/tasks/1", cycle).await.problem(422, "invalid"), "blocked_by");
    let free = api.call(&who, "PATCH", "/tasks/2", json!({ "blocked_by": null })).await.is(200);
    assert_eq!(free["blocked_by"], json!([]));
    let runs = api.get(&who, "/tasks/2/executions").await.is(200);
    assert_eq!(runs["items"][0]["detail"], "next in the queue");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_published_of_what_changed_nothing() {
    let api = Api::new().await;
    let who = api.browser();
    let (_, execution) = api.cancelled().await;
    let path = format!("/executions/{}", text(&execution["id"]));
    api.post(&who, &format!("{path}/publish"), json!({ "action": "branch" })).await.problem(409, "conflict");
    let bad = api.post(&who, &format!("{path}/publish"), json!({ "action": "shout" })).await;
    assert_eq!(bad.problem(422, "invalid"), "action");
    api.get(&who, &format!("{path}/patch")).await.problem(409, "conflict");
    assert_eq!(api.get(&who, &path).await.is(200).get("publications"), Some(&Value::Array(Vec::new())));
}
