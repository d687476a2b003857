//! Agents that ask people: an approval, a question, and all that can come between.

use super::workshop::{Action, Workshop, output};
use backend::executions::asks::{self, AskError};
use domain::AskId;
use domain::asks::{Answer, Approve, Ask, AskState, Decision, NewMessage};
use domain::executions::{
    EventBody, Execution, ExecutionEvent, ExecutionStatus, OutcomeClass, Speaker, Stream,
};
use domain::session::Role;
use domain::tasks::{Task, TaskStatus};
use std::time::Duration;
use tenancy::Caller;

fn waits(body: &EventBody) -> bool {
    matches!(body, EventBody::Status { status: ExecutionStatus::Waiting, .. })
}

fn says(words: &str) -> impl Fn(&EventBody) -> bool {
    move |body| matches!(body, EventBody::Text { role: Speaker::Agent, text, .. } if text == words)
}

/// What the agent said, in order.
fn said(events: &[ExecutionEvent]) -> Vec<&str> {
    let texts = events.iter().filter_map(|event| match &event.body {
        EventBody::Text { role: Speaker::Agent, text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

async fn open(shop: &Workshop, task: &Task) -> Vec<Ask> {
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let mut all = asks::list(&mut tx, task.id).await.unwrap();
    all.retain(Ask::is_open);
    all.reverse();
    all
}

/// The script runs until it waits; what it asks.
async fn asking(shop: &Workshop, steps: &str) -> (Task, Execution, Ask) {
    let (task, execution) = shop.start_scripted(steps).await;
    shop.until(&execution, waits).await;
    assert_eq!(shop.task(&task).await.status, TaskStatus::Waiting);
    assert_eq!(shop.execution(&execution).await.status, ExecutionStatus::Waiting);
    let ask = open(shop, &task).await.remove(0);
    (task, execution, ask)
}

async fn decide(
    shop: &Workshop,
    caller: &Caller,
    task: &Task,
    approval: AskId,
    decision: Decision,
) -> Result<Ask, AskError> {
    let mut tx = shop.house.database.begin(caller).await.unwrap();
    let word = Approve { approval, decision, note: Some("so it is".to_owned()) };
    let ask = asks::approve(&mut tx, task.id, word).await?;
    tx.commit().await.unwrap();
    Ok(ask)
}

async fn answer(shop: &Workshop, task: &Task, question: AskId, text: &str) -> Result<Ask, AskError> {
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let ask = asks::answer(&mut tx, task.id, Answer { question, text: text.to_owned() }).await?;
    tx.commit().await.unwrap();
    Ok(ask)
}

async fn tell(shop: &Workshop, task: &Task, text: &str) -> Result<(), AskError> {
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    asks::message(&mut tx, task, NewMessage { text: text.to_owned() }).await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn an_agent_works_asks_and_goes_on_with_the_word() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let steps = "say Hello\nrun echo one > a.txt; echo two\napprove high Delete it | rm -rf build\n\
                 allowed: run echo gone\ndenied: say left\nask Which? | red, blue\nexit 0";
    let (task, execution, ask) = asking(&shop, steps).await;
    assert_eq!((ask.title.as_str(), ask.detail.as_str()), ("Delete it", "rm -rf build"));
    assert_eq!(shop.execution(&execution).await.detail, "asks to delete it");
    let resolved = decide(&shop, &shop.owner.caller, &task, ask.id, Decision::Allow).await.unwrap();
    assert_eq!(resolved.state, AskState::Resolved);
    shop.until(&execution, says("decided allow: so it is")).await;
    shop.until(&execution, |body| matches!(body, EventBody::QuestionAsked { .. })).await;
    let question = open(&shop, &task).await.remove(0);
    assert_eq!(question.choices, ["red", "blue"]);
    answer(&shop, &task, question.id, "blue").await.unwrap();
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["Hello", "decided allow: so it is", "answered blue"]);
    assert_eq!(output(&events, Stream::Stdout), "two\ngone\n");
    let outcome = ended.outcome.unwrap();
    assert_eq!(
        (outcome.class, outcome.reason.as_str()),
        (OutcomeClass::Succeeded, "the agent ended with exit code 0")
    );
    assert_eq!(ended.evidence.commands.len(), 2);
    assert_eq!(ended.evidence.files_changed, 1);
    let resolved = events.iter().find_map(|event| match &event.body {
        EventBody::ApprovalResolved { decision, by, note, .. } => Some((*decision, *by, note.clone())),
        _ => None,
    });
    let by = Some(shop.owner.person.user());
    assert_eq!(resolved, Some((Some(Decision::Allow), by, Some("so it is".to_owned()))));
    assert_eq!(shop.task(&task).await.status, TaskStatus::Completed);
    worker.stop().await;
}

#[tokio::test]
async fn the_ask_and_the_answer_outlive_the_server() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution, ask) = asking(&shop, "approve low Look\ndenied: say left\nask And now?").await;
    worker.kill().await;
    // Nobody works: the answer is a row, and waits.
    decide(&shop, &shop.owner.caller, &task, ask.id, Decision::Deny).await.unwrap();
    let again = shop.work(1);
    shop.until(&execution, says("left")).await;
    shop.until(&execution, |body| matches!(body, EventBody::QuestionAsked { .. })).await;
    again.stop().await;
    let third = shop.work(1);
    let question = open(&shop, &task).await.remove(0);
    answer(&shop, &task, question.id, "nothing more").await.unwrap();
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["decided deny: so it is", "left", "answered nothing more"]);
    let told = events.iter().filter(|event| matches!(event.body, EventBody::ApprovalResolved { .. })).count();
    assert_eq!(told, 1, "told once");
    third.stop().await;
}

