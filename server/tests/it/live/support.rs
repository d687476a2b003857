//! A server behind its own accept loop, with people, tasks, and clients that hear everything.

use std::net::SocketAddr;
use std::time::Duration;

use agents::GitStore;
use axum::http::HeaderValue;
use backend::auth::NewKey;
use backend::executions::Watchers;
use backend::tasks;
use domain::session::{Role, Scope};
use domain::tasks::{NewTask, Task};
use domain::{ApiKeyId, Seq};
use futures::{SinkExt as _, StreamExt as _};
use leptos::config::LeptosOptions;
use serde_json::{Value, json};
use server::config::Config;
use server::http::accept::Door;
use server::http::health::Health;
use server::live::{Bounds, Hub};
use server::router::router;
use server::shutdown::Shutdown;
use server::state::{AppState, Services};
use testkit::{Signed, TestDatabase};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::{Error, Message};

pub(crate) struct Site {
    pub(crate) base: TestDatabase,
    /// Owner of the workspace `demo`.
    pub(crate) owner: Signed,
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: Shutdown,
    _folder: tempfile::TempDir,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

/// Quick enough for tests, with the contract's numbers where they count.
pub(crate) fn quick() -> Bounds {
    Bounds { recheck: Duration::from_millis(100), look: Duration::from_millis(50), ..Bounds::default() }
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::with(quick()).await
    }

    pub(crate) async fn with(bounds: Bounds) -> Self {
        let base = TestDatabase::with(tenancy::Clock::default(), 10).await;
        let owner = base.owner_of("demo").await;
        let folder = tempfile::tempdir().unwrap();
        let environment = |name: &str| match name {
            "HOME" => Some("/nowhere".to_owned()),
            "SWITCHBOARD_RATE_PER_MINUTE" | "SWITCHBOARD_RATE_BURST" => Some("100000".to_owned()),
            _ => None,
        };
        let config = Config::from(&environment, None).unwrap();
        let shutdown = Shutdown::new();
        let services = Services {
            database: base.database.clone(),
            repositories: GitStore::new(folder.path().join("data"), vec![folder.path().to_owned()]),
            isolation: agents::isolation::detect(),
            watchers: Watchers::default(),
        };
        let mut state = AppState::new(config, Health::new(shutdown.clone()), shutdown.clone(), services);
        state.live = Hub::start(base.database.clone(), state.watchers.clone(), &shutdown, bounds);
        let options = LeptosOptions::builder().output_name("switchboard").build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let door = Door::new(listener, server::http::accept::Bounds::default());
        shutdown.spawn(door.serve(router(&state, options), shutdown.clone()));
        Self { base, owner, address, shutdown, _folder: folder }
    }

    /// A task, by this person; returns it with its place in the feed.
    pub(crate) async fn task_by(&self, who: &Signed, title: &str) -> (Task, Seq) {
        let mut tx = self.base.database.begin(&who.caller).await.unwrap();
        let task = tasks::create(&mut tx, new(title)).await.unwrap();
        let seq = tx.commit().await.unwrap().unwrap();
        (task, seq)
    }

    pub(crate) async fn task(&self, title: &str) -> Seq {
        self.task_by(&self.owner, title).await.1
    }

    /// So many tasks in one commit.
    pub(crate) async fn tasks_at_once(&self, count: usize) -> Seq {
        let mut tx = self.base.database.begin(&self.owner.caller).await.unwrap();
        for number in 0..count {
            tasks::create(&mut tx, new(&format!("at once {number}"))).await.unwrap();
        }
        tx.commit().await.unwrap().unwrap()
    }

