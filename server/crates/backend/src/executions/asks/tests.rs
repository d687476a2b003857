use super::*;
use crate::tasks;
use domain::asks::{AskKind, Decision, Risk};
use domain::tasks::NewTask;
use testkit::TestDatabase;

pub(super) fn request(kind: AskKind) -> agents::Request {
    agents::Request {
        kind,
        title: "Delete the branch".to_owned(),
        detail: "git push --delete".to_owned(),
        risk: Some(Risk::High),
        can_remember: true,
        choices: Vec::new(),
        free_text: kind == AskKind::Question,
        timeout_seconds: 60,
    }
}

async fn task(tx: &mut TenantTx) -> (Task, ExecutionId) {
    let new = NewTask { title: "x".to_owned(), start: true, ..NewTask::default() };
    let task = tasks::create(tx, new).await.unwrap();
    let execution = super::super::list(tx, task.id).await.unwrap()[0].id;
    (task, execution)
}

#[tokio::test]
async fn what_the_feed_shows_is_what_rest_gives_and_stays_small() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (task, execution) = task(&mut tx).await;
    let wide = |count: usize| "\u{1f600}".repeat(count);
    let most = agents::Request {
        title: wide(200),
        detail: wide(1_200),
        choices: (0..8).map(|n| format!("{n}{}", wide(99))).collect(),
        free_text: true,
        ..request(AskKind::Question)
    };
    open(&mut tx, execution, 1, &most).await.unwrap();
    let question = list(&mut tx, task.id).await.unwrap()[0].id;
    let ask = answer(&mut tx, task.id, Answer { question, text: wide(1_000) }).await.unwrap();
    let json: serde_json::Value = sql::image_for_tests(&mut tx).await;
    assert!(json.to_string().len() < 16 * 1024, "{}", json.to_string().len());
    let fed: Ask = serde_json::from_value(json).unwrap();
    assert_eq!(fed, ask);
}

#[tokio::test]
async fn a_note_goes_with_the_word_and_the_row_says_whose_it_was() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (task, execution) = task(&mut tx).await;
    open(&mut tx, execution, 1, &request(AskKind::Approval)).await.unwrap();
    let approval = list(&mut tx, task.id).await.unwrap()[0].id;
    let word = Approve { approval, decision: Decision::Deny, note: Some(" not on Friday ".to_owned()) };
    let denied = approve(&mut tx, task.id, word.clone()).await.unwrap();
    assert_eq!(denied.resolved_by, Some(a.person.user()));
    assert_eq!(denied.answer.as_deref(), Some("not on Friday"));
    assert!(matches!(approve(&mut tx, task.id, word).await, Err(AskError::Conflict(_))));
    let untold = deliveries(&mut tx, execution).await.unwrap();
    let expected = Delivery::Resolution {
        number: 1,
        state: AskState::Resolved,
        decision: Some(Decision::Deny),
        answer: Some("not on Friday".to_owned()),
    };
    assert_eq!(untold, [expected]);
    assert!(told(&mut tx, execution, 1).await.unwrap().is_some());
    assert!(told(&mut tx, execution, 1).await.unwrap().is_none(), "once");
    assert!(deliveries(&mut tx, execution).await.unwrap().is_empty());
}
