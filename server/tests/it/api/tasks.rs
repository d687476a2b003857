//! Tasks and what can be done with them.

use serde_json::{Value, json};

use super::support::{Api, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_made_read_changed_and_removed() {
    let api = Api::new().await;
    let who = api.browser();
    let new =
        json!({ "title": " Fix the login page ", "priority": "high", "labels": ["web"], "script": "true" });
    let made = api.post(&who, "/tasks", new).await.is(201);
    assert_eq!(
        (&made["title"], &made["status"], &made["number"]),
        (&json!("Fix the login page"), &json!("draft"), &json!(1))
    );
    assert_eq!(made["seq"], 1, "the first change of a workspace");
    let id = text(&made["id"]);

    let by_id = api.get(&who, &format!("/tasks/{id}")).await.is(200);
    assert_eq!(api.get(&who, "/tasks/1").await.is(200), by_id);
    assert_eq!(by_id["labels"], json!(["web"]));

    let patched =
        api.call(&who, "PATCH", "/tasks/1", json!({ "priority": "low", "version": 1 })).await.is(200);
    assert_eq!(
        (&patched["priority"], &patched["version"], &patched["seq"]),
        (&json!("low"), &json!(2), &json!(2))
    );

    let gone = api.delete(&who, &format!("/tasks/{id}")).await;
    gone.is(204);
    assert_eq!(gone.header("x-seq"), Some("3"));
    api.get(&who, &format!("/tasks/{id}")).await.problem(404, "not_found");
    api.delete(&who, "/tasks/1").await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_again_is_the_same_task() {
    let api = Api::new().await;
    let new = json!({ "id": "0197b000-0000-7000-8000-000000000001", "title": "once" });
    let first = api.post(&api.browser(), "/tasks", new.clone()).await.is(201);
    let again = api.post(&api.browser(), "/tasks", new).await.is(201);
    assert_eq!(first["number"], again["number"]);
    assert_eq!(again["seq"], Value::Null, "nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_one_field_see_both_versions() {
    let api = Api::new().await;
    let who = api.browser();
    api.draft("first").await;
    let change = async |body: Value| api.call(&who, "PATCH", "/tasks/1", body).await;
    change(json!({ "title": "theirs", "version": 1 })).await.is(200);
    let refused = change(json!({ "title": "yours", "version": 1 })).await;
    assert_eq!(refused.problem(409, "conflict"), "title");
    assert_eq!(
        refused.json()["conflicts"],
        json!([{ "field": "title", "yours": "yours", "theirs": "theirs" }])
    );
    // Another field from the same version is no conflict, and neither is a change without one.
    change(json!({ "priority": "urgent", "version": 1 })).await.is(200);
    assert_eq!(change(json!({ "title": "last" })).await.is(200)["title"], "last");
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_answer_202_while_work_goes_on_and_409_where_they_do_not_fit() {
    let api = Api::new().await;
    let who = api.browser();
    api.draft("work").await;
    let act = async |action: &str| api.post(&who, &format!("/tasks/1/{action}"), json!({})).await;
    for early in ["pause", "resume", "cancel", "retry"] {
        act(early).await.problem(409, "conflict");
    }
    let started = act("start").await.is(202);
    assert_eq!(started["status"], "queued");
    assert!(started["seq"].is_i64());
    act("start").await.problem(409, "conflict");
    api.delete(&who, "/tasks/1").await.problem(409, "conflict");
    assert_eq!(act("cancel").await.is(200)["status"], "cancelled");
    assert_eq!(act("retry").await.is(202)["status"], "queued");
    let executions = api.get(&who, "/tasks/1/executions").await.is(200);
    let numbers: Vec<&Value> =
        executions["items"].as_array().unwrap().iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers, [2, 1]);
    let execution = text(&executions["items"][1]["id"]);
    let whole = api.get(&who, &format!("/executions/{execution}")).await.is(200);
    assert_eq!((&whole["status"], &whole["outcome"]["class"]), (&json!("cancelled"), &json!("cancelled")));
    let diff = api.get(&who, &format!("/executions/{execution}/diff")).await.is(200);
    assert_eq!(diff["files"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_stable_while_tasks_arrive() {
    let api = Api::new().await;
    let who = api.browser();
    for number in 1..=5 {
        api.draft(&format!("task {number}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/tasks?limit=2&sort=-number".to_owned();
    loop {
        let page = api.get(&who, &path).await.is(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|task| task["number"].as_i64().unwrap()));
        api.draft("arrived meanwhile").await;
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/tasks?limit=2&sort=-number&cursor={cursor}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_filter_and_say_which_filter_is_wrong() {
    let api = Api::new().await;
    let who = api.browser();
    api.draft("fix the login").await;
    api.post(&who, "/tasks", json!({ "title": "other", "priority": "urgent" })).await.is(201);
    for (filter, expected) in [
        ("status=draft", 2),
        ("status=running,queued", 0),
        ("priority=urgent", 1),
        ("q=login", 1),
        ("q=2", 1),
        ("repository=none", 0),
        ("workspace=demo&limit=1", 1),
    ] {
        let page = api.get(&who, &format!("/tasks?{filter}")).await.is(200);
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{filter}");
    }
    for (filter, field) in [
        ("status=asleep", "status"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("sort=title", "sort"),
        ("cursor=x", "cursor"),
        ("colour=red", "colour"),
        ("q=a%00b", "q"),
    ] {
        assert_eq!(
            api.get(&who, &format!("/tasks?{filter}")).await.problem(422, "invalid"),
            field,
            "{filter}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agents_say_what_holds_them_here() {
    let api = Api::new().await;
    let agents = api.get(&api.browser(), "/agents").await.is(200);
    let shell = &agents["items"][0];
    assert_eq!(shell["id"], "shell");
    assert_eq!(shell["available"].as_bool().unwrap(), agents::isolation::detect().bubblewrap.is_some());
    assert!(shell["isolation"].as_array().unwrap().contains(&json!("seccomp")));
}

#[tokio::test(flavor = "multi_thread")]
async fn null_takes_a_value_off_and_an_absent_field_stays() {
    let api = Api::new().await;
    let who = api.browser();
    let url = json!({ "url": api.repository.to_str().unwrap(), "setup_script": "true" });
    let repository = api.post(&who, "/repositories", url).await.is(201);
    let me = api.owner.person.user().to_string();
    let new = json!({ "title": "full", "description": "words", "script": "true", "labels": ["web"],
        "repository": repository["id"], "assignee_id": me });
    let made = api.post(&who, "/tasks", new).await.is(201);
    assert_eq!((&made["assignee_id"], &made["repository_id"]), (&json!(me), &repository["id"]));
    let change = async |body: Value| api.call(&who, "PATCH", "/tasks/1", body).await;
    let kept = change(json!({ "priority": "high", "version": 1 })).await.is(200);
    assert_eq!((&kept["assignee_id"], &kept["description"]), (&json!(me), &json!("words")));
    for (field, shown, empty) in [
        ("assignee_id", "assignee_id", Value::Null),
        ("repository", "repository_id", Value::Null),
        ("description", "description", json!("")),
        ("script", "script", json!("")),
        ("labels", "labels", json!([])),
    ] {
        let changed = change(json!({ field: null, "version": 1 })).await.is(200);
        assert_eq!(changed[shown], empty, "{field}");
    }
    let again = change(json!({ "repository_id": repository["id"] })).await.is(200);
    assert_eq!(again["repository_id"], repository["id"], "as the field of the task is named");
    assert_eq!(change(json!({ "repository_id": null })).await.is(200)["repository_id"], Value::Null);
    for always in ["title", "priority", "agent"] {
        assert_eq!(change(json!({ always: null })).await.problem(422, "invalid"), always);
    }
    // Taking off what another has set since is a conflict as any other.
    let version = change(json!({ "assignee_id": me })).await.is(200)["version"].clone();
    change(json!({ "assignee_id": null, "version": version })).await.is(200);
    let late = change(json!({ "assignee_id": me, "version": version })).await;
    assert_eq!(late.problem(409, "conflict"), "assignee_id");
    assert_eq!(late.json()["conflicts"], json!([{ "field": "assignee_id", "yours": me, "theirs": null }]));

    let path = format!("/repositories/{}", text(&repository["id"]));
    let bare = api.call(&who, "PATCH", &path, json!({ "setup_script": null })).await.is(200);
    assert_eq!((&bare["setup_script"], &bare["name"]), (&json!(""), &repository["name"]));
    assert_eq!(api.call(&who, "PATCH", &path, json!({ "name": null })).await.problem(422, "invalid"), "name");
}