    pub(crate) async fn key(&self, role: Role, scopes: Option<Vec<Scope>>) -> (ApiKeyId, String) {
        let mut tx = self.base.database.begin(&self.owner.caller).await.unwrap();
        let new = NewKey { name: "test".to_owned(), role, scopes, expires_at: None };
        let (key, secret) = backend::auth::create_key(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        (key.id, secret.reveal().to_owned())
    }

    /// The handshake of a browser that is signed in.
    pub(crate) fn browser(&self, who: &Signed) -> Request {
        let url = format!("ws://{}/api/v1/events?workspace={}", self.address, who.workspace.slug);
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("cookie", value(&format!("session={}", who.token.reveal())));
        headers.insert("origin", value(&format!("http://{}", self.address)));
        request
    }

    /// The handshake of a program.
    pub(crate) fn program(&self, key: &str) -> Request {
        let mut request = format!("ws://{}/events", self.address).into_client_request().unwrap();
        request.headers_mut().insert("authorization", value(&format!("Bearer {key}")));
        request
    }

    /// The owner's socket, still silent.
    pub(crate) async fn connect(&self) -> Client {
        self.open(self.browser(&self.owner)).await.unwrap()
    }

    /// The owner's socket, resumed.
    pub(crate) async fn resume(&self, wish: Value) -> (Client, Value) {
        let mut client = self.connect().await;
        let hello = client.resume(wish).await;
        (client, hello)
    }

    pub(crate) async fn open(&self, request: Request) -> Result<Client, u16> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        shake_hands(request, stream).await
    }

    /// A client with hardly any room for what it does not read.
    pub(crate) async fn open_narrow(&self, request: Request) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let stream = socket.connect(self.address).await.unwrap();
        shake_hands(request, stream).await.unwrap()
    }
}

async fn shake_hands(request: Request, stream: TcpStream) -> Result<Client, u16> {
    match in_time(tokio_tungstenite::client_async(request, stream)).await {
        Ok((socket, _)) => Ok(Client { socket }),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

pub(crate) fn new(title: &str) -> NewTask {
    serde_json::from_value(json!({ "title": title, "script": "true" })).unwrap()
}

pub(crate) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap()
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn say(&mut self, frame: Value) {
        self.say_text(&frame.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        in_time(self.socket.send(Message::text(text))).await.unwrap();
    }

    /// Sends `resume` with these fields; returns the hello.
    pub(crate) async fn resume(&mut self, mut wish: Value) -> Value {
        wish["type"] = json!("resume");
        self.say(wish).await;
        let hello = self.hear().await;
        assert_eq!(hello["type"], "hello", "{hello}");
        hello
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self) -> Value {
        match self.next().await {
            Ok(frame) => frame,
            Err(code) => panic!("closed with {code:?}"),
        }
    }

    /// The next frame, or the code that the server closed with.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            match in_time(self.socket.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Reads on until the server closes.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Changes from `after` to `through`, each exactly once and in order; returns their frames.
    pub(crate) async fn follow(&mut self, after: Seq, through: Seq) -> Vec<Value> {
        let mut place = Place(after);
        let mut frames = Vec::new();
        while place.0 < through {
            let frame = self.hear().await;
            place.go_on(&frame);
            frames.push(frame);
        }
        frames
    }
}

/// Where a client stands that counts every seq.
pub(crate) struct Place(pub(crate) Seq);

impl Place {
    /// Moves on by a frame, which must begin right after this place.
    #[track_caller]
    pub(crate) fn go_on(&mut self, frame: &Value) {
        let field = |name: &str| frame[name].as_i64().unwrap_or_else(|| panic!("no {name}: {frame}"));
        match frame["type"].as_str().unwrap() {
            "skip" => assert!(field("through") > self.0, "after {}: {frame}", self.0),
            "bulk" => assert_eq!(field("from"), self.0 + 1, "{frame}"),
            _ => assert_eq!(field("seq"), self.0 + 1, "{frame}"),
        }
        let through = if frame.get("through").is_some() { "through" } else { "seq" };
        self.0 = field(through);
    }
}

/// So that a hanging server fails the test instead of hanging it.
pub(crate) async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("waited for 30 s in vain")
}
