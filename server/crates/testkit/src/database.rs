//! A database per test, copied from a template that was migrated once.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};
use tenancy::{Clock, Database, Options, migrator};

/// A database of a test's own, dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    pub database: Database,
    name: String,
    owner: Urls,
}

/// Where the test cluster is, as its owner and as the login role.
#[derive(Debug, Clone)]
struct Urls {
    owner: String,
    app: String,
}

/// Only one process at a time makes the template; the number names that lock.
const TEMPLATE_LOCK: i64 = 0x5b_07ab;

impl TestDatabase {
    pub async fn new() -> Self {
        Self::with_clock(Clock::default()).await
    }

    /// A database whose clock the test holds.
    pub async fn with_clock(clock: Clock) -> Self {
        Self::with(clock, 5).await
    }

    /// A database with as many connections.
    pub async fn with(clock: Clock, max_connections: u32) -> Self {
        let owner = urls().await;
        let name = format!("test_{}", uuid::Uuid::from_u128(random()).simple());
        let template = template(&owner).await;
        let mut connection = connect(&owner.owner).await;
        run(&mut connection, &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")).await;
        connection.close().await.expect("the owner's connection closes");
        let options = Options { url: at(&owner.app, &name), max_connections, clock };
        let database = Database::connect(options).await.expect("the test database answers");
        Self { database, name, owner }
    }

    /// The URL of the login role, for another process on the same database.
    pub fn app_url(&self) -> String {
        at(&self.owner.app, &self.name)
    }

    /// The owner's URL: it bypasses every wall, so only for looking at the catalogue and for what an operator does.
    pub fn owner_url(&self) -> String {
        at(&self.owner.owner, &self.name)
    }

    /// A connection as the owner.
    pub async fn owner(&self) -> PgConnection {
        connect(&self.owner_url()).await
    }

    /// Another handle on the same database, as another process has it.
    pub async fn another(&self) -> Database {
        let options =
            Options { url: self.app_url(), max_connections: 5, clock: self.database.clock().clone() };
        Database::connect(options).await.expect("the test database answers")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (url, name) = (self.owner.owner.clone(), self.name.clone());
        // The test's own runtime ends with it, so the database goes by a thread of its own.
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let mut connection = connect(&url).await;
                run(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
        });
        dropped.join().ok();
    }
}

/// The cluster that `./dev test` runs, or one of this machine's test folder that this process holds while it lives.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but their environment")]
async fn urls() -> Urls {
    if let (Ok(owner), Ok(app)) =
        (std::env::var("TEST_DATABASE_OWNER_URL"), std::env::var("TEST_DATABASE_URL"))
    {
        return Urls { owner, app };
    }
    static HELD: std::sync::OnceLock<(cluster::Cluster, Urls)> = std::sync::OnceLock::new();
    let held = tokio::task::spawn_blocking(|| {
        HELD.get_or_init(|| {
            let home = std::env::var("HOME").unwrap_or_else(|_| "/tmp".to_owned());
            let folder = std::path::Path::new(&home).join(".cache/switchboard/test-cluster");
            let cluster =
                cluster::Cluster::open(&cluster::Settings::new(folder)).expect("the test cluster starts");
            let urls = Urls { owner: cluster.owner_url(), app: cluster.app_url() };
            (cluster, urls)
        })
        .1
        .clone()
    });
    held.await.expect("the test cluster starts")
}

/// The name of the template, made where it is not there yet.
async fn template(urls: &Urls) -> String {
    let name = format!("template_{}", migrator::fingerprint());
    let mut connection = connect(&urls.owner).await;
    run(&mut connection, &format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await;
    let there = sqlx::query("SELECT datistemplate FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_optional(&mut connection)
        .await
        .expect("the catalogue is readable");
    let finished = there.as_ref().is_some_and(|row| row.get::<bool, _>(0));
    if !finished {
        run(&mut connection, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(&mut connection, &format!("CREATE DATABASE {name}")).await;
        migrator::migrate(&at(&urls.owner, &name), &urls.app).await.expect("the migrations run");
        jobs::migrate(&at(&urls.owner, &name)).await.expect("the queue's migrations run");
        run(&mut connection, &format!("ALTER DATABASE {name} IS_TEMPLATE true")).await;
    }
    // Ending the session gives the lock back.
    connection.close().await.expect("the owner's connection closes");
    name
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("a URL");
    options.connect().await.expect("the cluster answers")
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.expect("the owner may");
}

/// The same URL, to another database.
fn at(url: &str, database: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let host_at = base.find("://").map_or(0, |at| at + 3);
    let path_at = base[host_at..].find('/').map_or(base.len(), |at| host_at + at);
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}/{database}{query}", &base[..path_at])
}

fn random() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the kernel gives randomness");
    u128::from_be_bytes(bytes)
}
