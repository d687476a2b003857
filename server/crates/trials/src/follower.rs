//! A client that follows the workspace through whatever happens: what it believes at the end must be what is.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures::{SinkExt as _, StreamExt as _};
use http::Request;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::client::Client;

pub(crate) type Socket = WebSocketStream<TcpStream>;

const HANDSHAKE_WITHIN: Duration = Duration::from_secs(20);
/// A server that says nothing for this long, not even to a ping, is gone.
const SILENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(100);

/// What a reader knows of the tasks: the version and the title of each.
pub(crate) type Rows = BTreeMap<String, (i64, String)>;

/// Where a reader stands in the feed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cursor {
    pub(crate) epoch: Option<String>,
    pub(crate) after: Option<i64>,
}

/// Follows tasks by the socket, and comes back after every break.
#[derive(Debug)]
pub(crate) struct Follower {
    address: SocketAddr,
    key: String,
    pub(crate) cursor: Cursor,
    pub(crate) rows: Rows,
    /// Connections made, and lists read anew because the server said so.
    pub(crate) connections: u32,
    pub(crate) resets: u32,
}

/// Opens the socket; `receive` is the size of its buffer, for readers that shall be slow.
pub(crate) async fn open(address: SocketAddr, key: &str, receive: Option<u32>) -> anyhow::Result<Socket> {
    let request = Request::builder()
        .uri(format!("ws://{address}/api/v1/events"))
        .header("host", address.to_string())
        .header("authorization", format!("Bearer {key}"))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", generate_key())
        .body(())?;
    let connecting = async {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = receive {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        anyhow::Ok(socket)
    };
    timeout(HANDSHAKE_WITHIN, connecting).await.context("no handshake")?
}

/// Says where this reader stands.
pub(crate) async fn resume(socket: &mut Socket, cursor: &Cursor) -> anyhow::Result<()> {
    let mut frame = json!({ "type": "resume", "entities": ["task"] });
    if let (Some(epoch), Some(after), Some(frame)) = (&cursor.epoch, cursor.after, frame.as_object_mut()) {
        frame.insert("epoch".to_owned(), json!(epoch));
        frame.insert("after".to_owned(), json!(after));
    }
    socket.send(Message::text(frame.to_string())).await?;
    Ok(())
}

/// The next frame; `None` where the server has closed.
pub(crate) async fn next(socket: &mut Socket) -> anyhow::Result<Option<Value>> {
    loop {
        match socket.next().await.transpose()? {
            Some(Message::Text(text)) => return Ok(Some(read(&text)?)),
            Some(Message::Close(_)) | None => return Ok(None),
            Some(_) => {}
        }
    }
}

fn read(text: &Utf8Bytes) -> anyhow::Result<Value> {
    serde_json::from_str(text).with_context(|| format!("no JSON: {text}"))
}

impl Follower {
    pub(crate) fn new(address: SocketAddr, key: &str) -> Self {
        let (cursor, rows) = (Cursor::default(), Rows::new());
        Self { address, key: key.to_owned(), cursor, rows, connections: 0, resets: 0 }
    }

    /// Follows until it has seen the place in the feed that it is told to stop at.
    pub(crate) async fn follow(mut self, mut stop: watch::Receiver<Option<i64>>) -> anyhow::Result<Self> {
        loop {
            // Whatever breaks here is what a reader comes back from.
            if let Ok(true) = self.session(&mut stop).await {
                return Ok(self);
            }
            sleep(PAUSE).await;
        }
    }

    /// One connection; true when the end is reached.
    async fn session(&mut self, stop: &mut watch::Receiver<Option<i64>>) -> anyhow::Result<bool> {
        let mut socket = open(self.address, &self.key, None).await?;
        resume(&mut socket, &self.cursor).await?;
        self.connections += 1;
        loop {
            if stop.borrow_and_update().is_some_and(|last| self.cursor.after.is_some_and(|seq| seq >= last)) {
                return Ok(true);
            }
            let frame = tokio::select! {
                frame = timeout(SILENCE / 2, next(&mut socket)) => frame,
                changed = stop.changed() => { changed?; continue }
            };
            let frame = match frame {
                Ok(frame) => frame?,
                // Quiet: is it still there?
                Err(_) => {
                    socket.send(Message::text(json!({ "type": "ping", "t": 1 }).to_string())).await?;
                    timeout(SILENCE, next(&mut socket)).await??
                }
            };
            let Some(frame) = frame else { return Ok(false) };
            self.take(&frame).await?;
        }
    }

    async fn take(&mut self, frame: &Value) -> anyhow::Result<()> {
        let seq = frame.get("seq").and_then(Value::as_i64);
        match frame.get("type").and_then(Value::as_str).unwrap_or_default() {
            "hello" => {
                let epoch = frame.get("epoch").and_then(Value::as_str).map(str::to_owned);
                if self.cursor.after.is_none() {
                    self.cursor = Cursor { epoch, after: seq };
                    self.reload().await?;
                }
            }
            "reset" => {
                self.resets += 1;
                self.cursor = Cursor::default();
            }
            "bulk" => {
                self.reload().await?;
                self.cursor.after = frame.get("through").and_then(Value::as_i64);
            }
            "skip" => self.cursor.after = frame.get("through").and_then(Value::as_i64),
            "task_event" => self.apply(frame, seq.context("an event without its place")?)?,
            "pong" => {}
            "shutdown" => bail!("the server goes"),
            other => bail!("an unknown frame: {other}"),
        }
        Ok(())
    }

    fn apply(&mut self, frame: &Value, seq: i64) -> anyhow::Result<()> {
        let before = self.cursor.after.unwrap_or_default();
        if seq <= before {
            bail!("the change {seq} came after {before}");
        }
        self.cursor.after = Some(seq);
        let id = frame.get("id").and_then(Value::as_str).context("an event without an id")?;
        if frame.get("op").and_then(Value::as_str) == Some("delete") {
            self.rows.remove(id);
            return Ok(());
        }
        learn(&mut self.rows, frame.get("row").context("an event without its row")?)
    }

    async fn reload(&mut self) -> anyhow::Result<()> {
        self.rows = tasks(&mut Client::new(self.address, &self.key)?).await?;
        Ok(())
    }
}

/// All tasks by the lists of the API.
pub(crate) async fn tasks(client: &mut Client) -> anyhow::Result<Rows> {
    let (mut rows, mut cursor) = (Rows::new(), String::new());
    loop {
        let page = client.get(&format!("/tasks?limit=200&cursor={cursor}")).await?.expect(200)?;
        for task in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            learn(&mut rows, task)?;
        }
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(rows),
        }
    }
}

/// An older version that comes later changes nothing.
fn learn(rows: &mut Rows, task: &Value) -> anyhow::Result<()> {
    let text = |name: &str| task.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").context("a task without an id")?;
    let version = task.get("version").and_then(Value::as_i64).context("a task without a version")?;
    let title = text("title").context("a task without a title")?;
    if rows.get(&id).is_none_or(|(known, _)| *known < version) {
        rows.insert(id, (version, title));
    }
    Ok(())
}
