//! Nothing of one workspace is seen, changed or even hinted at from another. The routes are taken from the OpenAPI
//! document, so that a new one is tested without a word here, or fails for want of a resource to try it with.

use serde_json::{Value, json};

use super::document::routes;
use super::support::{Api, As, browser, text};

/// An id of the first workspace for each kind of resource, by the first part of its path.
async fn resources(api: &Api) -> Vec<(&'static str, String)> {
    let who = api.browser();
    let (task, execution) = api.cancelled().await;
    let url = json!({ "url": api.repository.to_str().unwrap() });
    let repository = api.post(&who, "/repositories", url).await.is(201);
    let path = format!("/tasks/{}/comments", text(&task["id"]));
    let comment = api.post(&who, &path, json!({ "text": "of the first" })).await.is(201);
    let key = api.post(&who, "/api-keys", json!({ "name": "k", "role": "viewer" })).await.is(201);
    let new = json!({ "name": "nightly", "title": "x" });
    let template = api.post(&who, "/templates", new).await.is(201);
    let new = json!({ "name": "nightly", "template_id": template["id"], "cron": "0 3 * * *" });
    let schedule = api.post(&who, "/schedules", new).await.is(201);
    let new = json!({ "email": "guest@example.com", "role": "viewer" });
    let invitation = api.post(&who, "/invitations", new).await.is(201);
    let view = json!({ "name": "v", "shared": true, "filters": { "status": "queued" } });
    let view = api.post(&who, "/views", view).await.is(201);
    vec![
        ("views", text(&view["id"])),
        ("templates", text(&template["id"])),
        ("schedules", text(&schedule["id"])),
        ("tasks", text(&task["id"])),
        ("executions", text(&execution["id"])),
        ("repositories", text(&repository["id"])),
        ("comments", text(&comment["id"])),
        ("api-keys", text(&key["id"])),
        ("invitations", text(&invitation["id"])),
        ("workspaces", api.owner.workspace.id.to_string()),
        ("sessions", api.owner.person.session().to_string()),
    ]
}

/// A problem without what differs between any two requests.
fn essence(problem: &Value) -> Value {
    let mut problem = problem.clone();
    for name in ["trace_id", "instance"] {
        problem.as_object_mut().unwrap().remove(name);
    }
    problem
}

async fn ask(api: &Api, who: &As, method: &str, path: &str) -> super::support::Reply {
    match method {
        "get" => api.get(who, path).await,
        "delete" => api.delete(who, path).await,
        method => api.call(who, &method.to_uppercase(), path, json!({})).await,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_id_and_one_that_does_not_exist_get_the_same_404() {
    let api = Api::new().await;
    let stranger = browser(&api.base.owner_of("other").await);
    let resources = resources(&api).await;
    let mut tried = 0;
    for (method, path) in routes(&api).await.into_iter().filter(|(_, path)| path.contains("{id}")) {
        let kind = path.split('/').nth(1).unwrap();
        let (_, id) = resources
            .iter()
            .find(|(known, _)| *known == kind)
            .unwrap_or_else(|| panic!("make a {kind} above"));
        let foreign = ask(&api, &stranger, &method, &path.replace("{id}", id)).await;
        let absent = "0197b000-0000-7000-8000-000000000001";
        let absent = ask(&api, &stranger, &method, &path.replace("{id}", absent)).await;
        foreign.problem(404, "not_found");
        assert_eq!(essence(&foreign.json()), essence(&absent.json()), "{method} {path}");
        tried += 1;
    }
    assert!(tried >= 16, "only {tried} routes have an id");
    // The owner still has all of it: nothing above had an effect.
    for (kind, id) in resources
        .iter()
        .filter(|(kind, _)| !["api-keys", "comments", "invitations", "sessions"].contains(kind))
    {
        api.get(&api.browser(), &format!("/{kind}/{id}")).await.is(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_feeds_show_nothing_of_another_workspace() {
    let api = Api::new().await;
    let other = api.base.owner_of("other").await;
    let resources = resources(&api).await;
    let mut ids: Vec<String> = resources.into_iter().map(|(_, id)| id).collect();
    ids.push(api.owner.workspace.id.to_string());
    ids.push(api.owner.person.user().to_string());
    let reads =
        routes(&api).await.into_iter().filter(|(method, path)| method == "get" && !path.contains('{'));
    for (_, path) in reads {
        let seen = api.get(&browser(&other), &path).await;
        assert_eq!(seen.status, 200, "{path}: {seen:?}");
        let body = String::from_utf8(seen.body.to_vec()).unwrap();
        assert!(ids.iter().all(|id| !body.contains(id)), "{path}: {body}");
    }
}
