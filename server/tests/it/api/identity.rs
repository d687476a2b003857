//! Who may come in, and what roles and scopes let them do.

use axum::body::Body;
use domain::session::{Role, Scope};
use serde_json::json;
use server::http::identity::WORKSPACE_HEADER;

use super::support::{Api, As, browser, request, text};

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_a_credential_that_is_known() {
    let api = Api::new().await;
    let workspace = "demo".to_owned();
    for who in [
        As::Nobody,
        As::Key("sb_unknown".to_owned()),
        As::Key("nonsense".to_owned()),
        As::Browser { token: "unknown".to_owned(), workspace },
    ] {
        let refused = api.get(&who, "/tasks").await;
        refused.problem(401, "unauthenticated");
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        api.get(&who, "/session").await.problem(401, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_names_its_workspace() {
    let api = Api::new().await;
    let token = format!("session={}", api.owner.token.reveal());
    let ask = async |path: &str, named: Option<&str>| {
        let mut request = request(&As::Nobody, "GET", path).header("cookie", &token);
        if let Some(named) = named {
            request = request.header(WORKSPACE_HEADER, named);
        }
        api.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("/tasks", None).await.problem(400, "invalid"), "workspace");
    ask("/tasks", Some("demo")).await.is(200);
    ask("/tasks", Some(&api.owner.workspace.id.to_string())).await.is(200);
    ask("/tasks?workspace=demo", None).await.is(200);
    let other = api.base.owner_of("other").await;
    for named in
        ["other", &other.workspace.id.to_string(), "none", "0197b000-0000-7000-8000-000000000001", "\u{e6}"]
    {
        ask("/tasks", Some(named)).await.problem(404, "not_found");
    }
    assert_eq!(ask("/session", None).await.is(200)["workspace"]["slug"], "demo");
    ask("/session", Some("other")).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_its_own_workspace_alone_whatever_it_is_called() {
    let api = Api::new().await;
    api.base.owner_of("other").await;
    let As::Key(key) = api.key(&api.owner, Role::Admin, None).await else { panic!("a key") };
    for (named, status) in [("demo", 200), ("other", 404), ("none", 404)] {
        let request =
            request(&As::Nobody, "GET", "/tasks").header("x-tenant-key", &key).header("x-workspace", named);
        assert_eq!(api.send(request.body(Body::empty()).unwrap()).await.status, status, "{named}");
    }
    let session = api.get(&As::Key(key), "/session").await.is(200);
    assert_eq!(
        (&session["user"], &session["role"], &session["workspace"]["slug"]),
        (&json!(null), &json!("admin"), &json!("demo"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_and_writes_nothing() {
    let api = Api::new().await;
    api.draft("t").await;
    let viewer = api.key(&api.owner, Role::Viewer, Some(Scope::ALL.to_vec())).await;
    for path in ["/tasks", "/tasks/1", "/repositories", "/members", "/changes", "/agents"] {
        api.get(&viewer, path).await.is(200);
    }
    for (method, path) in [
        ("POST", "/tasks"),
        ("PATCH", "/tasks/1"),
        ("DELETE", "/tasks/1"),
        ("POST", "/tasks/1/start"),
        ("POST", "/repositories"),
        ("POST", "/api-keys"),
        ("GET", "/api-keys"),
    ] {
        let body = match path {
            "/tasks" => json!({ "title": "t" }),
            "/repositories" => json!({ "url": "/x" }),
            "/api-keys" => json!({ "name": "k", "role": "viewer" }),
            _ => json!({}),
        };
        api.call(&viewer, method, path, body).await.problem(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_opens_its_own_things_alone() {
    let api = Api::new().await;
    api.draft("t").await;
    let leads = api.key(&api.owner, Role::Admin, Some(vec![Scope::LeadsWrite])).await;
    for path in ["/tasks", "/tasks/1", "/repositories", "/api-keys"] {
        api.get(&leads, path).await.problem(403, "forbidden");
    }
    let changes = api.get(&leads, "/changes?after=0").await.is(200);
    assert_eq!((&changes["items"], &changes["next_after"]), (&json!([]), &json!(1)));
    let reading = api.key(&api.owner, Role::Member, Some(vec![Scope::TasksRead])).await;
    api.get(&reading, "/tasks").await.is(200);
    api.post(&reading, "/tasks", json!({ "title": "t" })).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_once() {
    let api = Api::new().await;
    let who = api.browser();
    let left = api.post(&who, "/auth/logout", json!({})).await;
    left.is(204);
    let cookie = left.header("set-cookie").unwrap();
    assert!(cookie.starts_with("session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    api.get(&who, "/tasks").await.problem(401, "unauthenticated");
    let program = api.key(&api.owner, Role::Owner, None).await;
    api.post(&program, "/auth/logout", json!({})).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_workspace_is_remembered() {
    let api = Api::new().await;
    let email = "owner@demo.example";
    api.base.sign_up(email, "second", Role::Member).await;
    let who = browser(&api.owner);
    let workspaces = api.get(&who, "/workspaces").await.is(200);
    assert_eq!(workspaces["items"].as_array().unwrap().len(), 2);
    let chosen = api.post(&who, "/session/workspace", json!({ "workspace": "second" })).await.is(200);
    assert_eq!(chosen["slug"], "second");
    api.base.owner_of("other").await;
    for named in ["other", "none"] {
        api.post(&who, "/session/workspace", json!({ "workspace": named })).await.problem(404, "not_found");
    }
    let members = api.get(&who, "/members").await.is(200);
    assert_eq!(text(&members["items"][0]["email"]), email);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_at_links_waits_and_whoever_has_one_does_not_pay() {
    let api = Api::new().await;
    let sign_in = async |token: &str, accept: &str| {
        let request = request(&As::Nobody, "POST", "/auth/link").header("accept", accept);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        api.send(request.body(Body::from(format!("token={token}"))).unwrap()).await
    };
    for _ in 0..12 {
        let link = api.base.link_of("demo").await;
        let signed = sign_in(&link, "*/*").await;
        assert_eq!((signed.status, signed.header("location")), (303, Some("/w/demo")));
    }
    for _ in 0..10 {
        assert_eq!(sign_in("guessed", "*/*").await.header("location"), Some("/login?refused=1"));
    }
    let refused = sign_in("guessed", "*/*").await;
    refused.problem(429, "limited");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    let link = api.base.link_of("demo").await;
    assert_eq!(sign_in(&link, "text/html").await.header("location"), Some("/login?limited=1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_of_a_session_that_has_ended_leads_a_page_on_and_tells_a_program() {
    let api = Api::new().await;
    let sign_out = async |accept: &str| {
        let request = request(&api.browser(), "POST", "/auth/logout").header("accept", accept);
        api.send(request.body(Body::empty()).unwrap()).await
    };
    sign_out("*/*").await.is(204);
    sign_out("*/*").await.problem(401, "unauthenticated");
    assert_eq!(sign_out("text/html,*/*").await.header("location"), Some("/login?signed_out=1"));
}
