//! A paused execution stands still, whatever happens around it, and goes on as if nothing had been.

use super::workshop::{Action, Workshop, cpu_ticks, output, processes_of};
use domain::executions::{EventBody, Execution, ExecutionStatus, OutcomeClass, Stream};
use domain::tasks::{Task, TaskStatus};
use std::time::Duration;

/// A loop that never rests, with children that never rest.
const BUSY: &str = "for n in 1 2; do (while :; do (:); done) & done\necho begun\nwhile :; do (:); done";
const LINES: &str = "for n in $(seq 1 300); do echo line $n; sleep 0.01; done";

fn all_lines() -> String {
    (1..=300).map(|n| format!("line {n}\n")).collect()
}

fn is_paused(body: &EventBody) -> bool {
    matches!(body, EventBody::Status { status: ExecutionStatus::Paused, .. })
}

fn has_printed(body: &EventBody) -> bool {
    matches!(body, EventBody::ToolOutput { .. })
}

/// A task whose execution has printed and then stands still.
async fn paused(shop: &Workshop, script: &str) -> (Task, Execution) {
    let (task, execution) = shop.start(script, None).await;
    shop.until(&execution, has_printed).await;
    shop.act(&task, Action::Pause).await;
    shop.until(&execution, is_paused).await;
    (task, execution)
}

/// Waits until it is said that it goes on.
async fn resumed(shop: &Workshop, execution: &Execution) {
    let resumes =
        |body: &EventBody| matches!(body, EventBody::Status { detail, .. } if detail == "running again");
    shop.until(execution, resumes).await;
}

#[tokio::test]
async fn it_uses_no_processor_and_its_slot_is_free() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = paused(&shop, BUSY).await;
    assert_eq!(shop.task(&task).await.status, TaskStatus::Paused);
    assert_eq!(shop.execution(&execution).await.detail, "paused");
    let before = cpu_ticks(&shop, &execution);
    assert!(before > 0, "it was busy");
    let (_, other) = shop.start("echo other", None).await;
    let (other, _) = shop.ended(&other).await;
    assert_eq!(other.outcome.unwrap().class, OutcomeClass::Succeeded, "one slot, and it is free");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(cpu_ticks(&shop, &execution), before, "not a tick in five seconds and more");
    shop.act(&task, Action::Resume).await;
    resumed(&shop, &execution).await;
    while cpu_ticks(&shop, &execution) <= before {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    shop.act(&task, Action::Cancel).await;
    let (ended, _) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Cancelled);
    worker.stop().await;
}

#[tokio::test]
async fn a_paused_one_can_be_cancelled_and_tried_again() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = paused(&shop, "echo begun\nsleep 60 & sleep 60").await;
    shop.act(&task, Action::Cancel).await;
    let (ended, _) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Cancelled);
    assert_eq!(shop.task(&task).await.status, TaskStatus::Cancelled);
    assert_eq!(processes_of(&shop, &execution), Vec::<i32>::new());
    shop.act(&task, Action::Retry).await;
    let again = shop.newest(&task).await;
    assert_eq!(again.number, 2);
    shop.until(&again, has_printed).await;
    shop.act(&task, Action::Cancel).await;
    shop.ended(&again).await;
    worker.stop().await;
}

#[tokio::test]
async fn it_outlives_its_server_and_goes_on_without_a_lost_line() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = paused(&shop, LINES).await;
    worker.stop().await;
    let before = cpu_ticks(&shop, &execution);
    let again = shop.work(1);
    // The new server is at work, and what is paused stays so.
    let (_, other) = shop.start("echo other", None).await;
    shop.ended(&other).await;
    assert_eq!(cpu_ticks(&shop, &execution), before);
    assert_eq!(shop.task(&task).await.status, TaskStatus::Paused);
    shop.act(&task, Action::Resume).await;
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded);
    assert_eq!(output(&events, Stream::Stdout), all_lines());
    again.stop().await;
}

#[tokio::test]
async fn one_that_is_resumed_while_no_server_works_goes_on_with_the_next() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = paused(&shop, LINES).await;
    worker.stop().await;
    shop.act(&task, Action::Resume).await;
    let again = shop.work(1);
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(output(&events, Stream::Stdout), all_lines());
    again.stop().await;
}

#[tokio::test]
async fn with_its_supervisor_killed_a_paused_one_is_lost_and_nothing_of_it_is_left() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (_, execution) = paused(&shop, BUSY).await;
    let all = processes_of(&shop, &execution);
    shop.kill_supervisor(&execution);
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Lost);
    assert_eq!(output(&events, Stream::Stdout), "begun\n");
    shop.gone(&all).await;
    worker.stop().await;
}
