//! Work at set times.

use crate::kinds::{Say, Tick};
use crate::support::{builder, start_with_ticks};
use jobs::BuildError;
use std::time::Duration;
use testkit::TestDatabase;

#[tokio::test]
async fn an_upkeep_runs_once_for_all_the_times_that_no_worker_ran() {
    let test = TestDatabase::new().await;
    // As if a worker had scheduled it ten minutes ago, and none has run since.
    let mut owner = test.owner().await;
    sqlx::query(
        "INSERT INTO graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
         VALUES ('tests.tick', now() - interval '1 day', now() - interval '10 minutes')",
    )
    .execute(&mut owner)
    .await
    .unwrap();
    let mut worker = start_with_ticks(&test.database);
    let said = worker.hear().await;
    assert_eq!((said.word.as_str(), said.attempt), ("tick", 1));
    assert!(said.caller.is_none());
    // The schedule is brought up to now step by step, beside the run.
    for _ in 0..300 {
        if caught_up(&mut owner).await {
            return worker.stop().await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the schedule has not caught up");
}

async fn caught_up(owner: &mut sqlx::PgConnection) -> bool {
    let (last,): (bool,) = sqlx::query_as(
        "SELECT last_execution > now() - interval '2 minutes' FROM graphile_worker._private_known_crontabs",
    )
    .fetch_one(owner)
    .await
    .unwrap();
    last
}

#[tokio::test]
async fn what_cannot_run_is_said_before_it_starts() {
    let test = TestDatabase::new().await;
    let (one, ..) = builder(&test.database);
    assert_eq!(one.register::<Say>().build().unwrap_err(), BuildError::SameName("tests.say"));
    let (other, ..) = builder(&test.database);
    let wrong = other.upkeep::<Tick>("hourly").build().unwrap_err();
    assert_eq!(wrong, BuildError::Schedule { name: "tests.tick", schedule: "hourly".to_owned() });
}
