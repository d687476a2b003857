//! An orderly stop.

use crate::kinds::Hold;
use crate::support::{counts, enqueue, start, until};
use jobs::Counts;
use testkit::TestDatabase;

#[tokio::test]
async fn a_stop_lets_running_jobs_end() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Hold { name: "one".to_owned() }).await;
    assert_eq!(worker.hear().await.word, "holding");
    worker.ask_to_stop();
    worker.gate.add_permits(1);
    assert_eq!(worker.hear().await.word, "written");
    worker.stop().await;
    assert_eq!(counts(&test.database).await, Counts { waiting: 0, running: 0, failed: 0 });
}

#[tokio::test]
async fn what_does_not_end_is_given_back_with_its_attempt() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut worker = start(&test.database);
    enqueue(&test.database, &ada.caller, &Hold { name: "one".to_owned() }).await;
    assert_eq!(worker.hear().await.word, "holding");
    worker.stop().await;
    until(&test.database, 1, 0, 0).await;
    let mut next = start(&test.database);
    let said = next.hear().await;
    assert_eq!((said.word.as_str(), said.attempt), ("holding", 1), "an interruption is no failure");
    next.gate.add_permits(1);
    assert_eq!(next.hear().await.word, "written");
    next.stop().await;
}
