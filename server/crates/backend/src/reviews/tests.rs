use super::*;
use domain::comments::{NewComment, Side};
use domain::session::Role;
use domain::tasks::{Agent, TaskStatus};
use testkit::TestDatabase;

async fn task(tx: &mut TenantTx, agent: Agent) -> (Task, ExecutionId) {
    let new = NewTask {
        title: "Fix it".to_owned(),
        agent: Some(agent),
        script: Some("make".to_owned()),
        start: true,
        ..NewTask::default()
    };
    let task = tasks::create(tx, new).await.unwrap();
    let execution = executions::list(tx, task.id).await.unwrap()[0].id;
    (task, execution)
}

async fn say(tx: &mut TenantTx, of: (TaskId, ExecutionId), path: &str, line: i64, text: &str) {
    let new = NewComment {
        path: Some(path.to_owned()),
        line: Some(line),
        side: Some(if line == 9 { Side::Old } else { Side::New }),
        execution: Some(of.1),
        text: text.to_owned(),
        ..NewComment::default()
    };
    comments::create(tx, of.0, new).await.unwrap();
}

#[tokio::test]
async fn what_was_said_to_a_script_becomes_a_task_once() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (first, execution) = task(&mut tx, Agent::Shell).await;
    let nothing = send(&mut tx, execution, NewReview::default()).await;
    assert!(matches!(nothing, Err(CommentError::Conflict(reason)) if reason.contains("nothing was said")));
    for (path, line, text) in [("b.rs", 3, "why?"), ("a.rs", 9, "keep this"), ("a.rs", 2, "two\nlines")] {
        say(&mut tx, (first.id, execution), path, line, text).await;
    }
    let on_the_task = NewComment { text: "well done".to_owned(), ..NewComment::default() };
    comments::create(&mut tx, first.id, on_the_task).await.unwrap();
    let id = Some(tx.ids().make());
    let sent = send(&mut tx, execution, NewReview { id }).await.unwrap();
    assert_eq!((sent.to, sent.comments), (ReviewTo::FollowUp, 3));
    assert_eq!(sent.task.title, "Follow-up on 1: Fix it");
    assert_eq!((sent.task.status, sent.task.script.as_str()), (TaskStatus::Draft, "make"));
    let said = "Comments on what run 1 of task 1 changed.\n\na.rs\n- line 2: two\n  lines\n\
                - line 9 as it was: keep this\n\nb.rs\n- line 3: why?\n";
    assert_eq!(sent.task.description, said);
    let again = send(&mut tx, execution, NewReview { id }).await.unwrap();
    assert_eq!(again.task.id, sent.task.id, "the same order twice is one task");
}

#[tokio::test]
async fn an_agent_that_listens_is_told_or_runs_again_to_be_told() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (first, execution) = task(&mut tx, Agent::Custom).await;
    say(&mut tx, (first.id, execution), "a.rs", 2, "why?").await;
    let told = send(&mut tx, execution, NewReview::default()).await.unwrap();
    assert_eq!((told.to, told.task.id), (ReviewTo::Told, first.id));
    tasks::cancel(&mut tx, first.id).await.unwrap();
    let retried = send(&mut tx, execution, NewReview::default()).await.unwrap();
    assert_eq!((retried.to, retried.task.status), (ReviewTo::Retried, TaskStatus::Queued));
    let runs = executions::list(&mut tx, first.id).await.unwrap();
    assert_eq!(runs.len(), 2);
    let waiting = asks::deliveries_for_tests(&mut tx, runs[0].id).await;
    assert!(
        matches!(&waiting[..], [agents::Delivery::Message { text, .. }] if text.contains("line 2: why?"))
    );
}

#[tokio::test]
async fn a_viewer_and_another_workspace_send_nothing() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let viewer = house.sign_up("v@example.com", "a", Role::Viewer).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let (first, execution) = task(&mut tx, Agent::Shell).await;
    say(&mut tx, (first.id, execution), "a.rs", 2, "why?").await;
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&viewer.caller).await.unwrap();
    assert!(matches!(send(&mut tx, execution, NewReview::default()).await, Err(CommentError::Forbidden(_))));
    drop(tx);
    let mut tx = house.database.begin(&b.caller).await.unwrap();
    assert!(matches!(send(&mut tx, execution, NewReview::default()).await, Err(CommentError::NotFound)));
}
