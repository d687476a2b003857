//! Who is next, and what those that wait are told.

use super::record::{self, Ending, Held};
use super::*;
use crate::tasks::{self, TaskError};
use domain::Edit;
use domain::executions::{Evidence, Wait};
use domain::repositories::{NewRepository, RepositoryPatch};
use domain::settings::SettingsPatch;
use domain::tasks::{NewTask, Priority, TaskPatch, TaskStatus};
use tenancy::leases::Lease;
use testkit::{Signed, TestDatabase};
use uuid::Uuid;

const WORKER: Uuid = Uuid::from_u128(1);

async fn queued(house: &TestDatabase, of: &Signed, new: NewTask) -> (Task, ExecutionId) {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let new = NewTask { title: "work".to_owned(), start: true, ..new };
    let task = tasks::create(&mut tx, new).await.unwrap();
    let execution = list(&mut tx, task.id).await.unwrap().remove(0).id;
    tx.commit().await.unwrap();
    (task, execution)
}

async fn claim(house: &TestDatabase, limit: i64) -> Vec<Lease> {
    let mut tx = house.database.work().await.unwrap();
    let until = tx.now() + chrono::Duration::seconds(60);
    let leases = leases::claim(&mut tx, WORKER, until, limit).await.unwrap();
    tx.commit().await.unwrap();
    leases
}

async fn preempt(house: &TestDatabase) -> Vec<Lease> {
    let mut tx = house.database.work().await.unwrap();
    let until = tx.now() + chrono::Duration::seconds(60);
    let leases = leases::preempt(&mut tx, WORKER, until, 10).await.unwrap();
    tx.commit().await.unwrap();
    leases
}

fn ids(leases: &[Lease]) -> Vec<ExecutionId> {
    let mut ids: Vec<_> = leases.iter().map(Lease::execution).collect();
    ids.sort_unstable();
    ids
}

async fn end(house: &TestDatabase, of: &Signed, execution: ExecutionId, class: OutcomeClass) {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let outcome = Outcome { class, reason: "so".to_owned(), retryable: false, summary: String::new() };
    let ending = Ending { outcome, exit_code: Some(0), evidence: Evidence::default(), diff: None };
    let held = record::finish(&mut tx, execution, WORKER, ending).await.unwrap();
    assert!(matches!(held, Held::Yes { .. }));
    tx.commit().await.unwrap();
}

async fn waits_for(house: &TestDatabase, of: &Signed, execution: ExecutionId) -> Option<Wait> {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let execution = get(&mut tx, execution).await.unwrap();
    let progress = execution.progress.unwrap();
    if let Some(wait) = &progress.waits_for {
        assert_eq!(execution.detail, wait.to_string());
    }
    progress.waits_for
}

async fn change(house: &TestDatabase, of: &Signed, task: &Task, patch: TaskPatch) -> Result<Task, TaskError> {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let changed = tasks::update(&mut tx, task.id, patch).await?;
    tx.commit().await.unwrap();
    Ok(changed)
}

fn urgency(priority: Priority) -> NewTask {
    NewTask { priority: Some(priority), ..NewTask::default() }
}

#[tokio::test]
async fn a_full_workspace_never_starves_another() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    for _ in 0..40 {
        queued(&house, &a, urgency(Priority::Urgent)).await;
    }
    let (_, low) = queued(&house, &b, urgency(Priority::Low)).await;
    let first = claim(&house, 1).await;
    assert_eq!(first[0].workspace(), a.workspace.id, "none has any: the most urgent and oldest");
    assert_eq!(ids(&claim(&house, 1).await), [low], "B has nothing at work yet");
    assert_eq!(waits_for(&house, &b, low).await, None);
    // Of what is given away at once, too, each has its share.
    let (_, one) = queued(&house, &b, NewTask::default()).await;
    let (_, two) = queued(&house, &b, NewTask::default()).await;
    let given = claim(&house, 4).await;
    let of_b: Vec<_> = given.iter().filter(|lease| lease.workspace() == b.workspace.id).cloned().collect();
    assert_eq!(ids(&of_b), [one, two]);
}

#[tokio::test]
async fn in_a_workspace_urgency_decides_and_then_age() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (_, old) = queued(&house, &a, NewTask::default()).await;
    let (later, young) = queued(&house, &a, NewTask::default()).await;
    assert_eq!(waits_for(&house, &a, young).await, Some(Wait::Slot { before: 1 }));
    let patch = TaskPatch { priority: Some(Priority::Urgent), ..TaskPatch::default() };
    change(&house, &a, &later, patch).await.unwrap();
    assert_eq!(waits_for(&house, &a, young).await, Some(Wait::Slot { before: 0 }));
    assert_eq!(ids(&claim(&house, 1).await), [young]);
    assert_eq!(ids(&claim(&house, 5).await), [old]);
}

