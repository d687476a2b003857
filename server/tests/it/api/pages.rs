//! Pages and server functions of several people at once: nobody is ever taken for somebody else, and no page shows
//! another workspace's work, however requests take turns on a thread.

use super::support::{Api, As, browser};
use axum::body::Body;
use axum::http::Request;
use domain::session::Role;
use serde_json::json;

const ROUNDS: usize = 40;

fn cookie(who: &As) -> (&str, &str) {
    match who {
        As::Browser { token, workspace } => (token, workspace),
        other => panic!("{other:?} has no cookie"),
    }
}

fn page(who: &As, path: &str) -> Request<Body> {
    let (token, workspace) = cookie(who);
    Request::get(format!("/w/{workspace}{path}"))
        .header("host", "localhost")
        .header("cookie", format!("session={token}"))
        .body(Body::empty())
        .unwrap()
}

fn list(who: &As) -> Request<Body> {
    let (token, workspace) = cookie(who);
    Request::post("/api/fn/tasks/list")
        .header("host", "localhost")
        .header("origin", "http://localhost")
        .header("content-type", "application/json")
        .header("cookie", format!("session={token}"))
        .body(Body::from(json!({ "query": { "workspace": workspace, "filter": {} } }).to_string()))
        .unwrap()
}

async fn two() -> (Api, As, As) {
    let api = Api::new().await;
    let other = browser(&api.base.owner_of("other").await);
    let ours = api.browser();
    for (who, title) in [(&ours, "Canary of demo"), (&other, "Canary of other")] {
        api.post(who, "/tasks", json!({ "title": title })).await.is(201);
    }
    (api, ours, other)
}

/// Each answer holds its own canary and not the other's.
async fn each_sees_their_own(api: &Api, ours: &As, other: &As) {
    let requests = (0..ROUNDS).flat_map(|_| {
        [
            (page(ours, "/tasks"), "Canary of demo", "Canary of other"),
            (list(other), "Canary of other", "Canary of demo"),
            (page(other, "/tasks?view=list"), "Canary of other", "Canary of demo"),
            (list(ours), "Canary of demo", "Canary of other"),
        ]
    });
    let answers = requests.map(|(request, own, foreign)| async move {
        let what = request.uri().clone();
        let reply = api.send(request).await;
        let body = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, 200, "{what} {body}");
        assert!(body.contains(own), "{what} lacks its own: {body}");
        assert!(!body.contains(foreign), "{what} shows another's");
    });
    futures::future::join_all(answers).await;
}

#[tokio::test]
async fn on_one_thread_requests_take_turns_without_mixing() {
    let (api, ours, other) = two().await;
    each_sees_their_own(&api, &ours, &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_threads_they_do_not_mix_either() {
    let (api, ours, other) = two().await;
    each_sees_their_own(&api, &ours, &other).await;
}

#[tokio::test]
async fn a_page_of_another_workspace_is_the_same_404_as_one_of_none() {
    let (api, ours, _) = two().await;
    let (token, _) = cookie(&ours);
    for slug in ["other", "nowhere"] {
        let stranger = As::Browser { token: token.to_owned(), workspace: slug.to_owned() };
        let reply = api.send(page(&stranger, "/tasks")).await;
        assert_eq!(reply.status, 404);
        assert!(!String::from_utf8_lossy(&reply.body).contains("Canary"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_is_refused_is_noted_too() {
    let api = Api::new().await;
    let viewer = browser(&api.base.sign_up("v@demo.example", "demo", Role::Viewer).await);
    let (token, workspace) = cookie(&viewer);
    let act = format!("task[workspace]={workspace}&task[id]=0197b000-0000-7000-8000-000000000001");
    for _ in 0..2 {
        let start = Request::post("/api/fn/tasks/start")
            .header("host", "localhost")
            .header("origin", "http://localhost")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", format!("session={token}"))
            .body(Body::from(act.clone()));
        assert_eq!(api.send(start.unwrap()).await.status, 403);
    }
    let denied = api.get(&api.browser(), "/audit?action=access.denied").await.is(200);
    let details: Vec<&str> =
        denied["items"].as_array().unwrap().iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(details, ["POST /api/fn/tasks/start"]);
}
