//! The change feed: nothing unseen, nothing twice, no gap, in the order of commits.

use backend::tasks;
use domain::tasks::{NewTask, Task, TaskPatch};
use domain::{Change, Operation};
use sqlx::{AssertSqlSafe, Row};
use tenancy::feed::{History, history};
use testkit::{Signed, TestDatabase};

async fn create(house: &TestDatabase, signed: &Signed, title: &str) -> (Task, i64) {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let new = NewTask { title: title.to_owned(), ..NewTask::default() };
    let task = tasks::create(&mut tx, new).await.unwrap();
    let seq = tx.commit().await.unwrap().expect("a task is fed");
    (task, seq)
}

async fn past(house: &TestDatabase, signed: &Signed, after: i64) -> History {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    history(&mut tx, after, 10_000).await.unwrap()
}

#[tokio::test]
async fn a_change_is_the_resource_as_rest_gives_it() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (task, seq) = create(&house, &a, "Æbler \u{1f34f} \"quoted\"").await;
    let past = past(&house, &a, 0).await;
    let change = &past.items[0];
    assert_eq!((change.seq, seq, past.head), (1, 1, 1), "the first of a workspace is 1");
    assert_eq!((change.entity.as_str(), change.op, change.id.0), ("task", Operation::Insert, task.id.0));
    assert_eq!(change.by, Some(a.person.user()));
    assert_eq!(serde_json::from_value::<Task>(change.row.clone()).unwrap(), task);
}

#[tokio::test]
async fn long_text_is_cut_in_the_feed_and_says_so() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    // The worst that the limits allow: characters that JSON writes with six bytes each.
    let new = NewTask {
        title: "\u{1}".repeat(200),
        description: Some("\u{1}".repeat(60_000)),
        script: Some("\u{1}".repeat(60_000)),
        labels: Some((0..10).map(|place| format!("{place}{}", "\u{1}".repeat(39))).collect()),
        ..NewTask::default()
    };
    tasks::create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    let change = past(&house, &a, 0).await.items.remove(0);
    let bytes = serde_json::to_vec(&change).unwrap().len();
    assert!(bytes < 16 * 1024, "{bytes} bytes");
    assert!(serde_json::from_value::<Task>(change.row).unwrap().truncated);
}

#[tokio::test]
async fn many_writers_leave_no_gap_and_every_commit_knows_its_place() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let writes = (0..40).map(|place| {
        let (house, a) = (&house, &a);
        async move {
            if place % 4 == 0 {
                let mut tx = house.database.begin(&a.caller).await.unwrap();
                let new = NewTask { title: "rolled back".to_owned(), ..NewTask::default() };
                tasks::create(&mut tx, new).await.unwrap();
                return None;
            }
            Some(create(house, a, &format!("task {place}")).await)
        }
    });
    let kept: Vec<(Task, i64)> = futures::future::join_all(writes).await.into_iter().flatten().collect();
    let items = past(&house, &a, 0).await.items;
    assert_eq!(items.iter().map(|change| change.seq).collect::<Vec<_>>(), (1..=30).collect::<Vec<_>>());
    for (task, seq) in kept {
        let change = items.iter().find(|change| change.id.0 == task.id.0).unwrap();
        assert_eq!(change.seq, seq);
    }
}

