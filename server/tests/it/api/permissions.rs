//! Every route by every role: what the table of permissions says is what the server does.

use std::collections::BTreeSet;

use domain::permission::Permission as P;
use domain::session::Role;
use serde_json::{Value, json};

use super::document::routes;
use super::support::{Api, text};

/// What each route asks for, and a body that gets as far as the question.
#[expect(clippy::too_many_lines, reason = "it is a table: one line per route")]
fn table() -> Vec<(&'static str, &'static str, P, Value)> {
    let none = || json!({});
    let title = || json!({ "title": "t" });
    let template = "0197b000-0000-7000-8000-000000000001";
    vec![
        ("get", "/agents", P::AgentRead, none()),
        ("get", "/api-keys", P::KeyRead, none()),
        ("post", "/api-keys", P::KeyCreate, json!({ "name": "k", "role": "viewer" })),
        ("delete", "/api-keys/{id}", P::KeyRevoke, none()),
        ("get", "/audit", P::AuditRead, none()),
        ("get", "/audit/export", P::AuditExport, none()),
        ("delete", "/comments/{id}", P::CommentWrite, none()),
        ("get", "/executions/{id}", P::ExecutionRead, none()),
        ("get", "/executions/{id}/diff", P::ExecutionRead, none()),
        ("get", "/executions/{id}/events", P::ExecutionRead, none()),
        ("get", "/executions/{id}/log", P::ExecutionRead, none()),
        ("get", "/executions/{id}/log/commands", P::ExecutionRead, none()),
        ("get", "/executions/{id}/log/download", P::ExecutionRead, none()),
        ("get", "/executions/{id}/log/search?q=x", P::ExecutionRead, none()),
        ("get", "/executions/{id}/patch", P::ExecutionRead, none()),
        ("post", "/executions/{id}/publish", P::Publish, none()),
        ("post", "/executions/{id}/review", P::TaskControl, none()),
        ("get", "/invitations", P::MemberInvite, none()),
        ("post", "/invitations", P::MemberInvite, json!({ "email": "x@example.com", "role": "viewer" })),
        ("delete", "/invitations/{id}", P::MemberInvite, none()),
        ("get", "/members", P::MemberRead, none()),
        ("patch", "/members/{user_id}", P::MemberChange, json!({ "role": "viewer" })),
        ("delete", "/members/{user_id}", P::MemberChange, none()),
        ("get", "/repositories", P::RepositoryRead, none()),
        ("post", "/repositories", P::RepositoryWrite, json!({ "url": "/nowhere" })),
        ("get", "/repositories/{id}", P::RepositoryRead, none()),
        ("patch", "/repositories/{id}", P::RepositoryWrite, none()),
        ("delete", "/repositories/{id}", P::RepositoryWrite, none()),
        ("get", "/schedules", P::ScheduleRead, none()),
        (
            "post",
            "/schedules",
            P::ScheduleWrite,
            json!({ "name": "n", "template_id": template, "cron": "0 3 * * *" }),
        ),
        ("get", "/schedules/{id}", P::ScheduleRead, none()),
        ("patch", "/schedules/{id}", P::ScheduleWrite, none()),
        ("delete", "/schedules/{id}", P::ScheduleWrite, none()),
        ("post", "/schedules/{id}/run", P::ScheduleWrite, none()),
        ("get", "/settings", P::SettingsRead, none()),
        ("patch", "/settings", P::SettingsWrite, none()),
        ("get", "/tasks", P::TaskRead, none()),
        ("post", "/tasks", P::TaskCreate, title()),
        (
            "post",
            "/tasks/bulk",
            P::TaskUpdate,
            json!({ "ids": [template], "change": { "action": "cancel" } }),
        ),
        ("get", "/tasks/{id}", P::TaskRead, none()),
        ("patch", "/tasks/{id}", P::TaskUpdate, none()),
        ("delete", "/tasks/{id}", P::TaskRemove, none()),
        ("get", "/tasks/{id}/activity", P::TaskRead, none()),
        ("post", "/tasks/{id}/answer", P::TaskControl, json!({ "question": template, "text": "a" })),
        ("post", "/tasks/{id}/approve", P::TaskControl, json!({ "approval": template, "decision": "allow" })),
        ("get", "/tasks/{id}/asks", P::ExecutionRead, none()),
        ("get", "/tasks/{id}/comments", P::CommentRead, none()),
        ("post", "/tasks/{id}/comments", P::CommentWrite, json!({ "text": "c" })),
        ("get", "/tasks/{id}/executions", P::ExecutionRead, none()),
        ("post", "/tasks/{id}/messages", P::TaskControl, json!({ "text": "m" })),
        ("post", "/tasks/{id}/cancel", P::TaskControl, none()),
        ("post", "/tasks/{id}/pause", P::TaskControl, none()),
        ("post", "/tasks/{id}/resume", P::TaskControl, none()),
        ("post", "/tasks/{id}/retry", P::TaskControl, none()),
        ("post", "/tasks/{id}/start", P::TaskControl, none()),
        ("get", "/templates", P::TemplateRead, none()),
        ("post", "/templates", P::TemplateWrite, json!({ "name": "n", "title": "t" })),
        ("get", "/templates/{id}", P::TemplateRead, none()),
        ("patch", "/templates/{id}", P::TemplateWrite, none()),
        ("delete", "/templates/{id}", P::TemplateWrite, none()),
        ("get", "/views", P::ViewRead, none()),
        ("post", "/views", P::ViewShare, json!({ "name": "v", "shared": true, "filters": {} })),
        ("get", "/views/{id}", P::ViewRead, none()),
        ("patch", "/views/{id}", P::ViewKeep, none()),
        ("delete", "/views/{id}", P::ViewKeep, none()),
        ("get", "/workspaces/{id}", P::MemberRead, none()),
        ("patch", "/workspaces/{id}", P::WorkspaceRename, none()),
        // The last one: it is carried out.
        ("delete", "/workspaces/{id}", P::WorkspaceDelete, none()),
    ]
}

