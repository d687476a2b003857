use super::*;
use crate::comments;
use crate::tasks;
use domain::comments::NewComment;
use domain::tasks::{NewTask, Priority, TaskPatch};
use testkit::TestDatabase;

#[tokio::test]
async fn what_is_done_is_written_down_and_read_page_by_page() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let new = NewTask { title: "x".to_owned(), ..NewTask::default() };
    let task = tasks::create(&mut tx, new).await.unwrap();
    let patch =
        TaskPatch { title: Some("y".to_owned()), priority: Some(Priority::High), ..TaskPatch::default() };
    tasks::update(&mut tx, task.id, patch.clone()).await.unwrap();
    tasks::update(&mut tx, task.id, patch).await.unwrap();
    tasks::start(&mut tx, task.id).await.unwrap();
    let line = NewComment {
        text: "why?".to_owned(),
        path: Some("src/a.rs".to_owned()),
        line: Some(7),
        ..NewComment::default()
    };
    comments::create(&mut tx, task.id, line).await.unwrap();
    tasks::cancel(&mut tx, task.id).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let first = list(&mut tx, task.id, 3, "").await.unwrap();
    let rest = list(&mut tx, task.id, 3, first.next_cursor.as_deref().unwrap()).await.unwrap();
    assert_eq!(rest.next_cursor, None);
    let all: Vec<_> = first.items.iter().chain(&rest.items).collect();
    let kinds: Vec<_> = all.iter().map(|one| (one.kind, one.detail.as_str())).collect();
    let expected = [
        (ActivityKind::Cancelled, ""),
        (ActivityKind::Commented, "src/a.rs:7"),
        (ActivityKind::Started, ""),
        (ActivityKind::Edited, "title,priority"),
        (ActivityKind::Created, ""),
    ];
    assert_eq!(kinds, expected, "what changed nothing is nothing");
    assert!(all.iter().all(|one| one.by == Some(a.person.user())));
    for (limit, cursor) in [(0, ""), (ACTIVITY_LIMIT + 1, ""), (3, "x")] {
        assert!(matches!(list(&mut tx, task.id, limit, cursor).await, Err(ActivityError::Invalid { .. })));
    }
    drop(tx);
    let mut tx = house.database.begin(&b.caller).await.unwrap();
    assert!(list(&mut tx, task.id, 3, "").await.unwrap().items.is_empty());
}
