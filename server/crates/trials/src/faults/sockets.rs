//! Readers that never read, and readers that all come at once.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::follower::{Cursor, next, open, resume};
use crate::house::House;
use crate::load::Load;

const SLOW: usize = 50;
const SLOW_WRITES: usize = 400;
const BUFFER: u32 = 4096;
const MOST_MEMORY: u64 = 200 * 1024 * 1024;
const BACK_WITHIN: Duration = Duration::from_secs(60);

/// Sockets that are opened and never read, while much is written.
pub(super) async fn slow(house: &mut House, load: &Load) -> anyhow::Result<String> {
    let before = house.resident()?;
    let mut readers = Vec::new();
    for _ in 0..SLOW {
        let mut socket = open(house.address, &house.key, Some(BUFFER)).await?;
        resume(&mut socket, &Cursor::default()).await?;
        readers.push(socket);
    }
    let (mut client, mut most) = (house.client()?, 0);
    let description = "x".repeat(8_000);
    for number in 0..SLOW_WRITES {
        let new = json!({ "title": format!("long {number}"), "description": description });
        client.send(Method::POST, "/tasks", &new).await?.expect(201)?;
        most = most.max(house.resident()?.saturating_sub(before));
    }
    load.until_more(50).await?;
    if most > MOST_MEMORY {
        bail!("{SLOW} readers that do not read cost {} MB", most / 1_000_000);
    }
    let mut closed = 0;
    for mut socket in readers {
        // What was buffered on the way comes first.
        let rest = async { while let Ok(Some(_)) = next(&mut socket).await {} };
        closed += usize::from(timeout(Duration::from_secs(5), rest).await.is_ok());
    }
    Ok(format!("{closed} of {SLOW} slow readers were closed, {} MB held at most", most / 1_000_000))
}

/// Everybody is connected, the server is killed, and everybody comes back at once and catches up.
pub(super) async fn storm(house: &mut House, sockets: usize) -> anyhow::Result<String> {
    let mut cursors = JoinSet::new();
    for _ in 0..sockets {
        let (address, key) = (house.address, house.key.clone());
        cursors.spawn(async move {
            let mut socket = open(address, &key, None).await?;
            resume(&mut socket, &Cursor::default()).await?;
            let hello = next(&mut socket).await?.context("closed before hello")?;
            anyhow::Ok((socket, place(&hello)?))
        });
    }
    let mut standing = Vec::new();
    while let Some(opened) = cursors.join_next().await {
        standing.push(opened??);
    }
    sleep(Duration::from_millis(500)).await;
    house.kill().await?;
    let places: Vec<Cursor> = standing.into_iter().map(|(_, cursor)| cursor).collect();
    house.start().await?;
    let since = Instant::now();
    let mut back = JoinSet::new();
    for cursor in places {
        back.spawn(come_back(house.address, house.key.clone(), cursor));
    }
    let mut changes = 0;
    while let Some(caught) = timeout(BACK_WITHIN, back.join_next()).await.context("not all come back")? {
        changes += caught??;
    }
    let time = since.elapsed().as_secs_f64();
    Ok(format!("{sockets} sockets were back after {time:.1} s, with {changes} changes they had missed"))
}

fn place(hello: &Value) -> anyhow::Result<Cursor> {
    let epoch = hello.get("epoch").and_then(Value::as_str).map(str::to_owned);
    let after = hello.get("seq").and_then(Value::as_i64);
    if epoch.is_none() || after.is_none() {
        bail!("no hello: {hello}");
    }
    Ok(Cursor { epoch, after })
}

/// Until it has every change up to the place that the server greets with, each in its turn.
async fn come_back(address: std::net::SocketAddr, key: String, cursor: Cursor) -> anyhow::Result<usize> {
    for _ in 0..100 {
        match catch_up(address, &key, &cursor).await {
            Ok(changes) => return Ok(changes),
            Err(error) if error.is::<OutOfTurn>() => return Err(error),
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
    bail!("a socket could not come back")
}

/// A change that came twice, or out of order.
#[derive(Debug)]
struct OutOfTurn(i64);

impl std::fmt::Display for OutOfTurn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the change {} came out of its turn", self.0)
    }
}

impl std::error::Error for OutOfTurn {}

async fn catch_up(address: std::net::SocketAddr, key: &str, cursor: &Cursor) -> anyhow::Result<usize> {
    let mut socket = open(address, key, None).await?;
    resume(&mut socket, cursor).await?;
    let hello = next(&mut socket).await?.context("closed before hello")?;
    let head = place(&hello)?.after.unwrap_or_default();
    let (mut at, mut changes) = (cursor.after.unwrap_or_default(), 0);
    while at < head {
        let frame = timeout(BACK_WITHIN, next(&mut socket)).await??.context("closed on the way")?;
        let seq = frame.get("seq").or_else(|| frame.get("through")).and_then(Value::as_i64);
        let seq = seq.with_context(|| frame.to_string())?;
        if seq <= at {
            return Err(OutOfTurn(seq).into());
        }
        at = seq;
        changes += 1;
    }
    Ok(changes)
}