#[tokio::test]
async fn a_repository_takes_no_more_than_it_may() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let new = NewRepository { url: "/srv/web".to_owned(), max_running: Some(1), ..NewRepository::default() };
    let found = crate::repositories::Found::for_tests("main");
    let web = repositories::create(&mut tx, new, found).await.unwrap();
    tx.commit().await.unwrap();
    let on_web = || NewTask { repository: Some(web.id.to_string()), ..NewTask::default() };
    let (_, first) = queued(&house, &a, on_web()).await;
    let (_, second) = queued(&house, &a, on_web()).await;
    let (_, third) = queued(&house, &a, on_web()).await;
    let (_, other) = queued(&house, &a, NewTask::default()).await;
    let mut expected = vec![first, other];
    expected.sort_unstable();
    assert_eq!(ids(&claim(&house, 9).await), expected, "one of three, and what is not on it");
    assert_eq!(waits_for(&house, &a, second).await, Some(Wait::Repository { running: 1, limit: 1 }));
    end(&house, &a, first, OutcomeClass::Succeeded).await;
    assert_eq!(ids(&claim(&house, 9).await), [second]);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let patch = RepositoryPatch { max_running: Edit::Clear, ..RepositoryPatch::default() };
    repositories::update(&mut tx, web.id, patch, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids(&claim(&house, 9).await), [third], "without a limit");
}

#[tokio::test]
async fn what_is_blocked_waits_until_all_its_blockers_are_completed() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (one, first) = queued(&house, &a, NewTask::default()).await;
    let (two, second) = queued(&house, &a, NewTask::default()).await;
    let after = NewTask { blocked_by: Some(vec![one.id, two.id, one.id]), ..urgency(Priority::Urgent) };
    let (late, third) = queued(&house, &a, after).await;
    assert_eq!(late.blocked_by, [one.id, two.id], "each once");
    assert_eq!(waits_for(&house, &a, third).await, Some(Wait::Tasks { open: vec![1, 2], failed: vec![] }));
    let mut expected = vec![first, second];
    expected.sort_unstable();
    assert_eq!(ids(&claim(&house, 9).await), expected);
    end(&house, &a, first, OutcomeClass::Succeeded).await;
    end(&house, &a, second, OutcomeClass::Failed).await;
    assert_eq!(waits_for(&house, &a, third).await, Some(Wait::Tasks { open: vec![], failed: vec![2] }));
    assert_eq!(claim(&house, 9).await.len(), 0, "what failed blocks still");
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    tasks::retry(&mut tx, two.id).await.unwrap();
    tx.commit().await.unwrap();
    let again = claim(&house, 9).await;
    end(&house, &a, again[0].execution(), OutcomeClass::Succeeded).await;
    assert_eq!(ids(&claim(&house, 9).await), [third]);
}

#[tokio::test]
async fn a_blocker_can_be_taken_off_or_removed() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let one =
        tasks::create(&mut tx, NewTask { title: "one".to_owned(), ..NewTask::default() }).await.unwrap();
    tx.commit().await.unwrap();
    let after = || NewTask { blocked_by: Some(vec![one.id]), ..NewTask::default() };
    let (two, second) = queued(&house, &a, after()).await;
    let (three, third) = queued(&house, &a, after()).await;
    assert!(claim(&house, 9).await.is_empty());
    let patch = TaskPatch { blocked_by: Edit::Clear, version: Some(two.version), ..TaskPatch::default() };
    assert!(change(&house, &a, &two, patch).await.unwrap().blocked_by.is_empty());
    assert_eq!(ids(&claim(&house, 9).await), [second]);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    tasks::remove(&mut tx, one.id).await.unwrap();
    let freed = tasks::get(&mut tx, three.id.into()).await.unwrap();
    assert!(freed.blocked_by.is_empty() && freed.version > three.version);
    tx.commit().await.unwrap();
    assert_eq!(ids(&claim(&house, 9).await), [third]);
}

