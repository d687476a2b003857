//! What comes of what a script does.

use super::workshop::{Action, Workshop, output};
use backend::executions as facade;
use domain::executions::{EventBody, ExecutionStatus, FileStatus, OutcomeClass, Stream};
use domain::tasks::TaskStatus;

#[tokio::test]
async fn a_script_runs_in_its_worktree_and_leaves_evidence() {
    let shop = Workshop::open().await;
    let repository = shop.repository("echo ready > .setup").await;
    let worker = shop.work(2);
    let script = "cat README.md\necho warn >&2\necho more >> README.md\necho new > new.txt\nfalse || true";
    let (task, execution) = shop.start(script, Some(&repository)).await;
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.as_ref().unwrap().class, OutcomeClass::Succeeded, "{events:#?}");
    assert_eq!((ended.status, ended.exit_code), (ExecutionStatus::Succeeded, Some(0)));
    assert_eq!(output(&events, Stream::Stdout), "# Web\n");
    assert_eq!(output(&events, Stream::Stderr), "warn\n");
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("# Web\n", "warn\n"));
    assert!(!ended.isolation.is_empty(), "it says what held it");
    assert!(ended.evidence.commands.iter().any(|command| command.command.contains("cat README.md")));
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let diff = facade::diff(&mut tx, execution.id).await.unwrap();
    let files: Vec<_> = diff.files.iter().map(|file| (file.path.as_str(), file.status)).collect();
    assert!(
        files.contains(&("README.md", FileStatus::Modified))
            && files.contains(&("new.txt", FileStatus::Added))
    );
    assert_eq!(ended.evidence.files_changed, u64::try_from(files.len()).unwrap());
    let task = shop.task(&task).await;
    assert_eq!(task.status, TaskStatus::Completed);
    assert!(task.started_at.is_some() && task.completed_at.is_some());
    worker.stop().await;
}

#[tokio::test]
async fn outcomes_follow_from_what_happened() {
    let shop = Workshop::open().await;
    let worker = shop.work(2);
    let cases = [
        ("", OutcomeClass::Empty, TaskStatus::Failed),
        ("echo hello", OutcomeClass::Succeeded, TaskStatus::Completed),
        ("echo before\nexit 3\necho after", OutcomeClass::Failed, TaskStatus::Failed),
        ("cat nothing-here | wc -l", OutcomeClass::Failed, TaskStatus::Failed),
        ("printf 'a\\000b'", OutcomeClass::Succeeded, TaskStatus::Completed),
    ];
    for (script, class, status) in cases {
        let (task, execution) = shop.start(script, None).await;
        let (ended, events) = shop.ended(&execution).await;
        assert_eq!(ended.outcome.unwrap().class, class, "{script:?} {events:#?}");
        assert_eq!(shop.task(&task).await.status, status, "{script:?}");
    }
    worker.stop().await;
}

#[tokio::test]
async fn cancelling_stops_what_runs_to_the_last_grandchild() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let script = "trap '' TERM\n(trap '' TERM; while true; do sleep 1; done) &\necho begun\nwhile true; do sleep 1; done";
    let (task, execution) = shop.start(script, None).await;
    shop.until(
        &execution,
        |body| matches!(body, EventBody::ToolOutput { text, .. } if text.contains("begun")),
    )
    .await;
    shop.act(&task, Action::Cancel).await;
    let (ended, _) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Cancelled);
    assert_eq!(shop.task(&task).await.status, TaskStatus::Cancelled);
    worker.stop().await;
}

#[tokio::test]
async fn the_queue_goes_by_priority_and_by_slots() {
    let shop = Workshop::open().await;
    let (_, first) = shop.start("echo first", None).await;
    let (urgent_task, urgent) = shop.start("echo urgent", None).await;
    let mut tx = shop.house.database.begin(&shop.owner.caller).await.unwrap();
    let patch = domain::tasks::TaskPatch {
        priority: Some(domain::tasks::Priority::Urgent),
        ..domain::tasks::TaskPatch::default()
    };
    backend::tasks::update(&mut tx, urgent_task.id, patch).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(shop.execution(&urgent).await.detail, "next in the queue");
    assert_eq!(shop.execution(&first).await.detail, "1 before it in the queue");
    let worker = shop.work(1);
    let (first, _) = shop.ended(&first).await;
    let (urgent, _) = shop.ended(&urgent).await;
    assert!(urgent.completed_at <= first.started_at, "one slot, the urgent one first");
    worker.stop().await;
}

#[tokio::test]
async fn a_paused_task_says_nothing_until_it_is_resumed() {
    let shop = Workshop::open().await;
    let worker = shop.work(1);
    let script = "echo begun\nfor n in $(seq 1 400); do echo $n; sleep 0.02; done";
    let (task, execution) = shop.start(script, None).await;
    shop.until(&execution, |body| matches!(body, EventBody::ToolOutput { .. })).await;
    shop.act(&task, Action::Pause).await;
    let paused = |body: &EventBody| matches!(body, EventBody::Status { status: ExecutionStatus::Paused, .. });
    shop.until(&execution, paused).await;
    assert_eq!(shop.task(&task).await.status, TaskStatus::Paused);
    let before = shop.events(&execution).await.len();
    // Its slot is free meanwhile: another task runs to its end.
    let (_, other) = shop.start("echo other", None).await;
    shop.ended(&other).await;
    assert_eq!(shop.events(&execution).await.len(), before, "it stood still");
    shop.act(&task, Action::Resume).await;
    let (ended, events) = shop.ended(&execution).await;
    assert_eq!(ended.outcome.unwrap().class, OutcomeClass::Succeeded);
    assert!(output(&events, Stream::Stdout).ends_with("399\n400\n"));
    worker.stop().await;
}

#[tokio::test]
async fn a_repository_that_is_gone_is_one_clear_sentence() {
    let shop = Workshop::open().await;
    let repository = shop.repository("").await;
    std::fs::remove_dir_all(shop.roots.path().join("web")).unwrap();
    let worker = shop.work(1);
    let (task, execution) = shop.start("echo never", Some(&repository)).await;
    let (ended, _) = shop.ended(&execution).await;
    let outcome = ended.outcome.unwrap();
    assert_eq!((outcome.class, outcome.reason.as_str()), (OutcomeClass::Failed, "The path does not exist."));
    assert_eq!(shop.task(&task).await.status, TaskStatus::Failed);
    worker.stop().await;
}
