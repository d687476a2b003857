//! From a write to the frame that tells others of it, with a thousand sockets listening; and what an idle one costs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use http::Method;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Figure;
use super::spread::Spread;
use crate::client::Client;
use crate::follower::{Cursor, next, open, resume};
use crate::house::House;

const SOCKETS: u32 = 1_000;
const WRITES: usize = 200;
const PACE: Duration = Duration::from_millis(25);
const BURST: Duration = Duration::from_secs(5);
const BURST_WRITERS: usize = 8;
const HEARD_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn measure(binary: &Path) -> anyhow::Result<Vec<Figure>> {
    let house = House::open(binary).await?;
    let alone = burst(&house).await?;
    settle(&house).await?;
    let before = house.resident()?;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let (go, going) = watch::channel(false);
    let listeners = listen(&house, &heard, &going).await?;
    drop(heard);
    settle(&house).await?;
    let idle = house.resident()?.saturating_sub(before) / u64::from(SOCKETS);
    go.send_replace(true);
    let mut client = house.client()?;
    let mut times = Vec::new();
    for number in 0..WRITES {
        let title = json!({ "title": format!("write {number}") });
        let since = Instant::now();
        let saved = client.send(Method::POST, "/tasks", &title).await?.expect(201)?;
        let seq = saved.get("seq").and_then(Value::as_i64).context("no seq")?;
        let mut missing = SOCKETS;
        while missing > 0 {
            let (at, when): (i64, Instant) =
                timeout(HEARD_WITHIN, hears.recv()).await.context("a frame is missing")?.context("closed")?;
            if at == seq {
                times.push(when.duration_since(since));
                missing -= 1;
            }
        }
        sleep(PACE).await;
    }
    let beside = burst(&house).await?;
    drop(listeners);
    let spread = Spread::new(times);
    Ok(vec![
        Figure::at_most(
            format!("write to frame at {SOCKETS} sockets, p50"),
            spread.percentile(50),
            15.0,
            "ms",
        ),
        Figure::at_most(
            format!("write to frame at {SOCKETS} sockets, p99"),
            spread.percentile(99),
            60.0,
            "ms",
        ),
        Figure::told(
            format!("writes per second over HTTP, {BURST_WRITERS} writers"),
            format!("{alone:.0}/s"),
        ),
        Figure::told(format!("the same with {SOCKETS} sockets listening"), format!("{beside:.0}/s")),
        Figure::at_most("memory of an idle socket", kilobytes(idle), 12.0, "KB"),
    ])
}

fn kilobytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1_000.0
}

/// What it holds is to be compared when it has come to rest.
async fn settle(house: &House) -> anyhow::Result<()> {
    let mut last = house.resident()?;
    for _ in 0..50 {
        sleep(Duration::from_millis(200)).await;
        let now = house.resident()?;
        if now == last {
            break;
        }
        last = now;
    }
    Ok(())
}

type Heard = mpsc::UnboundedSender<(i64, Instant)>;

/// Sockets that tell when they hear of which change.
async fn listen(
    house: &House,
    heard: &Heard,
    going: &watch::Receiver<bool>,
) -> anyhow::Result<JoinSet<anyhow::Result<()>>> {
    let mut listeners = JoinSet::new();
    let (greeted, mut greetings) = mpsc::unbounded_channel();
    for _ in 0..SOCKETS {
        let mut socket = open(house.address, &house.key, None).await?;
        let (heard, greeted, going) = (heard.clone(), greeted.clone(), going.clone());
        listeners.spawn(async move {
            resume(&mut socket, &Cursor::default()).await?;
            next(&mut socket).await?.context("no hello")?;
            greeted.send(())?;
            while let Some(frame) = next(&mut socket).await? {
                let seq = frame.get("seq").and_then(Value::as_i64);
                if let Some(seq) = seq.filter(|_| *going.borrow()) {
                    heard.send((seq, Instant::now()))?;
                }
            }
            Ok(())
        });
    }
    for _ in 0..SOCKETS {
        greetings.recv().await.context("a socket was not greeted")?;
    }
    Ok(listeners)
}

/// Writes of several programs, as fast as they are answered: how many a second.
async fn burst(house: &House) -> anyhow::Result<f64> {
    let until = Instant::now() + BURST;
    let key = Arc::new(house.key.clone());
    let mut writers = JoinSet::new();
    for _ in 0..BURST_WRITERS {
        let mut client = Client::new(house.address, &key)?;
        writers.spawn(async move {
            let mut count = 0_u32;
            while Instant::now() < until {
                client.send(Method::POST, "/tasks", &json!({ "title": "one of many" })).await?.expect(201)?;
                count += 1;
            }
            anyhow::Ok(count)
        });
    }
    let mut writes = 0;
    while let Some(count) = writers.join_next().await {
        writes += count??;
    }
    Ok(f64::from(writes) / BURST.as_secs_f64())
}
