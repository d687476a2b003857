//! Retries, what is left when they are used up, and panics.

use crate::kinds::{Fail, Panic, Say};
use crate::support::{enqueue, start, until};
use testkit::TestDatabase;

#[tokio::test]
async fn what_fails_once_is_tried_again() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Fail { times: 1 }).await;
    assert_eq!(worker.hear().await.attempt, 1);
    assert_eq!(worker.hear().await.attempt, 2);
    until(&test.database, 0, 0, 0).await;
    worker.stop().await;
}

#[tokio::test]
async fn what_has_used_up_its_attempts_is_listed_and_can_be_tried_again() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let bob = test.owner_of("bob").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Fail { times: 2 }).await;
    worker.hear().await;
    worker.hear().await;
    until(&test.database, 0, 0, 1).await;

    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    let listed = jobs::failed_of(&mut tx).await.unwrap();
    drop(tx);
    let [failed] = listed.as_slice() else { panic!("one job failed, and {listed:?} are listed") };
    assert_eq!((failed.name.as_str(), failed.attempts), ("tests.fail", 2));
    assert_eq!(failed.workspace, Some(ada.workspace.id));
    assert_eq!(failed.by, Some(ada.person.user()));
    assert_eq!(failed.error, "the host \"mail\" said no\n(twice)");
    let mut tx = test.database.work().await.unwrap();
    assert_eq!(jobs::failed(&mut tx).await.unwrap(), listed);
    drop(tx);

    // Another workspace neither sees nor touches it.
    let mut tx = test.database.begin(&bob.caller).await.unwrap();
    assert!(jobs::failed_of(&mut tx).await.unwrap().is_empty());
    assert!(!jobs::retry_of(&mut tx, failed.id).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    assert!(jobs::retry_of(&mut tx, failed.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(worker.hear().await.attempt, 1);
    worker.hear().await;
    until(&test.database, 0, 0, 1).await;

    let mut tx = test.database.work().await.unwrap();
    assert_eq!(jobs::forget(&mut tx, failed.at).await.unwrap(), 0, "it failed again after that");
    let later = tx.now() + chrono::Duration::days(1);
    assert_eq!(jobs::forget(&mut tx, later).await.unwrap(), 1);
    assert!(!jobs::retry(&mut tx, failed.id).await.unwrap());
    tx.commit().await.unwrap();
    worker.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_no_dead_worker() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Panic).await;
    until(&test.database, 0, 0, 1).await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    let listed = jobs::failed_of(&mut tx).await.unwrap();
    assert_eq!(listed.first().unwrap().error, "it panicked: what nobody thought of");
    drop(tx);
    enqueue(&test.database, &ada.caller, &Say { word: "alive".to_owned() }).await;
    assert_eq!(worker.hear().await.word, "alive");
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_comes_back_to_a_database_that_cut_its_connections() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Say { word: "before".to_owned() }).await;
    assert_eq!(worker.hear().await.word, "before");
    let mut owner = test.owner().await;
    let (cut,): (i64,) = sqlx::query_as(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert!(cut > 0);
    let after = test.another().await;
    enqueue(&after, &ada.caller, &Say { word: "after".to_owned() }).await;
    assert_eq!(worker.hear().await.word, "after");
    worker.stop().await;
}

#[tokio::test]
async fn arguments_of_another_version_fail_and_do_not_stop_the_worker() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    sqlx::query("SELECT enqueue_job('tests.say', '{\"letter\": 1}', NULL, 1, NULL)")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let worker = start(&test.database);
    until(&test.database, 0, 0, 1).await;
    let mut tx = test.database.work().await.unwrap();
    let listed = jobs::failed(&mut tx).await.unwrap();
    assert!(listed.first().unwrap().error.starts_with("its arguments can't be read"), "{listed:?}");
    drop(tx);
    worker.stop().await;
}