#[tokio::test]
async fn tasks_never_wait_for_each_other() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let (one, _) = queued(&house, &a, NewTask::default()).await;
    let after = |task: &Task| NewTask { blocked_by: Some(vec![task.id]), ..NewTask::default() };
    let (two, _) = queued(&house, &a, after(&one)).await;
    let (three, _) = queued(&house, &a, after(&two)).await;
    let (foreign, _) = queued(&house, &b, NewTask::default()).await;
    let many: Vec<_> = (0..21).map(|_| house.database.ids().make()).collect();
    for (wanted, why) in [
        (vec![three.id], "Task 3 waits for this task already"),
        (vec![one.id], "can't wait for itself"),
        (vec![foreign.id], "not here"),
        (many, "at most 20"),
    ] {
        let patch = TaskPatch { blocked_by: Edit::Set(wanted), ..TaskPatch::default() };
        let refused = change(&house, &a, &one, patch).await;
        let Err(TaskError::Invalid { field: "blocked_by", reason }) = refused else { panic!("{refused:?}") };
        assert!(reason.contains(why), "{reason}");
    }
    // Two changes at once that would close a cycle between them: one of them is refused.
    let (x, _) = queued(&house, &a, NewTask::default()).await;
    let (y, _) = queued(&house, &a, NewTask::default()).await;
    let wait = |other: &Task| TaskPatch { blocked_by: Edit::Set(vec![other.id]), ..TaskPatch::default() };
    let both = futures::future::join(change(&house, &a, &x, wait(&y)), change(&house, &a, &y, wait(&x)));
    let (first, second) = both.await;
    assert_ne!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
}

#[tokio::test]
async fn a_more_urgent_one_takes_a_slot_and_gives_it_back() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (_, slow) = queued(&house, &a, NewTask::default()).await;
    claim(&house, 1).await;
    let (_, urgent) = queued(&house, &a, urgency(Priority::Urgent)).await;
    assert!(preempt(&house).await.is_empty(), "off unless the workspace wants it");
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let patch = SettingsPatch { preempt: Some(true), ..SettingsPatch::default() };
    settings::update(&mut tx, patch).await.unwrap();
    tx.commit().await.unwrap();
    let moved = preempt(&house).await;
    let of = |execution: ExecutionId| moved.iter().find(|lease| lease.execution() == execution).unwrap();
    assert_eq!((moved.len(), of(slow).desired(), of(urgent).desired()), (2, Desired::Pause, Desired::Run));
    assert_eq!(waits_for(&house, &a, slow).await, Some(Wait::Preempted));
    let (_, other) = queued(&house, &a, urgency(Priority::Normal)).await;
    assert!(preempt(&house).await.is_empty(), "nothing that waits is more urgent than what runs");
    end(&house, &a, urgent, OutcomeClass::Succeeded).await;
    let resumed = claim(&house, 1).await;
    assert_eq!(
        (ids(&resumed), resumed[0].desired()),
        (vec![slow], Desired::Run),
        "by itself, before {other}"
    );
    assert_eq!(waits_for(&house, &a, slow).await, None);
}

#[tokio::test]
async fn what_a_person_paused_is_not_resumed_by_room() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let patch = SettingsPatch { preempt: Some(true), ..SettingsPatch::default() };
    settings::update(&mut tx, patch).await.unwrap();
    tx.commit().await.unwrap();
    let (task, slow) = queued(&house, &a, NewTask::default()).await;
    claim(&house, 1).await;
    let (_, urgent) = queued(&house, &a, urgency(Priority::Urgent)).await;
    assert_eq!(preempt(&house).await.len(), 2);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    steer(&mut tx, task.id, true).await.unwrap();
    tx.commit().await.unwrap();
    end(&house, &a, urgent, OutcomeClass::Succeeded).await;
    assert!(claim(&house, 9).await.is_empty());
    assert_eq!(waits_for(&house, &a, slow).await, None);
}

#[tokio::test]
async fn what_its_worker_abandoned_comes_first() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let (_, begun) = queued(&house, &a, urgency(Priority::Low)).await;
    claim(&house, 1).await;
    queued(&house, &b, urgency(Priority::Urgent)).await;
    let mut tx = house.database.work().await.unwrap();
    leases::release(&mut tx, WORKER).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids(&claim(&house, 1).await), [begun]);
}

#[tokio::test]
async fn short_memory_is_told() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let (_, first) = queued(&house, &a, NewTask::default()).await;
    let (_, second) = queued(&house, &a, NewTask::default()).await;
    let mut tx = house.database.work().await.unwrap();
    leases::note_short_of_memory(&mut tx, WORKER, 1).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(waits_for(&house, &a, first).await, Some(Wait::Memory));
    assert_eq!(waits_for(&house, &a, second).await, Some(Wait::Slot { before: 1 }));
    let task = TaskStatus::Queued;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    assert_eq!(active(&mut tx).await.unwrap().len(), tasks::counts(&mut tx).await.unwrap()[&task] as usize);
}
