//! Who may add what to the queue, and for whom it runs.

use crate::kinds::Say;
use crate::support::{PATIENCE, counts, enqueue, start, until};
use domain::session::Role;
use jobs::{Counts, Order};
use sqlx::AssertSqlSafe;
use tenancy::Actor;
use testkit::TestDatabase;

fn say(word: &str) -> Say {
    Say { word: word.to_owned() }
}

#[tokio::test]
async fn a_job_joins_the_transaction_that_causes_it() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    jobs::enqueue(&mut tx, &say("never")).await.unwrap();
    drop(tx);
    enqueue(&test.database, &ada.caller, &say("kept")).await;
    assert_eq!(counts(&test.database).await, Counts { waiting: 1, running: 0, failed: 0 });
    let mut worker = start(&test.database);
    assert_eq!(worker.hear().await.word, "kept");
    until(&test.database, 0, 0, 0).await;
    worker.stop().await;
}

#[tokio::test]
async fn it_works_as_the_system_in_its_workspace_for_whoever_caused_it() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let bob = test.owner_of("bob").await;
    let mut worker = start(&test.database);
    for somebody in [&ada, &bob] {
        enqueue(&test.database, &somebody.caller, &say("hello")).await;
        let caller = worker.hear().await.caller.unwrap();
        assert_eq!(caller.workspace(), somebody.workspace.id);
        assert_eq!(caller.actor(), Actor::Job { by: Some(somebody.person.user()) });
        assert_eq!(caller.role(), Role::System);
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_backlog_runs_without_waiting_for_the_clock() {
    const BACKLOG: usize = 1_000;
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    for number in 0..BACKLOG {
        jobs::enqueue(&mut tx, &say(&number.to_string())).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut worker = start(&test.database);
    // Four at each look of the clock would take minutes.
    let all = tokio::time::timeout(PATIENCE, async {
        let mut words = std::collections::HashSet::new();
        while words.len() < BACKLOG {
            words.insert(worker.hear().await.word);
        }
    });
    all.await.expect("a free place looks for more at once");
    worker.stop().await;
    assert_eq!(counts(&test.database).await, Counts { waiting: 0, running: 0, failed: 0 });
}

#[tokio::test]
async fn a_key_replaces_what_waits_in_the_same_workspace_alone() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let bob = test.owner_of("bob").await;
    for (caller, word) in [(&ada.caller, "first"), (&ada.caller, "second"), (&bob.caller, "other")] {
        let mut tx = test.database.begin(caller).await.unwrap();
        Order::new(&say(word)).keyed("one").enqueue(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(counts(&test.database).await.waiting, 2);
    let mut worker = start(&test.database);
    let mut words = [worker.hear().await.word, worker.hear().await.word];
    words.sort();
    assert_eq!(words, ["other", "second"]);
    worker.stop().await;
}

#[tokio::test]
async fn a_job_for_later_waits() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    let tomorrow = tx.now() + chrono::Duration::days(1);
    Order::new(&say("later")).at(tomorrow).enqueue(&mut tx).await.unwrap();
    jobs::enqueue(&mut tx, &say("now")).await.unwrap();
    tx.commit().await.unwrap();
    let mut worker = start(&test.database);
    assert_eq!(worker.hear().await.word, "now");
    until(&test.database, 1, 0, 0).await;
    worker.stop().await;
}

#[tokio::test]
async fn no_tenant_reaches_the_queue_but_through_its_own_door() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    enqueue(&test.database, &ada.caller, &say("hello")).await;
    for attack in [
        "SELECT * FROM graphile_worker._private_jobs",
        "SELECT * FROM graphile_worker._private_tasks",
        "SELECT * FROM graphile_worker.jobs",
        "DELETE FROM graphile_worker._private_jobs",
        "UPDATE graphile_worker._private_jobs SET payload = '{}'",
        "SELECT graphile_worker.add_job('tests.say', '{}')",
        "SELECT graphile_worker.remove_job('x')",
        "SELECT graphile_worker.permanently_fail_jobs(ARRAY[1::bigint])",
        "SELECT graphile_worker.force_unlock_workers(ARRAY['x'])",
    ] {
        let mut tx = test.database.begin(&ada.caller).await.unwrap();
        let refused = sqlx::raw_sql(AssertSqlSafe(attack)).execute(tx.conn()).await.unwrap_err();
        let code =
            refused.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        assert_eq!(code.as_deref(), Some("42501"), "{attack}: {refused}");
    }
    // People and sign-in have no business in the queue at all.
    let mut tx = test.database.auth().await.unwrap();
    let refused =
        sqlx::query("SELECT enqueue_job('tests.say', '{}', NULL, 1, NULL)").execute(tx.conn()).await;
    assert!(refused.is_err());
    drop(tx);
    assert_eq!(counts(&test.database).await, Counts { waiting: 1, running: 0, failed: 0 });
}

#[tokio::test]
async fn arguments_cannot_name_another_workspace() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let bob = test.owner_of("bob").await;
    let forged = format!(r#"{{"word": "mine", "workspace": "{}", "by": null}}"#, bob.workspace.id);
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    sqlx::query("SELECT enqueue_job('tests.say', $1::jsonb, NULL, 1, NULL)")
        .bind(forged)
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut worker = start(&test.database);
    assert_eq!(worker.hear().await.caller.unwrap().workspace(), ada.workspace.id);
    worker.stop().await;
}

#[tokio::test]
async fn only_a_claim_that_the_queue_knows_makes_a_caller() {
    use tenancy::claimed::{Claim, JobId, verify};
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    enqueue(&test.database, &ada.caller, &say("waiting")).await;
    let mut owner = test.owner().await;
    let (id,): (i64,) =
        sqlx::query_as("SELECT id FROM graphile_worker._private_jobs").fetch_one(&mut owner).await.unwrap();
    let mut tx = test.database.work().await.unwrap();
    let claim = Claim { job: JobId(id), worker: "nobody".to_owned(), at: tx.now() };
    assert!(verify(&mut tx, &claim).await.unwrap().is_none());
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let test = TestDatabase::new().await;
    let (one, other) = (test.owner_url(), test.owner_url());
    let (first, second) = tokio::join!(jobs::migrate(&one), jobs::migrate(&other));
    first.unwrap();
    second.unwrap();
    let mut owner = test.owner().await;
    let (strangers,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'graphile_worker' AND pg_get_userbyid(c.relowner) <> 'app_worker'",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(strangers, 0, "everything in the queue's schema belongs to app_worker");
}
