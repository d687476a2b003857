//! Transactions that are cancelled, dropped and refused leave nothing behind in the pool.

use sqlx::Row;
use std::time::Duration;
use tenancy::Clock;
use testkit::TestDatabase;

/// SEC-17: a `begin` that its caller gave up must not leave a connection inside a transaction with somebody's settings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_begin_never_poisons_the_pool() {
    let house = TestDatabase::with(Clock::default(), 3).await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    for round in 0..1_500_u64 {
        let caller = if round % 2 == 0 { &a.caller } else { &b.caller };
        // Any moment from before the connection is there to after the transaction is open.
        let patience = Duration::from_micros(round * 7 % 900);
        drop(tokio::time::timeout(patience, house.database.begin(caller)).await);
    }
    for signed in [&a, &b, &a] {
        let mut tx = house.database.begin(&signed.caller).await.unwrap();
        let row = sqlx::query("SELECT current_setting('app.workspace_id'), current_user::text")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), signed.workspace.id.to_string());
        assert_eq!(row.get::<String, _>(1), "app_tenant");
    }
    settled(&house).await;
}

/// SEC-12: requests of two workspaces on few connections, some of them given up half-way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_on_shared_connections_see_only_their_own() {
    let house = TestDatabase::with(Clock::default(), 3).await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let requests = (0..400_u64).map(|round| {
        let (database, signed) = (house.database.clone(), if round % 2 == 0 { a.clone() } else { b.clone() });
        async move {
            let work = async {
                let mut tx = database.begin(&signed.caller).await.unwrap();
                let row = sqlx::query("SELECT id FROM workspaces").fetch_all(tx.conn()).await.unwrap();
                let ids: Vec<uuid::Uuid> = row.iter().map(|row| row.get(0)).collect();
                assert_eq!(ids, [signed.workspace.id.0]);
                if round % 3 == 0 {
                    tx.commit().await.map(|_| ()).unwrap()
                }
            };
            drop(tokio::time::timeout(Duration::from_micros(200 + round * 37 % 4_000), work).await);
        }
    });
    futures::future::join_all(requests).await;
    settled(&house).await;
}

#[tokio::test]
async fn dropping_rolls_back_and_committing_keeps() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let write = "INSERT INTO task_counters (workspace_id, last_number)
                 VALUES (current_setting('app.workspace_id')::uuid, 7)";
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    sqlx::query(write).execute(tx.conn()).await.unwrap();
    drop(tx);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    sqlx::query(write).execute(tx.conn()).await.unwrap();
    assert_eq!(tx.commit().await.unwrap(), None, "a table that is not fed has no place in the feed");
    settled(&house).await;
}

/// After a roll-back in the background has had its turn, no session is left inside a transaction.
async fn settled(house: &TestDatabase) {
    let mut owner = house.owner().await;
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..100 {
        let row = sqlx::query(open).fetch_one(&mut owner).await.unwrap();
        if row.get::<i64, _>(0) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a session is still inside a transaction");
}