#[tokio::test]
async fn one_that_waits_holds_no_slot_and_takes_one_to_go_on() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution, ask) = asking(&shop, "approve low Look\nsay on").await;
    let (busy_task, busy) = shop.start("echo begun; sleep 60", None).await;
    shop.until(&busy, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    decide(&shop, &shop.owner.caller, &task, ask.id, Decision::Allow).await.unwrap();
    let waiting = shop.execution(&execution).await;
    assert_eq!(waiting.status, ExecutionStatus::Queued, "it needs nobody any more, but a slot");
    assert_eq!(waiting.detail, "next in the queue");
    // Longer than the worker's beat: it had the time to do it wrong.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(said(&shop.events(&execution).await).is_empty());
    shop.act(&busy_task, Action::Cancel).await;
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["decided allow: so it is", "on"]);
    worker.stop().await;
}

#[tokio::test]
async fn a_paused_one_that_is_resumed_waits_for_a_slot() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = shop.start("echo begun; sleep 1; echo on", None).await;
    shop.until(&execution, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    shop.act(&task, Action::Pause).await;
    let paused = |body: &EventBody| matches!(body, EventBody::Status { status: ExecutionStatus::Paused, .. });
    shop.until(&execution, paused).await;
    let (busy_task, busy) = shop.start("echo begun; sleep 60", None).await;
    shop.until(&busy, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    shop.act(&task, Action::Resume).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(shop.execution(&execution).await.status, ExecutionStatus::Paused, "two would run in one slot");
    assert_eq!(shop.execution(&execution).await.detail, "next in the queue");
    shop.act(&busy_task, Action::Cancel).await;
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(output(&events, Stream::Stdout), "begun\non\n");
    worker.stop().await;
}

#[tokio::test]
async fn several_asks_are_answered_together() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = shop.start_scripted("also ask One?\nask Two? | a, *").await;
    let both =
        |body: &EventBody| matches!(body, EventBody::Status { detail, .. } if detail == "asks 2 things");
    shop.until(&execution, both).await;
    let asked = open(&shop, &task).await;
    answer(&shop, &task, asked[1].id, "b").await.unwrap();
    assert_eq!(shop.task(&task).await.status, TaskStatus::Waiting, "one is open");
    answer(&shop, &task, asked[0].id, "a").await.unwrap();
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["answered b", "answered a"], "in the order in which people spoke");
    worker.stop().await;
}

