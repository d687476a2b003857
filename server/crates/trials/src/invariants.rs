//! What must be true after every fault. The numbers are those under which they are known.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::Value;
use tokio::time::sleep;

use crate::follower::Rows;
use crate::house::House;
use crate::load::{LINES, Record};

/// An execution is taken up again within 15 s; then it prints to its end.
const END_WITHIN: Duration = Duration::from_secs(60);
const SETTLE_WITHIN: Duration = Duration::from_secs(30);
const MEMORY_SLACK: u64 = 48 * 1024 * 1024;
const FILES_SLACK: usize = 24;

/// One invariant: what was seen, or how it is broken.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) seen: Result<String, String>,
}

/// What the program holds when nothing happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Baseline {
    resident: u64,
    files: usize,
}

impl Baseline {
    pub(crate) fn of(house: &House) -> anyhow::Result<Self> {
        Ok(Self { resident: house.resident()?, files: house.open_files()? })
    }
}

/// Looks at all of them.
pub(crate) async fn check(
    house: &House,
    record: &Record,
    baseline: Baseline,
) -> anyhow::Result<Vec<Finding>> {
    Ok(vec![
        Finding { name: "I1 acknowledged writes are there", seen: acknowledged(record) },
        Finding { name: "I2 nothing was done twice", seen: once(record) },
        Finding { name: "I3 nothing is stuck", seen: runs_on(house, &record.execution).await? },
        Finding { name: "I4 a reader knows what is", seen: same(&record.follower.rows, record) },
        Finding { name: "I5 health is told truly", seen: healthy(house).await },
        Finding { name: "I6 memory and files are given back", seen: settled(house, baseline).await? },
    ])
}

fn acknowledged(record: &Record) -> Result<String, String> {
    let written = &record.written;
    let lost: Vec<&String> = written
        .acknowledged
        .iter()
        .filter(|(id, title)| record.kept.get(*id).is_none_or(|(_, kept)| kept != *title))
        .map(|(_, title)| title)
        .collect();
    if !lost.is_empty() {
        return Err(format!("{} of {} are lost: {lost:?}", lost.len(), written.acknowledged.len()));
    }
    if let Some(wrong) = written.wrong.first() {
        return Err(format!("{} answers were neither yes nor \"not now\": {wrong}", written.wrong.len()));
    }
    Ok(format!("{} of {}", written.acknowledged.len(), written.acknowledged.len()))
}

/// Every title was asked for under one id: a second row of it is a request carried out twice.
fn once(record: &Record) -> Result<String, String> {
    let mut titles: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, title) in record.kept.values() {
        *titles.entry(title).or_default() += 1;
    }
    let twice: Vec<&str> = titles.iter().filter(|(_, count)| **count > 1).map(|(title, _)| *title).collect();
    let known =
        |id: &String| record.written.acknowledged.contains_key(id) || record.written.unknown.contains_key(id);
    let strangers = record.kept.iter().filter(|(id, (_, title))| title.starts_with("writer") && !known(id));
    let strangers = strangers.count();
    if twice.is_empty() && strangers == 0 {
        return Ok(format!("{} requests were repeated", record.written.repeated));
    }
    Err(format!("twice: {twice:?}; {strangers} that nobody asked for"))
}

/// The task that ran ends with every line, once and in order, or is told as lost with the lines it had.
async fn runs_on(house: &House, execution: &str) -> anyhow::Result<Result<String, String>> {
    let since = Instant::now();
    let mut client = house.client()?;
    loop {
        let row = client.get(&format!("/executions/{execution}")).await?.expect(200)?;
        if row.get("completed_at").is_some_and(|at| !at.is_null()) {
            let outcome = |name: &str| {
                let text = row.get("outcome").and_then(|outcome| outcome.get(name)).and_then(Value::as_str);
                text.unwrap_or_default()
            };
            let (class, reason) = (outcome("class"), outcome("reason"));
            let lines = printed(house, execution).await?;
            let expected: Vec<String> = (1..=lines.len()).map(|number| format!("line {number}")).collect();
            return Ok(match class {
                _ if lines != expected => Err(format!("its lines are not in order: {lines:?}")),
                "succeeded" if lines.len() != LINES => Err(format!("{} of {LINES} lines", lines.len())),
                "succeeded" => Ok(format!("the execution ended with all {LINES} lines")),
                "lost" => Ok(format!("the execution is told as lost, with {} lines", lines.len())),
                "failed" if reason.contains("disk") => Ok(format!("{reason}, with {} lines", lines.len())),
                other => Err(format!("the execution ended as {other:?}: {reason}")),
            });
        }
        if since.elapsed() > END_WITHIN {
            let status = row.get("status").and_then(Value::as_str).unwrap_or_default();
            return Ok(Err(format!("the execution has not ended, it is {status}")));
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn printed(house: &House, execution: &str) -> anyhow::Result<Vec<String>> {
    let (mut client, mut text, mut after) = (house.client()?, String::new(), 0);
    loop {
        let target = format!("/executions/{execution}/events?after={after}&limit=1000");
        let page = client.get(&target).await?.expect(200)?;
        let items = page.get("items").and_then(Value::as_array).context("a page without events")?;
        for event in items.iter().filter(|event| event.get("stream").is_some_and(|stream| stream == "stdout"))
        {
            text.push_str(event.get("text").and_then(Value::as_str).unwrap_or_default());
        }
        let next = page.get("next_after").and_then(Value::as_i64).unwrap_or(after);
        if items.is_empty() || next == after {
            return Ok(text.lines().map(str::to_owned).collect());
        }
        after = next;
    }
}

fn same(believed: &Rows, record: &Record) -> Result<String, String> {
    let follower = &record.follower;
    if *believed == record.kept {
        let (connections, resets) = (follower.connections, follower.resets);
        return Ok(format!("{} rows, by {connections} connections and {resets} resets", believed.len()));
    }
    let missing = record.kept.keys().filter(|id| !believed.contains_key(*id)).count();
    let other = believed.iter().filter(|(id, row)| record.kept.get(*id) != Some(*row)).count();
    Err(format!("{missing} rows missing, {other} not as they are"))
}

async fn healthy(house: &House) -> Result<String, String> {
    let (live, ready) = (house.health("/health/live").await, house.health("/health/ready").await);
    match (live, ready) {
        (Some(200), Some(200)) => Ok("live and ready".to_owned()),
        other => Err(format!("live and ready answer {other:?}")),
    }
}

async fn settled(house: &House, baseline: Baseline) -> anyhow::Result<Result<String, String>> {
    let since = Instant::now();
    loop {
        let now = Baseline::of(house)?;
        let megabytes = |bytes: u64| bytes / 1024 / 1024;
        let seen = format!(
            "{} MB and {} files, before {} and {}",
            megabytes(now.resident),
            now.files,
            megabytes(baseline.resident),
            baseline.files
        );
        if now.resident <= baseline.resident + MEMORY_SLACK && now.files <= baseline.files + FILES_SLACK {
            return Ok(Ok(seen));
        }
        if since.elapsed() > SETTLE_WITHIN {
            return Ok(Err(seen));
        }
        sleep(Duration::from_millis(200)).await;
    }
}
