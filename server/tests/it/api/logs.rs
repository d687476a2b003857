//! An execution's log over REST.

use domain::session::Role;
use serde_json::json;

use super::support::{Api, text};

/// An execution that printed five hundred lines in colour and one without an end, as a server before this one stored
/// them: without counting lines.
async fn printed(api: &Api) -> String {
    let (_, execution) = api.cancelled().await;
    let id = text(&execution["id"]);
    api.base
        .as_owner(&format!(
            r#"INSERT INTO execution_events (workspace_id, execution_id, seq, at, body)
               SELECT e.workspace_id, e.id, r.last_seq + n, now(), jsonb_build_object('kind', 'tool_output',
                      'stream', 'stdout', 'text', CASE WHEN n = 501 THEN 'the end' ELSE E'\x1b[31mline ' || n || E'\n' END)
               FROM executions e JOIN execution_results r ON r.execution_id = e.id, generate_series(1, 501) AS n
               WHERE e.id = '{id}';
               UPDATE execution_results SET last_seq = last_seq + 501 WHERE execution_id = '{id}'"#
        ))
        .await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_read_from_any_line_and_from_its_end() {
    let api = Api::new().await;
    let who = api.browser();
    let id = printed(&api).await;
    let last = api.get(&who, &format!("/executions/{id}/log?limit=2")).await.is(200);
    assert_eq!((&last["scan"]["lines"], &last["finished"]), (&json!(502), &json!(true)));
    assert_eq!(
        (&last["items"][1]["number"], &last["items"][1]["text"]),
        (&json!(502), &json!("\u{1b}[0;38;5;1mthe end"))
    );
    let some = api.get(&who, &format!("/executions/{id}/log?line=101&limit=3")).await.is(200);
    let numbers: Vec<_> =
        some["items"].as_array().unwrap().iter().map(|line| line["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [101, 102, 103]);
    assert!(some["items"][0]["text"].as_str().unwrap().ends_with("line 100"));
    let beyond = api.get(&who, &format!("/executions/{id}/log?line=9000")).await.is(200);
    assert_eq!(beyond["items"], json!([]));
    for (query, field) in
        [("line=-1", "line"), ("limit=0", "limit"), ("limit=1001", "limit"), ("what=1", "what")]
    {
        let path = format!("/executions/{id}/log?{query}");
        assert_eq!(api.get(&who, &path).await.problem(422, "invalid"), field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_searched_part_by_part() {
    let api = Api::new().await;
    let viewer = api.key(&api.owner, Role::Viewer, None).await;
    let id = printed(&api).await;
    let path = format!("/executions/{id}/log/search");
    let first = api.get(&viewer, &format!("{path}?q=LINE%2049&limit=4")).await.is(200);
    let lines: Vec<_> = first["items"].as_array().unwrap().iter().map(|hit| text(&hit["text"])).collect();
    assert_eq!(lines, ["line 49", "line 490", "line 491", "line 492"]);
    assert_eq!(first["finished"], json!(false));
    let after = &first["next_after"];
    let rest = api.get(&viewer, &format!("{path}?q=line%2049&after={after}")).await.is(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["finished"]), (7, &json!(true)));
    assert_eq!(api.get(&viewer, &path).await.problem(422, "invalid"), "q");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_what_was_printed_byte_for_byte() {
    let api = Api::new().await;
    let id = printed(&api).await;
    let file = api.get(&api.browser(), &format!("/executions/{id}/log/download")).await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    let lines: String = (1..=500).map(|n| format!("\u{1b}[31mline {n}\n")).collect();
    assert_eq!(file.body, format!("{lines}the end").as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_said_once_and_taken_back() {
    let api = Api::new().await;
    let who = api.browser();
    api.draft("t").await;
    let said = json!({ "text": " why? ", "path": "src/a.rs", "line": 3 });
    let comment = api.once(&who, "k", "/tasks/1/comments", said.clone()).await.is(201);
    assert_eq!(
        (&comment["text"], &comment["side"], &comment["line"]),
        (&json!("why?"), &json!("new"), &json!(3))
    );
    assert_eq!(api.once(&who, "k", "/tasks/1/comments", said).await.is(201)["id"], comment["id"]);
    let all = api.get(&who, "/tasks/1/comments").await.is(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    let changes = api.get(&who, "/changes?after=0").await.is(200);
    let fed =
        changes["items"].as_array().unwrap().iter().find(|change| change["entity"] == "comment").unwrap();
    assert_eq!(fed["row"]["text"], "why?");
    for (bad, field) in [
        (json!({ "text": "" }), "text"),
        (json!({ "text": "x", "line": 1 }), "line"),
        (json!({ "text": "x", "colour": 1 }), "colour"),
    ] {
        assert_eq!(api.post(&who, "/tasks/1/comments", bad).await.problem(422, "invalid"), field);
    }
    let path = format!("/comments/{}", text(&comment["id"]));
    assert_eq!(api.delete(&who, &path).await.status, 204);
    assert_eq!(api.delete(&who, &path).await.status, 404);
}
