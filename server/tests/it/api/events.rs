//! An execution's events, as pages and as a stream.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::support::{Api, As, request, text};

/// Opens the stream of an execution's events.
async fn follow(api: &Api, who: &As, path: &str, last: Option<&str>) -> Response<Body> {
    let mut request = request(who, "GET", path).header("accept", "text/event-stream");
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    api.open(request.body(Body::empty()).unwrap()).await
}

/// All of a stream, which must end by itself.
async fn whole(answer: Response<Body>) -> String {
    let body = tokio::time::timeout(Duration::from_secs(60), answer.into_body().collect()).await;
    String::from_utf8(body.expect("the stream ends").unwrap().to_bytes().to_vec()).unwrap()
}

/// `(id, event, data)` of each event.
fn events(stream: &str) -> Vec<(String, String, Value)> {
    let line = |event: &str, name: &str| {
        let start = format!("{name}: ");
        event.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    };
    let events = stream.split("\n\n").filter(|event| event.contains("data: "));
    events
        .map(|event| {
            (line(event, "id"), line(event, "event"), serde_json::from_str(&line(event, "data")).unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_events() {
    let api = Api::new().await;
    let (_, execution) = api.cancelled().await;
    let path = format!("/executions/{}/events", text(&execution["id"]));
    let page = api.get(&api.browser(), &path).await.is(200);
    let last = page["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["kind"], &page["finished"]), (&json!("finished"), &json!(true)));
    assert_eq!(page["items"][0]["seq"], 1);
    assert_eq!(page["next_after"], last["seq"]);
    let after = api.get(&api.browser(), &format!("{path}?after={}", last["seq"])).await.is(200);
    assert_eq!((&after["items"], &after["finished"]), (&json!([]), &json!(true)));
    for (query, field) in [("after=-1", "after"), ("limit=0", "limit"), ("limit=1001", "limit")] {
        assert_eq!(api.get(&api.browser(), &format!("{path}?{query}")).await.problem(422, "invalid"), field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_follows_until_the_execution_has_ended() {
    let api = Api::new().await;
    let who = api.browser();
    api.post(&who, "/tasks", json!({ "title": "t", "script": "true", "start": true })).await.is(201);
    let executions = api.get(&who, "/tasks/1/executions").await.is(200);
    let path = format!("/executions/{}/events", text(&executions["items"][0]["id"]));
    let answer = follow(&api, &who, &path, None).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    let cancelling = async { api.post(&who, "/tasks/1/cancel", json!({})).await.is(200) };
    let (stream, _) = tokio::join!(whole(answer), cancelling);
    let events = events(&stream);
    let (id, kind, data) = events.last().unwrap();
    assert_eq!(
        (kind.as_str(), &data["kind"], id),
        ("finished", &json!("finished"), &data["seq"].to_string())
    );

    let again = whole(follow(&api, &who, &path, Some("0")).await).await;
    assert_eq!(self::events(&again), events, "from the first on");
    let later = whole(follow(&api, &who, &format!("{path}?after={id}"), None).await).await;
    assert_eq!(self::events(&later), []);
    let ended = follow(&api, &who, &path, Some(id)).await;
    assert_eq!(ended.status(), 204, "a browser would come back for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_server_and_with_the_right_to_see_it() {
    let api = Api::new().await;
    let who = api.browser();
    api.post(&who, "/tasks", json!({ "title": "t", "start": true })).await.is(201);
    let executions = api.get(&who, "/tasks/1/executions").await.is(200);
    let path = format!("/executions/{}/events", text(&executions["items"][0]["id"]));
    let made = api.post(&who, "/api-keys", json!({ "name": "k", "role": "viewer" })).await.is(201);
    let lost = follow(&api, &As::Key(text(&made["key"])), &path, None).await;
    api.delete(&who, &format!("/api-keys/{}", text(&made["id"]))).await.is(204);
    assert_eq!(events(&whole(lost).await), []);
    let open = follow(&api, &who, &path, None).await;
    let (rest, ()) = tokio::join!(whole(open), async { api.shutdown.begin() });
    assert_eq!(events(&rest), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused_before_the_stream_begins() {
    let api = Api::new().await;
    let who = api.browser();
    let absent = "/executions/0197b000-0000-7000-8000-000000000001/events";
    assert_eq!(follow(&api, &who, absent, None).await.status(), 404);
    let (_, execution) = api.cancelled().await;
    let path = format!("/executions/{}/events", text(&execution["id"]));
    for wrong in ["x", "-1"] {
        assert_eq!(follow(&api, &who, &path, Some(wrong)).await.status(), 422);
    }
}
