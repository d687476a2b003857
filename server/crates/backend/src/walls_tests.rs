//! The walls, read from PostgreSQL's own catalogue: a table that lacks one of them fails here without anybody
//! having to remember it.

use crate::{executions, idempotency, repositories, tasks, views};
use domain::comments::NewComment;
use domain::repositories::NewRepository;
use domain::session::Role;
use domain::tasks::NewTask;
use domain::views::NewView;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tenancy::TenantTx;
use testkit::{Signed, TestDatabase};

/// Rows of `sql` as text, one column.
async fn listed(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>(0)).collect()
}

#[tokio::test]
async fn every_table_is_walled_and_forced() {
    let house = TestDatabase::new().await;
    let open = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                AND c.relkind IN ('r', 'p') AND c.relname <> '_sqlx_migrations'
                AND NOT (c.relrowsecurity AND c.relforcerowsecurity)";
    assert_eq!(listed(&mut house.owner().await, open).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_policy_names_its_role_and_checks_what_is_written() {
    let house = TestDatabase::new().await;
    let weak = "SELECT tablename || '.' || policyname FROM pg_policies WHERE schemaname = 'public'
                AND (roles = '{public}' OR (cmd <> 'SELECT' AND (qual IS NULL OR with_check IS NULL)))";
    assert_eq!(listed(&mut house.owner().await, weak).await, Vec::<String>::new());
    let fails_open = "SELECT tablename || '.' || policyname FROM pg_policies WHERE schemaname = 'public'
                      AND 'app_tenant' = ANY(roles) AND qual <> 'true'
                      AND qual NOT LIKE '%NULLIF(current_setting(''app.workspace_id''%'";
    assert_eq!(listed(&mut house.owner().await, fails_open).await, Vec::<String>::new());
}

#[tokio::test]
async fn keys_of_tenant_tables_begin_with_the_workspace() {
    let house = TestDatabase::new().await;
    let tenant_tables = "SELECT a.attrelid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE a.attname = 'workspace_id' AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')";
    let unique = format!(
        "SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indisunique AND i.indrelid IN ({tenant_tables})
         AND (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0]) <> 'workspace_id'"
    );
    assert_eq!(listed(&mut house.owner().await, &unique).await, Vec::<String>::new());
    let foreign = format!(
        "SELECT k.conrelid::regclass::text || '.' || k.conname FROM pg_constraint k WHERE k.contype = 'f'
         AND k.conrelid IN ({tenant_tables}) AND k.confrelid IN ({tenant_tables})
         AND (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) <> 'workspace_id'"
    );
    assert_eq!(listed(&mut house.owner().await, &foreign).await, Vec::<String>::new());
}

#[tokio::test]
async fn roles_have_the_least_right() {
    let house = TestDatabase::new().await;
    let mut owner = house.owner().await;
    let much = "SELECT grantee || ' ' || privilege_type || ' ' || table_name FROM information_schema.role_table_grants
                WHERE grantee LIKE 'app\\_%' AND table_schema = 'public'
                AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')";
    assert_eq!(listed(&mut owner, much).await, Vec::<String>::new());
    let definers =
        "SELECT p.proname::text FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
                    AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')";
    assert_eq!(listed(&mut owner, definers).await, Vec::<String>::new());
    let by_anyone =
        "SELECT p.proname::text FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
                     AND has_function_privilege('public', p.oid, 'EXECUTE')";
    assert_eq!(listed(&mut owner, by_anyone).await, Vec::<String>::new());
    let mut login = PgConnection::connect(&house.app_url()).await.unwrap();
    let row = sqlx::query(
        "SELECT rolsuper OR rolbypassrls OR rolinherit,
                (SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole) FROM pg_roles WHERE rolname = current_user",
    )
    .fetch_one(&mut login)
    .await
    .unwrap();
    assert_eq!((row.get::<bool, _>(0), row.get::<i64, _>(1)), (false, 0));
}

/// Puts at least one row of every tenant table into a workspace, by the product's own ways.
async fn fill(house: &TestDatabase, signed: &Signed) {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    idempotency::claim(&mut tx, "k", b"request").await.unwrap();
    let new =
        domain::templates::NewTemplate { name: "t".to_owned(), title: "t".to_owned(), ..Default::default() };
    let template = crate::templates::create(&mut tx, new).await.unwrap();
    let new = serde_json::json!({ "name": "s", "template_id": template.id, "cron": "0 3 * * *" });
    crate::schedules::create(&mut tx, serde_json::from_value(new).unwrap()).await.unwrap();
    let patch = domain::settings::SettingsPatch { preempt: Some(true), ..Default::default() };
    crate::settings::update(&mut tx, patch).await.unwrap();
    let new = NewRepository { url: "/srv/web".to_owned(), ..NewRepository::default() };
    let repository =
        repositories::create(&mut tx, new, repositories::Found::for_tests("main")).await.unwrap();
    let new = NewTask {
        title: "Secret of A".to_owned(),
        repository: Some(repository.id.to_string()),
        start: true,
        ..NewTask::default()
    };
    let task = tasks::create(&mut tx, new).await.unwrap();
    let view = NewView { name: "Secret view".to_owned(), ..NewView::default() };
    views::create(&mut tx, view).await.unwrap();
    let key =
        crate::auth::NewKey { name: "ci".to_owned(), role: Role::Member, scopes: None, expires_at: None };
    crate::auth::create_key(&mut tx, key).await.unwrap();
    let new = domain::workspaces::NewInvitation { email: "guest@example.com".to_owned(), role: Role::Viewer };
    crate::workspaces::invitations::create(&mut tx, &new).await.unwrap();
    let keys = vault::MasterKeys::parse(&vault::MasterKeys::make_text()).unwrap();
    crate::secrets::store(&mut tx, &keys, "s", &vault::Plain::new("of A")).await.unwrap();
    let new = NewComment { text: "Only for A".to_owned(), ..NewComment::default() };
    crate::comments::create(&mut tx, task.id, new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let new = NewTask { title: "Never begun".to_owned(), start: true, ..NewTask::default() };
    let cancelled = tasks::create(&mut tx, new).await.unwrap();
    tasks::cancel(&mut tx, cancelled.id).await.unwrap();
    let listed = executions::list(&mut tx, task.id).await.unwrap();
    assert_eq!(listed.len(), 1);
    crate::publish::order_for_tests(&mut tx, listed[0].id).await;
    executions::asks::fill_for_tests(&mut tx, listed[0].id).await;
    tx.commit().await.unwrap();
}

/// What a statement on another workspace's rows does: nothing, or it is refused.
async fn rows_hit(tx: &mut TenantTx, sql: String) -> u64 {
    sqlx::raw_sql(AssertSqlSafe("SAVEPOINT before")).execute(tx.conn()).await.unwrap();
    match sqlx::query(AssertSqlSafe(sql)).execute(tx.conn()).await {
        Ok(done) => done.rows_affected(),
        Err(_) => {
            sqlx::raw_sql(AssertSqlSafe("ROLLBACK TO SAVEPOINT before")).execute(tx.conn()).await.unwrap();
            0
        }
    }
}

#[tokio::test]
async fn workspace_b_reaches_nothing_of_a_in_any_table() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    fill(&house, &a).await;
    let mut owner = house.owner().await;
    let tables = listed(
        &mut owner,
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'workspace_id'
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         AND c.relname NOT IN ('feed_pending', 'feed_marks')",
    )
    .await;
    assert!(tables.len() >= 9, "{tables:?}");
    let theirs = format!("workspace_id = '{}'", a.workspace.id);
    for table in tables {
        let count = format!("SELECT count(*)::text FROM {table} WHERE {theirs}");
        assert_ne!(
            listed(&mut owner, &count).await,
            ["0"],
            "fill() leaves {table} empty, so nothing is proven for it"
        );
        let mut tx = house.database.begin(&b.caller).await.unwrap();
        assert_eq!(
            rows_hit(&mut tx, format!("SELECT 1 FROM {table} WHERE {theirs}")).await,
            0,
            "read {table}"
        );
        let update = format!("UPDATE {table} SET workspace_id = workspace_id WHERE {theirs}");
        assert_eq!(rows_hit(&mut tx, update).await, 0, "update {table}");
        assert_eq!(
            rows_hit(&mut tx, format!("DELETE FROM {table} WHERE {theirs}")).await,
            0,
            "delete {table}"
        );
        // Handing a row of one's own to another workspace is writing there too.
        let give = format!("UPDATE {table} SET workspace_id = '{}'", a.workspace.id);
        assert_eq!(rows_hit(&mut tx, give).await, 0, "give to {table}");
        drop(tx);
    }
}

#[tokio::test]
async fn without_a_workspace_nothing_is_there_and_nothing_can_be_written() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    fill(&house, &a).await;
    let mut login = PgConnection::connect(&house.app_url()).await.unwrap();
    sqlx::raw_sql("SET ROLE app_tenant").execute(&mut login).await.unwrap();
    for table in ["tasks", "executions", "repositories", "changes", "execution_events"] {
        assert_eq!(
            listed(&mut login, &format!("SELECT count(*)::text FROM {table}")).await,
            ["0"],
            "{table}"
        );
    }
    let insert = format!(
        "INSERT INTO task_counters (workspace_id, last_number) VALUES ('{}', 1)
         ON CONFLICT (workspace_id) DO UPDATE SET last_number = 9",
        a.workspace.id
    );
    assert!(sqlx::query(AssertSqlSafe(insert)).execute(&mut login).await.is_err());
}

#[tokio::test]
async fn the_login_role_by_itself_reads_nothing() {
    let house = TestDatabase::new().await;
    let mut login = PgConnection::connect(&house.app_url()).await.unwrap();
    for table in ["tasks", "users", "sessions", "api_keys", "changes", "feed_pending"] {
        let refused = sqlx::query(AssertSqlSafe(format!("SELECT 1 FROM {table}"))).execute(&mut login).await;
        assert!(refused.is_err(), "{table}");
    }
}
