use super::*;
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

fn column(board: &Board, wanted: Column) -> &Lane {
    board.lanes.iter().find(|lane| lane.column == Some(wanted)).unwrap()
}

#[tokio::test]
async fn a_column_has_a_first_page_and_counts_all() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    for number in 0..FIRST_PAGE + 5 {
        made(&house, &anna, new(&format!("draft {number}"))).await;
    }
    made(&house, &anna, NewTask { start: true, priority: Some(Priority::Low), ..new("low") }).await;
    made(&house, &anna, NewTask { start: true, priority: Some(Priority::Urgent), ..new("urgent") }).await;
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let board = read(&mut tx, &TaskFilter::default()).await.unwrap();
    let draft = column(&board, Column::Draft);
    assert_eq!((draft.items.len(), draft.total), (FIRST_PAGE as usize, i64::from(FIRST_PAGE) + 5));
    assert!(draft.next_cursor.is_some());
    let queued = column(&board, Column::Queued);
    let titles: Vec<&str> = queued.items.iter().map(|task| task.title.as_str()).collect();
    assert_eq!((titles, queued.total, &queued.next_cursor), (vec!["urgent", "low"], 2, &None));

    let next = TaskFilter { cursor: draft.next_cursor.clone(), ..of(Column::Draft, &TaskFilter::default()) };
    let rest = page(&mut tx, &next).await.unwrap();
    assert_eq!((rest.items.len(), rest.next_cursor), (5, None));
}

#[tokio::test]
async fn filters_narrow_the_counts_as_they_narrow_the_pages() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let me = anna.person.user();
    made(
        &house,
        &anna,
        NewTask { labels: Some(vec!["web".to_owned()]), assignee_id: Some(me), ..new("one") },
    )
    .await;
    made(&house, &anna, NewTask { labels: Some(vec!["web".to_owned()]), start: true, ..new("two") }).await;
    made(&house, &anna, new("three")).await;
    let filter = |change: fn(&mut TaskFilter)| {
        let mut filter = TaskFilter::default();
        change(&mut filter);
        filter
    };
    let cases = [
        (filter(|_| ()), 2, 1),
        (filter(|f| f.label = Some("web".to_owned())), 1, 1),
        (filter(|f| f.assignee = Some("me".to_owned())), 1, 0),
        (filter(|f| f.assignee = Some("none".to_owned())), 1, 1),
        (filter(|f| f.status = Some("queued".to_owned())), 0, 1),
        (filter(|f| f.q = Some("thr".to_owned())), 1, 0),
        (filter(|f| f.repository = Some("absent".to_owned())), 0, 0),
    ];
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    for (filter, draft, queued) in cases {
        let board = read(&mut tx, &filter).await.unwrap();
        for (wanted, expected) in [(Column::Draft, draft), (Column::Queued, queued)] {
            let column = column(&board, wanted);
            assert_eq!(
                (column.items.len(), column.total),
                (expected, expected as i64),
                "{wanted:?} {filter:?}"
            );
        }
    }
}

#[tokio::test]
async fn long_texts_are_cut_and_say_so() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let long = "å".repeat(FED_TEXT_LIMIT + 1);
    made(&house, &anna, NewTask { description: Some(long), script: Some("true".to_owned()), ..new("x") })
        .await;
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let board = read(&mut tx, &TaskFilter::default()).await.unwrap();
    let task = &column(&board, Column::Draft).items[0];
    assert_eq!((task.description.chars().count(), task.truncated), (FED_TEXT_LIMIT, true));
    assert_eq!(task.script, "true");
}

#[tokio::test]
async fn what_has_ended_says_what_it_came_to() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let task = made(&house, &anna, NewTask { start: true, ..new("x") }).await;
    let waiting = made(&house, &anna, NewTask { start: true, ..new("y") }).await;
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let cancelled = tasks::cancel(&mut tx, task.id).await.unwrap();
    assert_eq!(cancelled.status, TaskStatus::Cancelled);
    let glances = glances(&mut tx, &[task.id, waiting.id]).await.unwrap();
    assert_eq!(glances.len(), 1, "one has not ended");
    assert_eq!(
        (glances[0].task_id, glances[0].class),
        (task.id, domain::executions::OutcomeClass::Cancelled)
    );
    let many = vec![task.id; GLANCES_LIMIT + 1];
    assert!(super::glances(&mut tx, &many).await.is_err());
}
