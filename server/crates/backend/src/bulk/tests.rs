use super::*;
use domain::Code;
use domain::tasks::{NewTask, Priority, TaskStatus};
use testkit::{Signed, TestDatabase};

async fn made(house: &TestDatabase, signed: &Signed, new: NewTask) -> Task {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let task = tasks::create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    task
}

fn new(title: &str) -> NewTask {
    NewTask { title: title.to_owned(), ..NewTask::default() }
}

async fn changed(
    house: &TestDatabase,
    signed: &Signed,
    ids: &[TaskId],
    change: BulkChange,
) -> Result<(BulkAnswer, Option<i64>), TaskError> {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let answer = super::change(&mut tx, BulkRequest { ids: ids.to_vec(), change }).await?;
    Ok((answer, tx.commit().await.unwrap()))
}

#[tokio::test]
async fn each_task_has_its_own_result_in_the_order_of_the_request() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let draft = made(&house, &anna, new("draft")).await;
    let queued = made(&house, &anna, NewTask { start: true, ..new("queued") }).await;
    let absent: TaskId = house.database.ids().make();
    let ids = [queued.id, absent, draft.id];
    let (answer, seq) = changed(&house, &anna, &ids, BulkChange::of(BulkAction::Start)).await.unwrap();
    let told: Vec<(TaskId, bool, Option<Code>)> = answer
        .results
        .iter()
        .map(|result| (result.id, result.ok, result.problem.as_ref().map(|problem| problem.code)))
        .collect();
    assert_eq!(
        told,
        [
            (queued.id, false, Some(Code::Conflict)),
            (absent, false, Some(Code::NotFound)),
            (draft.id, true, None)
        ]
    );
    assert_eq!(answer.results[2].task.as_ref().unwrap().status, TaskStatus::Queued);
    assert!(seq.is_some(), "what succeeded is committed");
    let (again, _) = changed(&house, &anna, &ids, BulkChange::of(BulkAction::Cancel)).await.unwrap();
    assert_eq!(again.results.iter().filter(|result| result.ok).count(), 2);
}

#[tokio::test]
async fn fields_are_changed_in_all_and_nobody_can_be_assigned() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let me = anna.person.user();
    let one =
        made(&house, &anna, NewTask { labels: Some(vec!["old".to_owned(), "web".to_owned()]), ..new("one") })
            .await;
    let two = made(&house, &anna, NewTask { assignee_id: Some(me), ..new("two") }).await;
    let change = BulkChange {
        priority: Some(Priority::Urgent),
        assignee_id: Some(None),
        add_labels: vec!["new".to_owned()],
        remove_labels: vec!["old".to_owned()],
        ..BulkChange::default()
    };
    let (answer, _) = changed(&house, &anna, &[one.id, two.id], change).await.unwrap();
    let tasks: Vec<&Task> = answer.results.iter().map(|result| result.task.as_ref().unwrap()).collect();
    assert_eq!(tasks[0].labels, ["web", "new"]);
    assert_eq!(tasks[1].labels, ["new"]);
    assert!(tasks.iter().all(|task| task.priority == Priority::Urgent && task.assignee_id.is_none()));
}

#[tokio::test]
async fn a_delete_takes_what_may_go_and_says_what_may_not() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let draft = made(&house, &anna, new("draft")).await;
    let queued = made(&house, &anna, NewTask { start: true, ..new("queued") }).await;
    let (answer, _) =
        changed(&house, &anna, &[draft.id, queued.id], BulkChange::of(BulkAction::Delete)).await.unwrap();
    assert_eq!((answer.results[0].ok, answer.results[1].ok), (true, false));
    assert!(answer.results[1].problem.as_ref().unwrap().detail.contains("cancel it first"));
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    assert!(matches!(tasks::get(&mut tx, draft.id.into()).await, Err(TaskError::NotFound)));
    assert!(tasks::get(&mut tx, queued.id.into()).await.is_ok());
}

#[tokio::test]
async fn a_request_says_one_thing_to_a_bounded_number() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let id: TaskId = house.database.ids().make();
    let both = BulkChange { priority: Some(Priority::Low), ..BulkChange::of(BulkAction::Start) };
    for (ids, change, field) in [
        (vec![], BulkChange::of(BulkAction::Start), "ids"),
        (vec![id; BULK_LIMIT + 1], BulkChange::of(BulkAction::Start), "ids"),
        (vec![id], BulkChange::default(), "change"),
        (vec![id], both, "change"),
    ] {
        let refused = changed(&house, &anna, &ids, change).await;
        assert!(matches!(refused, Err(TaskError::Invalid { field: at, .. }) if at == field), "{field}");
    }
}
