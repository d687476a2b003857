//! The same as server-sent events.

use domain::session::Role;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;

use super::support::{Site, in_time};

/// One event: its id, its name and its data.
type Event = (Option<i64>, String, Value);

struct Events {
    head: String,
    lines: Lines<BufReader<TcpStream>>,
}

fn request(path: &str, key: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nx-tenant-key: {key}\r\n{more}\r\n")
}

/// The answer to a plain GET, whole.
pub(crate) async fn get(site: &Site, path: &str, key: &str) -> String {
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    stream.write_all(request(path, key, "connection: close\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

impl Events {
    async fn open(site: &Site, key: &str, (query, more): (&str, &str)) -> Self {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        stream
            .write_all(request(&format!("/api/v1/events/stream{query}"), key, more).as_bytes())
            .await
            .unwrap();
        let mut lines = BufReader::new(stream).lines();
        let mut head = String::new();
        while let Some(line) = in_time(lines.next_line()).await.unwrap().filter(|line| !line.is_empty()) {
            head.push_str(&line.to_ascii_lowercase());
            head.push('\n');
        }
        Self { head, lines }
    }

    /// The next event; `None` at the end. Sizes of chunks, comments and `retry` are passed over.
    async fn next(&mut self) -> Option<Event> {
        let (mut id, mut name) = (None, String::new());
        loop {
            let line = in_time(self.lines.next_line()).await.unwrap()?;
            match line.split_once(": ") {
                Some(("id", text)) => id = text.parse().ok(),
                Some(("event", text)) => name = text.to_owned(),
                Some(("data", text)) => return Some((id, name, serde_json::from_str(text).unwrap())),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn the_stream_tells_what_the_socket_tells_and_goes_on_by_the_last_id() {
    let site = Site::new().await;
    site.task("one").await;
    site.task("two").await;
    let (_, key) = site.key(Role::Viewer, None).await;
    let mut events = Events::open(&site, &key, ("?after=0", "")).await;
    assert!(events.head.starts_with("http/1.1 200"), "{}", events.head);
    for header in ["content-type: text/event-stream", "x-accel-buffering: no", "cache-control: no-store"] {
        assert!(events.head.contains(header), "{header} in {}", events.head);
    }
    let (id, name, hello) = events.next().await.unwrap();
    assert_eq!((id, name.as_str(), hello["seq"].as_i64()), (Some(0), "hello", Some(2)));
    for seq in 1..=2 {
        let (id, name, data) = events.next().await.unwrap();
        assert_eq!((id, name.as_str(), data["seq"].as_i64()), (Some(seq), "task_event", Some(seq)));
        assert_eq!(data["type"], "task_event");
    }
    drop(events);
    site.task("three").await;
    let mut events = Events::open(&site, &key, ("?after=0", "last-event-id: 2\r\n")).await;
    assert_eq!(events.next().await.unwrap().1, "hello");
    assert_eq!(events.next().await.unwrap().2["row"]["title"], "three");
    site.task("four").await;
    assert_eq!(events.next().await.unwrap().2["row"]["title"], "four");
}

#[tokio::test]
async fn what_can_not_be_read_is_refused_before_the_stream() {
    let site = Site::new().await;
    let (_, key) = site.key(Role::Viewer, None).await;
    for (query, field) in [("?after=x", "after"), ("?entities=tasks", "entities"), ("?beyond=1", "beyond")] {
        let answer = get(&site, &format!("/api/v1/events/stream{query}"), &key).await;
        assert!(answer.starts_with("HTTP/1.1 422") && answer.contains(field), "{query}: {answer}");
    }
}

#[tokio::test]
async fn the_stream_ends_with_the_key_and_with_the_process() {
    let site = Site::new().await;
    let (id, key) = site.key(Role::Viewer, None).await;
    let (_, other) = site.key(Role::Viewer, None).await;
    let mut events = Events::open(&site, &key, ("", "")).await;
    let mut stays = Events::open(&site, &other, ("", "")).await;
    assert_eq!(events.next().await.unwrap().1, "hello");
    assert_eq!(stays.next().await.unwrap().1, "hello");
    site.base.as_owner(&format!("UPDATE api_keys SET revoked_at = now() WHERE id = '{id}'")).await;
    assert!(events.next().await.is_none());
    site.task("still").await;
    assert_eq!(stays.next().await.unwrap().1, "task_event");
    site.shutdown.begin();
    assert_eq!(stays.next().await.unwrap().1, "shutdown");
    assert!(stays.next().await.is_none());
}
