//! Disks that are full.

use std::fs::{self, File};
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use http::Method;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::house::House;

const FULL_FOR: Duration = Duration::from_secs(6);
const SMALL_MEGABYTES: u32 = 24;
const END_WITHIN: Duration = Duration::from_secs(60);

/// Leaves the data folder no byte, for a while.
pub(super) async fn fill(house: &mut House) -> anyhow::Result<String> {
    let ballast = house.data().join("ballast");
    let mut file = File::create(&ballast)?;
    let (block, mut bytes) = (vec![1_u8; 1 << 16], 0_u64);
    while let Ok(()) = file.write_all(&block) {
        bytes += 1 << 16;
    }
    let until = Instant::now() + FULL_FOR;
    let mut live = true;
    while Instant::now() < until {
        live &= house.health("/health/live").await == Some(200);
        // Small remainders fill as well.
        while let Ok(()) = file.write_all(&[1]) {}
        sleep(Duration::from_millis(200)).await;
    }
    fs::remove_file(&ballast)?;
    if !live {
        bail!("the server does not live on a full disk");
    }
    Ok(format!("{} MB of ballast for {} s", bytes / 1_000_000, FULL_FOR.as_secs()))
}

/// A task that writes more than the disk of executions holds fails by itself, and nothing else does.
pub(super) async fn fill_worktrees(house: &mut House) -> anyhow::Result<String> {
    let worktrees = house.data().join("worktrees");
    let mut client = house.client()?;
    // An execution that already runs keeps its own folder below the mount.
    house.mount(&worktrees, SMALL_MEGABYTES)?;
    let script = "head -c 100000000 /dev/zero > big || { echo no room >&2; exit 7; }";
    let new = json!({ "title": "too much", "script": script, "start": true });
    let task = client.send(Method::POST, "/tasks", &new).await?.expect(201)?;
    let id = task.get("id").and_then(Value::as_str).context("a task without an id")?.to_owned();
    let until = Instant::now() + END_WITHIN;
    loop {
        let task = client.get(&format!("/tasks/{id}")).await?.expect(200)?;
        match task.get("status").and_then(Value::as_str) {
            Some("failed") => break,
            Some("completed") => bail!("a task has written more than its disk holds"),
            _ if Instant::now() > until => bail!("it has not ended: {task}"),
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
    let runs = client.get(&format!("/tasks/{id}/executions")).await?.expect(200)?;
    let reason = runs.pointer("/items/0/outcome/reason").and_then(Value::as_str).unwrap_or_default();
    Ok(format!("a task that wrote more than {SMALL_MEGABYTES} MB failed: {reason:?}"))
}