#[tokio::test]
async fn whoever_writes_is_seen_and_nothing_is_not() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (task, _) = create(&house, &a, "x").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let same = TaskPatch { title: Some("x".to_owned()), ..TaskPatch::default() };
    tasks::update(&mut tx, task.id, same).await.unwrap();
    assert_eq!(tx.commit().await.unwrap(), None);
    let mut owner = house.owner().await;
    for by_hand in [
        "UPDATE tasks SET title = title",
        "UPDATE tasks SET title = 'by hand'",
        "INSERT INTO tasks (workspace_id, id, number, title, description, priority, status, agent, script, labels,
                            created_at, updated_at, version)
         SELECT workspace_id, gen_random_uuid(), 100 + n, 'bulk', '', 'low', 'draft', 'shell', '', '{}', now(), now(), 1
         FROM tasks, generate_series(1, 700) n",
        "DELETE FROM tasks WHERE title = 'by hand'",
    ] {
        sqlx::raw_sql(AssertSqlSafe(by_hand.to_owned())).execute(&mut owner).await.unwrap();
    }
    let items = past(&house, &a, 1).await.items;
    let ops: Vec<Operation> = items.iter().map(|change| change.op).collect();
    assert_eq!(ops.len(), 702);
    assert_eq!((ops[0], ops[1], ops[701]), (Operation::Update, Operation::Insert, Operation::Delete));
    assert_eq!(items[701].row["title"], "by hand", "a deleted row as it last was");
    assert!(items.iter().zip(2..).all(|(change, seq)| change.seq == seq));
    let left = sqlx::query("SELECT (SELECT count(*) FROM feed_pending) + (SELECT count(*) FROM feed_marks)");
    assert_eq!(left.fetch_one(&mut owner).await.unwrap().get::<i64, _>(0), 0);
}

#[tokio::test]
async fn one_transaction_over_two_workspaces_numbers_both() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    create(&house, &a, "x").await;
    create(&house, &b, "x").await;
    let mut owner = house.owner().await;
    sqlx::raw_sql("UPDATE tasks SET title = 'both'").execute(&mut owner).await.unwrap();
    for signed in [&a, &b] {
        let past = past(&house, signed, 0).await;
        assert_eq!((past.head, past.items.len()), (2, 2));
    }
}

#[tokio::test]
async fn history_knows_what_it_can_reach() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    assert!(past(&house, &a, 0).await.reaches(0), "an empty feed can be read from its beginning");
    for _ in 0..5 {
        create(&house, &a, "x").await;
    }
    let mut tx = house.database.work().await.unwrap();
    let tomorrow = tx.now() + chrono::Duration::days(1);
    assert_eq!(tenancy::feed::trim(&mut tx, tomorrow).await.unwrap(), 4);
    tx.commit().await.unwrap();
    let rest = past(&house, &a, 0).await;
    assert_eq!((rest.oldest, rest.head), (5, 5));
    for (after, reached) in [(0, false), (3, false), (4, true), (5, true), (6, false)] {
        assert_eq!(rest.reaches(after), reached, "{after}");
    }
}

/// Takes from a subscription until the seq is reached.
async fn until(subscription: &mut tenancy::feed::Subscription, seq: i64) -> Vec<Change> {
    let mut seen = Vec::new();
    while seen.last().is_none_or(|change: &Change| change.seq < seq) {
        let batch = subscription.next().await.expect("not behind").expect("not stopped");
        seen.extend(batch.iter().map(|fed| fed.change.clone()));
    }
    seen
}

#[tokio::test]
async fn a_subscription_goes_on_where_its_history_ends() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    create(&house, &a, "before").await;
    let writer = async {
        for place in 0..30 {
            create(&house, &a, &format!("task {place}")).await;
        }
    };
    let readers = (0..5).map(|_| async {
        let mut subscription = house.database.feed().subscribe(a.workspace.id).await.unwrap();
        let mut seqs: Vec<i64> = past(&house, &a, 0).await.items.iter().map(|change| change.seq).collect();
        let known = seqs.last().copied().unwrap_or(0);
        if known < 31 {
            let live = until(&mut subscription, 31).await;
            seqs.extend(live.iter().map(|change| change.seq).filter(|seq| *seq > known));
        }
        assert_eq!(seqs, (1..=31).collect::<Vec<_>>());
    });
    tokio::join!(writer, futures::future::join_all(readers));
}

#[tokio::test]
async fn another_process_and_another_workspace() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let elsewhere = house.another().await;
    let mut of_a = elsewhere.feed().subscribe(a.workspace.id).await.unwrap();
    create(&house, &b, "not yours").await;
    let (task, seq) = create(&house, &a, "yours").await;
    let seen = until(&mut of_a, seq).await;
    assert_eq!((seen.len(), seen[0].id.0), (1, task.id.0));
    elsewhere.close().await;
}
