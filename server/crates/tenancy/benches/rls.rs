//! What the walls cost: the same reads through a door, and by the owner with the workspace named in the statement, at
//! a million rows of a thousand workspaces. `./dev bench rls`.

#![expect(clippy::expect_used, reason = "a bench ends where the ground it stands on does not hold")]

use std::io::Write as _;
use std::time::Instant;

use sqlx::{Connection as _, PgConnection};
use tenancy::{Clock, TenantTx};
use testkit::{Signed, TestDatabase};
use uuid::Uuid;

const WORKSPACES: u32 = 1_000;
const ROWS_EACH: u32 = 1_000;
const ROUNDS: usize = 7;
const KEY_READS: usize = 400;
const LISTS: usize = 60;

const KEY: &str = "SELECT title FROM tasks WHERE id = $1";
const KEY_NAMED: &str = "SELECT title FROM tasks WHERE id = $1 AND workspace_id = $2";
const LIST: &str = "SELECT title FROM tasks ORDER BY created_at DESC, id DESC LIMIT 50";
const LIST_NAMED: &str =
    "SELECT title FROM tasks WHERE workspace_id = $1 ORDER BY created_at DESC, id DESC LIMIT 50";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    if !runtime.block_on(measure()) {
        std::process::exit(1);
    }
}

async fn measure() -> bool {
    let test = TestDatabase::with(Clock::default(), 2).await;
    let ada = test.owner_of("ada").await;
    let mut owner = test.owner().await;
    let ids = fill(&mut owner, ada.workspace.id.0).await;
    let (mut walled, mut named) = (Times::default(), Times::default());
    for _ in 0..ROUNDS {
        // One, the other, the other, the one: what else the machine does meets both.
        round_walled(&test, &ada, &ids, &mut walled).await;
        round_named(&mut owner, ada.workspace.id.0, &ids, &mut named).await;
        round_named(&mut owner, ada.workspace.id.0, &ids, &mut named).await;
        round_walled(&test, &ada, &ids, &mut walled).await;
    }
    let keys = tell("a read by key", median(walled.keys), median(named.keys), 10.0);
    let lists = tell("a list of 50", median(walled.lists), median(named.lists), 25.0);
    keys && lists
}

/// Microseconds of one statement, per round.
#[derive(Default)]
struct Times {
    keys: Vec<f64>,
    lists: Vec<f64>,
}

/// Rows for everybody; gives the ids of one workspace's.
async fn fill(owner: &mut PgConnection, mine: Uuid) -> Vec<Uuid> {
    let mut tx = owner.begin().await.expect("the owner may");
    // Without triggers: the feed of a million rows is another bench.
    sqlx::query("SET LOCAL session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .expect("the owner may");
    sqlx::query(
        "INSERT INTO tasks (workspace_id, id, number, title, description, priority, status, agent, script, labels,
                            created_at, updated_at, version)
         SELECT CASE WHEN w = 1 THEN $1 ELSE md5(w::text)::uuid END, md5(w || ':' || n)::uuid, n,
                'Task ' || n, repeat('x', 100), 'normal', 'draft', 'shell', '', '{}',
                now() - make_interval(secs => n), now(), 1
         FROM generate_series(1, $2) w, generate_series(1, $3) n",
    )
    .bind(mine)
    .bind(i32::try_from(WORKSPACES).expect("fits"))
    .bind(i32::try_from(ROWS_EACH).expect("fits"))
    .execute(&mut *tx)
    .await
    .expect("the rows are made");
    tx.commit().await.expect("they are kept");
    sqlx::query("VACUUM ANALYZE tasks").execute(&mut *owner).await.expect("the owner may");
    let found: Vec<(Uuid,)> = sqlx::query_as("SELECT id FROM tasks WHERE workspace_id = $1")
        .bind(mine)
        .fetch_all(owner)
        .await
        .expect("ids");
    found.into_iter().map(|(id,)| id).collect()
}

async fn round_walled(test: &TestDatabase, ada: &Signed, ids: &[Uuid], times: &mut Times) {
    let mut tx: TenantTx = test.database.begin(&ada.caller).await.expect("the door opens");
    let since = Instant::now();
    for id in ids.iter().cycle().take(KEY_READS) {
        let row: (String,) = sqlx::query_as(KEY).bind(id).fetch_one(tx.conn()).await.expect("it is mine");
        assert!(!row.0.is_empty());
    }
    times.keys.push(each(since, KEY_READS));
    let since = Instant::now();
    for _ in 0..LISTS {
        let rows: Vec<(String,)> = sqlx::query_as(LIST).fetch_all(tx.conn()).await.expect("a list");
        assert_eq!(rows.len(), 50);
    }
    times.lists.push(each(since, LISTS));
}

async fn round_named(owner: &mut PgConnection, mine: Uuid, ids: &[Uuid], times: &mut Times) {
    let mut tx = owner.begin().await.expect("the owner may");
    let since = Instant::now();
    for id in ids.iter().cycle().take(KEY_READS) {
        let row: (String,) =
            sqlx::query_as(KEY_NAMED).bind(id).bind(mine).fetch_one(&mut *tx).await.expect("it is there");
        assert!(!row.0.is_empty());
    }
    times.keys.push(each(since, KEY_READS));
    let since = Instant::now();
    for _ in 0..LISTS {
        let rows: Vec<(String,)> =
            sqlx::query_as(LIST_NAMED).bind(mine).fetch_all(&mut *tx).await.expect("a list");
        assert_eq!(rows.len(), 50);
    }
    times.lists.push(each(since, LISTS));
}

fn each(since: Instant, count: usize) -> f64 {
    since.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(count).expect("fits"))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn tell(what: &str, walled: f64, named: f64, most: f64) -> bool {
    let cost = (walled / named - 1.0) * 100.0;
    let verdict = if cost <= most { "met" } else { "MISSED" };
    let line = format!(
        "    {what:<26} {walled:>8.0} µs behind the wall, {named:>8.0} µs by name   {cost:>+6.1} %  {verdict} (at most {most} %)"
    );
    drop(writeln!(std::io::stdout().lock(), "{line}"));
    cost <= most
}
