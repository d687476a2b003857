use super::*;
use domain::comments::Side;
use domain::tasks::NewTask;
use testkit::TestDatabase;

fn say(text: &str) -> NewComment {
    NewComment { text: text.to_owned(), ..NewComment::default() }
}

async fn task(tx: &mut TenantTx, start: bool) -> TaskId {
    let new = NewTask { title: "x".to_owned(), start, ..NewTask::default() };
    tasks::create(tx, new).await.unwrap().id
}

#[tokio::test]
async fn comments_are_kept_in_order_and_once() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let task = task(&mut tx, true).await;
    let execution = executions::list(&mut tx, task).await.unwrap()[0].id;
    let id = Some(tx.ids().make());
    let first = create(&mut tx, task, NewComment { id, ..say("first") }).await.unwrap();
    let line = NewComment {
        path: Some("src/lib.rs".to_owned()),
        line: Some(7),
        execution: Some(execution),
        ..say("  why?  ")
    };
    let second = create(&mut tx, task, line).await.unwrap();
    assert_eq!((second.text.as_str(), second.side), ("why?", Some(Side::New)));
    assert_eq!(create(&mut tx, task, NewComment { id, ..say("again") }).await.unwrap(), first);
    assert_eq!(list(&mut tx, task).await.unwrap(), [first.clone(), second.clone()]);
    remove(&mut tx, first.id).await.unwrap();
    assert!(matches!(remove(&mut tx, first.id).await, Err(CommentError::NotFound)));
    assert_eq!(list(&mut tx, task).await.unwrap(), [second]);
}

#[tokio::test]
async fn what_the_feed_shows_is_what_rest_gives() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let task = task(&mut tx, false).await;
    let new = NewComment { path: Some("a".to_owned()), line: Some(1), side: Some(Side::Old), ..say("x") };
    let comment = create(&mut tx, task, new).await.unwrap();
    let json: serde_json::Value =
        sqlx::query_scalar("SELECT row_image(c) FROM comments c").fetch_one(tx.conn()).await.unwrap();
    let fed: Comment = serde_json::from_value(json).unwrap();
    // PostgreSQL keeps microseconds.
    assert_eq!(fed.created_at.timestamp_micros(), comment.created_at.timestamp_micros());
    assert_eq!(Comment { created_at: comment.created_at, ..fed }, comment);
}

#[tokio::test]
async fn only_who_wrote_it_or_runs_the_workspace_takes_it_back() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let member = house.sign_up("m@example.com", "a", Role::Member).await;
    let viewer = house.sign_up("v@example.com", "a", Role::Viewer).await;
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    let task = task(&mut tx, false).await;
    let by_owner = create(&mut tx, task, say("by the owner")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&member.caller).await.unwrap();
    let by_member = create(&mut tx, task, say("by a member")).await.unwrap();
    assert!(matches!(remove(&mut tx, by_owner.id).await, Err(CommentError::Conflict(_))));
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&viewer.caller).await.unwrap();
    assert_eq!(list(&mut tx, task).await.unwrap().len(), 2);
    assert!(matches!(create(&mut tx, task, say("x")).await, Err(CommentError::Forbidden(_))));
    assert!(matches!(remove(&mut tx, by_member.id).await, Err(CommentError::Forbidden(_))));
    drop(tx);
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    remove(&mut tx, by_member.id).await.unwrap();
}

#[tokio::test]
async fn another_workspaces_task_and_anothers_execution_are_not_there() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (theirs, other) = (task(&mut tx, false).await, task(&mut tx, true).await);
    let execution = Some(executions::list(&mut tx, other).await.unwrap()[0].id);
    let refused = create(&mut tx, theirs, NewComment { execution, ..say("x") }).await;
    assert!(matches!(refused, Err(CommentError::Invalid { field: "execution", .. })));
    let comment = create(&mut tx, theirs, say("x")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&b.caller).await.unwrap();
    assert!(matches!(create(&mut tx, theirs, say("x")).await, Err(CommentError::NotFound)));
    assert!(matches!(list(&mut tx, theirs).await, Err(CommentError::NotFound)));
    assert!(matches!(remove(&mut tx, comment.id).await, Err(CommentError::NotFound)));
}