#[tokio::test]
async fn who_may_not_is_refused_and_the_second_answer_comes_too_late() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let viewer = shop.house.sign_up("viewer@example.com", "a", Role::Viewer).await;
    let stranger = shop.house.owner_of("b").await;
    let (task, execution, ask) = asking(&shop, "approve medium Look\nsay on").await;
    let (other, _) = shop.start("echo other", None).await;
    let by = async |caller: &Caller| decide(&shop, caller, &task, ask.id, Decision::Allow).await;
    assert!(matches!(by(&viewer.caller).await, Err(AskError::Forbidden(_))));
    assert!(matches!(by(&stranger.caller).await, Err(AskError::NotFound)));
    let elsewhere = decide(&shop, &shop.owner.caller, &other, ask.id, Decision::Allow).await;
    assert!(matches!(elsewhere, Err(AskError::NotFound)), "it is another task's");
    assert!(matches!(
        answer(&shop, &task, ask.id, "yes").await,
        Err(AskError::Invalid { field: "question", .. })
    ));
    let (first, second) = tokio::join!(by(&shop.owner.caller), by(&shop.owner.caller));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let late = if first.is_ok() { second } else { first };
    assert!(matches!(late, Err(AskError::Conflict(reason)) if reason.contains("already")));
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["decided allow: so it is", "on"]);
    worker.stop().await;
}

#[tokio::test]
async fn cancelled_while_it_waits_it_ends_and_no_answer_counts() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution, ask) = asking(&shop, "approve high Look\nsay on").await;
    shop.act(&task, Action::Cancel).await;
    let late = decide(&shop, &shop.owner.caller, &task, ask.id, Decision::Allow).await;
    assert!(matches!(late, Err(AskError::Conflict(_))), "{late:?}");
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Cancelled);
    assert!(said(&events).is_empty());
    assert_eq!(shop.task(&task).await.status, TaskStatus::Cancelled);
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let asked = asks::list(&mut tx, task.id).await.unwrap();
    assert_eq!(asked[0].state, AskState::Withdrawn);
    drop(tx);
    worker.stop().await;
}

#[tokio::test]
async fn what_nobody_answers_expires_and_the_agent_is_told() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) =
        shop.start_scripted("within 1 approve high Look\ndenied: say left\nwithin 1 ask Why?").await;
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["decided expired", "left", "answered expired"]);
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let asked = asks::list(&mut tx, task.id).await.unwrap();
    assert!(asked.iter().all(|ask| ask.state == AskState::Expired && ask.delivered_at.is_some()));
    drop(tx);
    worker.stop().await;
}

#[tokio::test]
async fn a_message_reaches_an_agent_and_no_script() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (task, execution) = shop.start_scripted("say ready\nlisten\nask More?\nlisten").await;
    shop.until(&execution, says("ready")).await;
    tell(&shop, &task, "use the other file").await.unwrap();
    shop.until(&execution, says("heard use the other file")).await;
    shop.until(&execution, waits).await;
    tell(&shop, &task, "and be quick").await.unwrap();
    assert_eq!(shop.task(&task).await.status, TaskStatus::Waiting, "words alone answer nothing");
    let question = open(&shop, &task).await.remove(0);
    answer(&shop, &task, question.id, "no").await.unwrap();
    let (_, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["ready", "heard use the other file", "answered no", "heard and be quick"]);
    let people = events.iter().filter(|event| {
        matches!(&event.body, EventBody::Text { role: Speaker::Person, by, .. } if *by == Some(shop.owner.person.user()))
    });
    assert_eq!(people.count(), 2);
    assert!(matches!(tell(&shop, &task, "too late").await, Err(AskError::Conflict(_))));
    let (script, run) = shop.start("sleep 60", None).await;
    let refused = tell(&shop, &script, "stop that").await;
    assert!(matches!(refused, Err(AskError::Conflict(reason)) if reason.contains("retry")));
    shop.act(&script, Action::Cancel).await;
    shop.ended(&run).await;
    worker.stop().await;
}

#[tokio::test]
async fn rubbish_is_said_to_be_so_and_an_agent_that_fails_fails() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let (_, execution) = shop.start_scripted("print rubbish\nsay on\nexit 3").await;
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(said(&events), ["on"]);
    let complaint = |event: &ExecutionEvent| matches!(&event.body, EventBody::Notice { text } if text.contains("can't be understood"));
    assert!(events.iter().any(complaint));
    let outcome = ended.outcome.unwrap();
    assert_eq!(
        (outcome.class, outcome.reason.as_str()),
        (OutcomeClass::Failed, "the agent ended with exit code 3")
    );
    worker.stop().await;
}
