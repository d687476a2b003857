//! The whole server without its socket: two workspaces with an owner each, and a repository on disk.

use std::path::PathBuf;
use std::process::Command;

use agents::GitStore;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, Response};
use backend::auth::NewKey;
use backend::executions::Watchers;
use domain::session::{Role, Scope};
use http_body_util::BodyExt as _;
use leptos::config::LeptosOptions;
use serde_json::{Value, json};
use server::config::Config;
use server::http::health::Health;
use server::router::router;
use server::shutdown::Shutdown;
use server::state::{AppState, Services};
use testkit::{Signed, TestDatabase};
use tower::ServiceExt as _;

pub(crate) struct Api {
    pub(crate) base: TestDatabase,
    pub(crate) router: Router,
    pub(crate) shutdown: Shutdown,
    /// Owner of the workspace `demo`.
    pub(crate) owner: Signed,
    /// A git repository with one commit, where the server may look.
    pub(crate) repository: PathBuf,
    _folder: tempfile::TempDir,
}

/// With what a request says who it is.
#[derive(Debug, Clone)]
pub(crate) enum As {
    Nobody,
    Key(String),
    /// A browser in a workspace.
    Browser {
        token: String,
        workspace: String,
    },
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The object, after making sure of the status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The field of a problem, or an empty text, after making sure that it is a whole one.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> String {
        let problem = self.is(status);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["trace_id"].as_str(), self.header("x-request-id"), "{problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 5, "{problem}");
        problem["field"].as_str().unwrap_or_default().to_owned()
    }
}

impl Api {
    pub(crate) async fn new() -> Self {
        let base = TestDatabase::with(tenancy::Clock::default(), 10).await;
        let owner = base.owner_of("demo").await;
        let folder = tempfile::tempdir().unwrap();
        let repository = make_repository(&folder);
        let config = Config::from(&|name| (name == "HOME").then(|| "/nowhere".to_owned()), None).unwrap();
        let shutdown = Shutdown::new();
        let services = Services {
            database: base.database.clone(),
            repositories: GitStore::new(folder.path().join("data"), vec![folder.path().to_owned()]),
            isolation: agents::isolation::detect(),
            watchers: Watchers::default(),
        };
        let state = AppState::new(config, Health::new(shutdown.clone()), shutdown.clone(), services);
        let options = LeptosOptions::builder().output_name("switchboard").build();
        let router = router(&state, options);
        Self { base, router, shutdown, owner, repository, _folder: folder }
    }

    /// The owner, in the browser.
    pub(crate) fn browser(&self) -> As {
        browser(&self.owner)
    }

    /// A key to this workspace.
    pub(crate) async fn key(&self, of: &Signed, role: Role, scopes: Option<Vec<Scope>>) -> As {
        let mut tx = self.base.database.begin(&of.caller).await.unwrap();
        let new = NewKey { name: "test".to_owned(), role, scopes, expires_at: None };
        let (_, secret) = backend::auth::create_key(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        As::Key(secret.reveal().to_owned())
    }

    pub(crate) async fn get(&self, who: &As, path: &str) -> Reply {
        self.send(request(who, "GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn delete(&self, who: &As, path: &str) -> Reply {
        self.send(request(who, "DELETE", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, who: &As, path: &str, body: Value) -> Reply {
        self.call(who, "POST", path, body).await
    }

    pub(crate) async fn call(&self, who: &As, method: &str, path: &str, body: Value) -> Reply {
        let request = request(who, method, path).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A POST with an `Idempotency-Key`.
    pub(crate) async fn once(&self, who: &As, key: &str, path: &str, body: Value) -> Reply {
        let request = request(who, "POST", path).header("content-type", "application/json");
        self.send(request.header("idempotency-key", key).body(Body::from(body.to_string())).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.open(request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The answer with its body still to come.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A draft, by the owner.
    pub(crate) async fn draft(&self, title: &str) -> Value {
        self.post(&self.browser(), "/tasks", json!({ "title": title, "script": "true" })).await.is(201)
    }

    /// A task that was started and cancelled in the queue, and its execution, which has ended.
    pub(crate) async fn cancelled(&self) -> (Value, Value) {
        let who = self.browser();
        let new = json!({ "title": "ended", "script": "true", "start": true });
        let id = text(&self.post(&who, "/tasks", new).await.is(201)["id"]);
        let task = self.post(&who, &format!("/tasks/{id}/cancel"), json!({})).await.is(200);
        let executions = self.get(&who, &format!("/tasks/{id}/executions")).await.is(200);
        (task, executions["items"][0].clone())
    }
}

pub(crate) fn browser(signed: &Signed) -> As {
    As::Browser { token: signed.token.reveal().to_owned(), workspace: signed.workspace.slug.clone() }
}

/// A request to a path below `/api/v1`, as our own page would send it.
pub(crate) fn request(who: &As, method: &str, path: &str) -> axum::http::request::Builder {
    let request =
        Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", "localhost:3000");
    match who {
        As::Nobody => request.header("sec-fetch-site", "same-origin"),
        As::Key(key) => request.header("authorization", format!("Bearer {key}")),
        As::Browser { token, workspace } => {
            let request = request.header("sec-fetch-site", "same-origin").header("x-workspace", workspace);
            request.header("cookie", format!("session={token}"))
        }
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn make_repository(folder: &tempfile::TempDir) -> PathBuf {
    let repository = folder.path().join("site");
    std::fs::create_dir(&repository).unwrap();
    std::fs::write(repository.join("README.md"), "hello\n").unwrap();
    let who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    for arguments in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-q", "-m", "first"]] {
        let git = Command::new("git").args(who).args(arguments).current_dir(&repository).status().unwrap();
        assert!(git.success(), "git {arguments:?}");
    }
    repository
}
