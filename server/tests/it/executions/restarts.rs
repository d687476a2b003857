//! What a running execution says is neither lost nor doubled when the server goes away and comes back.

use super::workshop::{Workshop, output, processes_of};
use domain::executions::{EventBody, OutcomeClass, Stream};

/// Lines that can be counted, over about four seconds.
const LINES: &str = "for n in $(seq 1 200); do echo line $n; sleep 0.02; done";

fn all_lines() -> String {
    (1..=200).map(|n| format!("line {n}\n")).collect()
}

#[tokio::test]
async fn a_worker_that_stops_is_followed_by_another_without_a_lost_or_doubled_line() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (_, execution) = shop.start(LINES, None).await;
    shop.until(
        &execution,
        |body| matches!(body, EventBody::ToolOutput { text, .. } if text.contains("line 3")),
    )
    .await;
    worker.stop().await;
    let said = shop.events(&execution).await.len();
    let again = shop.work(1);
    let (ended, events) = shop.ended(&execution).await;
    assert!(events.len() > said);
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded);
    assert_eq!(output(&events, Stream::Stdout), all_lines());
    again.stop().await;
}

#[tokio::test]
async fn what_a_killed_worker_held_another_takes_over_within_15_seconds() {
    let shop = Workshop::open().await;
    let first = shop.work(1);
    let lines = "for n in $(seq 1 200); do echo line $n; sleep 0.1; done";
    let (_, execution) = shop.start(lines, None).await;
    shop.until(&execution, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    // A worker with an id of its own, which has nothing to do so far.
    let second = shop.work(1);
    let (_, other) = shop.start("echo other", None).await;
    shop.ended(&other).await;
    first.kill().await;
    let said = shop.events(&execution).await.len();
    let since = std::time::Instant::now();
    while shop.events(&execution).await.len() == said {
        assert!(since.elapsed() < std::time::Duration::from_secs(15), "nobody took it over");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded);
    assert_eq!(output(&events, Stream::Stdout), all_lines());
    second.stop().await;
}

#[tokio::test]
async fn an_execution_that_ends_while_no_server_looks_is_told_whole() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (_, execution) = shop.start("for n in $(seq 1 20); do echo line $n; sleep 0.02; done", None).await;
    shop.until(&execution, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    worker.stop().await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let again = shop.work(1);
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded);
    assert!(output(&events, Stream::Stdout).ends_with("line 19\nline 20\n"));
    again.stop().await;
}

#[tokio::test]
async fn a_supervisor_that_is_killed_loses_its_execution_and_nothing_that_was_said() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (_, execution) = shop.start("echo said\nsleep 60", None).await;
    shop.until(&execution, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    let all = processes_of(&shop, &execution);
    shop.kill_supervisor(&execution);
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Lost);
    assert_eq!(output(&events, Stream::Stdout), "said\n");
    shop.gone(&all).await;
    worker.stop().await;
}
