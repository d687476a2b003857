//! From asking for a task to the first line of its output, with everything that holds it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use futures::SinkExt as _;
use http::Method;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::Figure;
use super::spread::Spread;
use crate::follower::{Socket, next, open};
use crate::house::House;

const RUNS: usize = 40;
const WARM_UP: usize = 3;
const FIRST_LINE_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn measure(binary: &Path) -> anyhow::Result<Vec<Figure>> {
    let house = House::open(binary).await?;
    let mut client = house.client()?;
    let repository = make_repository(&house)?;
    let made =
        client.send(Method::POST, "/repositories", &json!({ "url": repository })).await?.expect(201)?;
    let mut socket = open(house.address, &house.key, None).await?;
    let resume = json!({ "type": "resume", "entities": ["execution"] });
    socket.send(Message::text(resume.to_string())).await?;
    let mut times = Vec::new();
    for run in 0..RUNS + WARM_UP {
        let new = json!({
            "title": format!("run {run}"), "repository": made.get("id"), "script": "echo first; sleep 0.2",
            "start": true,
        });
        let since = Instant::now();
        client.send(Method::POST, "/tasks", &new).await?.expect(201)?;
        let first = timeout(FIRST_LINE_WITHIN, first_line(&mut socket)).await.context("no output")?;
        let execution = first?;
        if run >= WARM_UP {
            times.push(since.elapsed());
        }
        timeout(FIRST_LINE_WITHIN, ended(&mut socket, &execution)).await.context("no end")??;
    }
    let spread = Spread::new(times);
    Ok(vec![
        Figure::at_most(
            format!("create to first output line, p50 of {}", spread.len()),
            spread.percentile(50),
            300.0,
            "ms",
        ),
        Figure::told("create to first output line, p99", format!("{:.1} ms", spread.percentile(99))),
    ])
}

/// Watches the next execution that appears, until it has printed; gives its id.
async fn first_line(socket: &mut Socket) -> anyhow::Result<String> {
    let mut watched = None;
    loop {
        let frame = next(socket).await?.context("the socket was closed")?;
        match frame.get("type").and_then(Value::as_str) {
            Some("execution_changed") if watched.is_none() => {
                let id = frame.get("id").and_then(Value::as_str).context("no id")?.to_owned();
                let watch = json!({ "type": "watch", "execution": id, "after": 0 });
                socket.send(Message::text(watch.to_string())).await?;
                watched = Some(id);
            }
            Some("execution_event") => {
                let kind = frame.pointer("/event/stream").and_then(Value::as_str);
                if let (Some("stdout"), Some(id)) = (kind, &watched) {
                    return Ok(id.clone());
                }
            }
            Some("problem") => bail!("{frame}"),
            _ => {}
        }
    }
}

async fn ended(socket: &mut Socket, execution: &str) -> anyhow::Result<()> {
    loop {
        let frame = next(socket).await?.context("the socket was closed")?;
        let is_it = frame.get("id").and_then(Value::as_str) == Some(execution);
        if is_it && frame.pointer("/row/completed_at").is_some_and(|at| !at.is_null()) {
            return Ok(());
        }
    }
}

fn make_repository(house: &House) -> anyhow::Result<String> {
    let folder = house.repositories().join("site");
    std::fs::create_dir(&folder)?;
    for number in 0..200 {
        std::fs::write(folder.join(format!("file-{number}.txt")), format!("{number}\n").repeat(100))?;
    }
    let who = ["-c", "user.name=Trial", "-c", "user.email=trial@example.com"];
    for arguments in [&["init", "-q", "-b", "main"][..], &["add", "."], &["commit", "-q", "-m", "first"]] {
        let status = Command::new("git").args(who).args(arguments).current_dir(&folder).status()?;
        anyhow::ensure!(status.success(), "git {arguments:?}");
    }
    Ok(folder.to_string_lossy().into_owned())
}
