use super::*;
use domain::executions::ExecutionStatus;
use testkit::{Signed, TestDatabase};

fn new(title: &str) -> NewTask {
    NewTask { title: title.to_owned(), ..NewTask::default() }
}

async fn made(house: &TestDatabase, signed: &Signed, new: NewTask) -> Task {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let task = create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    task
}

#[tokio::test]
async fn numbers_count_up_in_each_workspace() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    for expected in 1..=3 {
        assert_eq!(made(&house, &a, new("x")).await.number, expected);
    }
    assert_eq!(made(&house, &b, new("x")).await.number, 1);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    create(&mut tx, new("dropped")).await.unwrap();
    drop(tx);
    assert_eq!(made(&house, &a, new("x")).await.number, 4, "a roll-back leaves no gap");
}

#[tokio::test]
async fn numbers_are_unique_when_many_come_at_once() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let all = futures::future::join_all((0..20).map(|_| made(&house, &a, new("x")))).await;
    let mut numbers: Vec<i64> = all.iter().map(|task| task.number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_same_id_again_is_the_same_task() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let id = Some(house.database.ids().make());
    let first = made(&house, &a, NewTask { id, ..new("first") }).await;
    let again = made(&house, &a, NewTask { id, ..new("second") }).await;
    assert_eq!(again, first);
}

#[tokio::test]
async fn starting_queues_an_execution_and_cancelling_takes_it_back_at_once() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let task = made(&house, &a, NewTask { start: true, ..new("x") }).await;
    assert_eq!(task.status, TaskStatus::Queued);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let queued = executions::list(&mut tx, task.id).await.unwrap();
    assert_eq!((queued.len(), queued[0].status), (1, ExecutionStatus::Queued));
    assert!(matches!(start(&mut tx, task.id).await, Err(TaskError::Conflict(_))), "it is queued already");
    let cancelled = cancel(&mut tx, task.id).await.unwrap();
    assert_eq!(cancelled.status, TaskStatus::Cancelled);
    let ended = executions::get(&mut tx, queued[0].id).await.unwrap();
    assert_eq!(ended.status, ExecutionStatus::Cancelled);
    let page = executions::events(&mut tx, ended.id, 0, 100).await.unwrap();
    assert!(page.finished && page.items.len() == 1);
    let retried = retry(&mut tx, task.id).await.unwrap();
    assert_eq!((retried.status, retried.completed_at), (TaskStatus::Queued, None));
    assert_eq!(executions::list(&mut tx, task.id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn two_edits_of_one_field_conflict_and_of_two_fields_do_not() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let task = made(&house, &a, new("first")).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let patch = |change: fn(&mut TaskPatch), version| {
        let mut patch = TaskPatch { version, ..TaskPatch::default() };
        change(&mut patch);
        patch
    };
    let seen = Some(task.version);
    let one = update(&mut tx, task.id, patch(|p| p.title = Some("mine".to_owned()), seen)).await.unwrap();
    assert_eq!(one.version, task.version + 1);
    let two = update(&mut tx, task.id, patch(|p| p.priority = Some(Priority::Urgent), seen)).await.unwrap();
    assert_eq!((two.title.as_str(), two.priority), ("mine", Priority::Urgent));
    let third = update(&mut tx, task.id, patch(|p| p.title = Some("yours".to_owned()), seen)).await;
    let Err(TaskError::Changed(conflicts)) = third else { panic!("{third:?}") };
    assert_eq!((conflicts[0].field.as_str(), &conflicts[0].theirs), ("title", &"mine".into()));
    let last = update(&mut tx, task.id, patch(|p| p.title = Some("last".to_owned()), None)).await.unwrap();
    assert_eq!(last.title, "last", "without a version the last writer wins");
    let same = update(&mut tx, task.id, patch(|p| p.title = Some("last".to_owned()), None)).await.unwrap();
    assert_eq!(same.version, last.version, "nothing changed");
}

#[tokio::test]
async fn pages_follow_each_other_in_every_order() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    for (place, priority) in Priority::ALL.iter().cycle().take(11).enumerate() {
        made(&house, &a, NewTask { priority: Some(*priority), ..new(&format!("task {place}")) }).await;
    }
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    for sort in ["created_at", "-created_at", "updated_at", "-number", "number", "priority", "-priority"] {
        let mut filter = TaskFilter { sort: Some(sort.to_owned()), limit: Some(3), ..TaskFilter::default() };
        let mut seen = Vec::new();
        loop {
            let page = list(&mut tx, &filter).await.unwrap();
            assert!(page.items.len() <= 3);
            seen.extend(page.items.iter().map(|task| (task.number, task.priority)));
            filter.cursor = page.next_cursor;
            if filter.cursor.is_none() {
                break;
            }
        }
        let mut numbers: Vec<i64> = seen.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers.len(), 11, "{sort}");
        if sort == "-priority" {
            assert!(seen.windows(2).all(|pair| pair[0].1 >= pair[1].1), "most urgent first: {seen:?}");
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 11, "{sort}: none twice");
    }
}

#[tokio::test]
async fn search_takes_what_people_type() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    made(&house, &a, NewTask { description: Some("100% of logins".to_owned()), ..new("Fix the redirect") })
        .await;
    made(&house, &a, new("Tidy")).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    for (words, found) in
        [("redirect FIX", 1), ("100%", 1), ("%", 1), ("_", 0), ("2", 1), ("#2", 1), ("nothing", 0)]
    {
        let filter = TaskFilter { q: Some(words.to_owned()), ..TaskFilter::default() };
        assert_eq!(list(&mut tx, &filter).await.unwrap().items.len(), found, "{words}");
    }
}

#[tokio::test]
async fn a_viewer_reads_and_does_nothing_else() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let task = made(&house, &a, new("x")).await;
    let viewer = house.sign_up("viewer@a.example", "a", domain::session::Role::Viewer).await;
    let mut tx = house.database.begin(&viewer.caller).await.unwrap();
    assert_eq!(get(&mut tx, task.id.into()).await.unwrap(), task);
    assert!(matches!(create(&mut tx, new("y")).await, Err(TaskError::Forbidden(_))));
    assert!(matches!(start(&mut tx, task.id).await, Err(TaskError::Forbidden(_))));
    assert!(matches!(remove(&mut tx, task.id).await, Err(TaskError::Forbidden(_))));
}

#[tokio::test]
async fn only_what_is_settled_can_be_removed() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let task = made(&house, &a, NewTask { start: true, ..new("x") }).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    assert!(matches!(remove(&mut tx, task.id).await, Err(TaskError::Conflict(_))));
    cancel(&mut tx, task.id).await.unwrap();
    remove(&mut tx, task.id).await.unwrap();
    assert!(matches!(get(&mut tx, task.id.into()).await, Err(TaskError::NotFound)));
    tx.commit().await.unwrap();
}