/// Routes that ask for no right that a key could have: about the person alone, the document, or what each reader may
/// see of the feed.
const OF_NO_ROLE: [(&str, &str); 12] = [
    ("post", "/invitations/{token}/accept"),
    ("post", "/workspaces"),
    ("post", "/workspaces/{id}/transfer"),
    ("get", "/openapi.json"),
    ("get", "/session"),
    ("post", "/session/workspace"),
    ("post", "/auth/logout"),
    ("get", "/sessions"),
    ("delete", "/sessions"),
    ("delete", "/sessions/{id}"),
    ("get", "/workspaces"),
    ("get", "/changes"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_in_the_table() {
    let api = Api::new().await;
    let real: BTreeSet<(String, String)> = routes(&api).await.into_iter().collect();
    let path = |path: &str| path.split('?').next().unwrap().to_owned();
    let asked = table().into_iter().map(|(method, named, ..)| (method.to_owned(), path(named)));
    let free = OF_NO_ROLE.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned()));
    assert_eq!(asked.chain(free).collect::<BTreeSet<_>>(), real);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_by_every_role() {
    let api = Api::new().await;
    let absent = "0197b000-0000-7000-8000-000000000009";
    for role in [Role::Viewer, Role::Member, Role::Admin, Role::Owner] {
        let key = api.key(&api.owner, role, None).await;
        for (method, path, permission, body) in table() {
            // Where a route looks for its task first, the question comes after it was found.
            let id = match path.split('/').nth(1) {
                Some("workspaces") => api.owner.workspace.id.to_string(),
                Some("tasks") if path.contains("{id}") => text(&api.draft("t").await["id"]),
                _ => absent.to_owned(),
            };
            let path = path.replace("{id}", &id).replace("{user_id}", absent);
            let reply = match method {
                "get" => api.get(&key, &path).await,
                "delete" => api.delete(&key, &path).await,
                method => api.call(&key, &method.to_uppercase(), &path, body).await,
            };
            let refused = reply.status == 403;
            assert_eq!(refused, !permission.is_held_by(role), "{role} {method} {path}: {reply:?}");
            assert!(reply.status < 500 && reply.status != 401, "{role} {method} {path}: {reply:?}");
        }
    }
}
