use super::*;
use crate::auth::{self, NewKey};
use domain::session::Role;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::sync::Arc;
use tenancy::Provenance;
use testkit::{Signed, TestDatabase};

/// A workspace whose chain has a few entries: its owner's sign-in, and keys.
async fn house_with_entries() -> (TestDatabase, Signed) {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    for name in ["one", "two", "three", "four"] {
        make_key(&house, &a, name).await;
    }
    (house, a)
}

async fn make_key(house: &TestDatabase, of: &Signed, name: &str) -> domain::ApiKeyId {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let new = NewKey { name: name.to_owned(), role: Role::Viewer, scopes: None, expires_at: None };
    let (key, _) = auth::create_key(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    key.id
}

async fn listed(house: &TestDatabase, of: &Signed, filter: Filter) -> Vec<AuditEntry> {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    list(&mut tx, &filter, PAGE).await.unwrap()
}

async fn verdict(house: &TestDatabase, of: &Signed) -> Verdict {
    let chain = Chain::Of(of.workspace.id);
    verify(&house.database, &chain).await.unwrap().remove(0)
}

/// Damage by somebody who is above every grant, and takes the trigger away first.
async fn damage(house: &TestDatabase, statements: &str) {
    let all = format!("ALTER TABLE audit_entries DISABLE TRIGGER ALL; {statements}");
    house.as_owner(&all).await;
}

#[tokio::test]
async fn entries_say_who_what_when_and_from_where() {
    let (house, a) = house_with_entries().await;
    let asked = house.database.asked_from(Provenance {
        address: Some("203.0.113.9".parse().unwrap()),
        request_id: Some(Arc::from("r-1")),
    });
    let key = make_key(&house, &a, "five").await;
    let mut tx = asked.begin(&a.caller).await.unwrap();
    auth::revoke_key(&mut tx, key).await.unwrap();
    tx.commit().await.unwrap();
    let entries = listed(&house, &a, Filter::default()).await;
    let newest = &entries[0];
    assert_eq!(newest.action, "key.revoked");
    assert_eq!(newest.actor.kind, "person");
    assert_eq!(newest.actor.id, Some(a.person.user().0));
    assert_eq!(newest.actor.name.as_deref(), Some("Owner <owner@a.example>"));
    assert_eq!(newest.target.as_ref().unwrap().id, Some(key.0));
    assert_eq!((newest.address.as_deref(), newest.request_id.as_deref()), (Some("203.0.113.9"), Some("r-1")));
    assert_eq!(newest.previous_hash, entries[1].hash);
    let words: Vec<&str> = entries.iter().rev().map(|entry| entry.action.as_str()).take(4).collect();
    assert_eq!(words, ["link.created", "member.added", "session.created", "key.created"]);
    let of = |filter: Filter| listed(&house, &a, filter);
    assert_eq!(of(Filter { action: Some("key.revoked".to_owned()), ..Filter::default() }).await.len(), 1);
    assert_eq!(of(Filter { target: Some(key.0), ..Filter::default() }).await.len(), 2);
    assert_eq!(of(Filter { result: Some("refused".to_owned()), ..Filter::default() }).await.len(), 0);
    assert_eq!(of(Filter { before: Some(3), ..Filter::default() }).await.len(), 2);
    assert_eq!(of(Filter { to: Some(entries[0].at), ..Filter::default() }).await.len(), entries.len() - 1);
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_entry_and_no_gap() {
    let (house, a) = house_with_entries().await;
    let before = verdict(&house, &a).await.through.number;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    record(&mut tx, Event::new(Action::DataExported)).await.unwrap();
    drop(tx);
    make_key(&house, &a, "five").await;
    let after = verdict(&house, &a).await;
    assert_eq!((after.through.number, after.broken), (before + 1, None));
}

#[tokio::test]
async fn many_at_once_make_one_chain() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    futures::future::join_all((0..20).map(|_| make_key(&house, &a, "k"))).await;
    let verdict = verdict(&house, &a).await;
    assert_eq!((verdict.through.number, verdict.broken), (23, None));
}

#[tokio::test]
async fn no_role_of_ours_can_change_or_delete_an_entry() {
    let (house, a) = house_with_entries().await;
    let mut login = PgConnection::connect(&house.app_url()).await.unwrap();
    for role in ["app_tenant", "app_auth", "app_worker"] {
        for statement in [
            "UPDATE audit_entries SET action = 'x'".to_owned(),
            "DELETE FROM audit_entries".to_owned(),
            "TRUNCATE audit_entries".to_owned(),
            "UPDATE audit_heads SET number = 0".to_owned(),
            "DELETE FROM audit_heads".to_owned(),
            "INSERT INTO audit_entries SELECT * FROM audit_entries".to_owned(),
        ] {
            let all = format!(
                "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.workspace_id = '{}'; {statement}",
                a.workspace.id
            );
            let refused = sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut login).await.unwrap_err();
            let code =
                refused.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {statement}: {refused}");
            sqlx::raw_sql("ROLLBACK").execute(&mut login).await.unwrap();
        }
    }
    let mut owner = house.owner().await;
    let refused = sqlx::query("DELETE FROM audit_entries").execute(&mut owner).await;
    assert!(refused.is_err(), "not even the owner, as long as the trigger stands");
}

#[tokio::test]
async fn a_workspace_writes_into_its_own_chain_alone() {
    let house = TestDatabase::new().await;
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let mut login = PgConnection::connect(&house.app_url()).await.unwrap();
    for (role, setting) in [("app_tenant", b.workspace.id.to_string()), ("app_tenant", String::new())] {
        let forged = format!(
            "BEGIN; SET LOCAL ROLE {role}; SET LOCAL app.workspace_id = '{setting}';
             SELECT append_audit(ROW('{}', 0, '{}', now(), 'person', NULL, NULL, 'key.created', NULL, NULL, NULL,
                                     NULL, 'ok', NULL, NULL, NULL)::audit_entries)",
            a.workspace.id, a.workspace.id
        );
        assert!(sqlx::raw_sql(AssertSqlSafe(forged)).execute(&mut login).await.is_err(), "{setting:?}");
        sqlx::raw_sql("ROLLBACK").execute(&mut login).await.unwrap();
    }
    let seen = listed(&house, &b, Filter::default()).await;
    assert!(!serde_json::to_string(&seen).unwrap().contains("a.example"));
}

#[tokio::test]
async fn every_damage_by_a_superuser_is_found() {
    type Case = (&'static str, fn(&Break) -> bool);
    let cases: [Case; 8] = [
        ("UPDATE audit_entries SET detail = 'admin' WHERE number = 4", |found| *found == Break::Changed(4)),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE number = 4", |found| {
            *found == Break::Changed(4)
        }),
        (
            "UPDATE audit_entries SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE number = 4",
            |found| *found == Break::Changed(4),
        ),
        ("DELETE FROM audit_entries WHERE number = 4", |found| *found == Break::Missing(4)),
        ("DELETE FROM audit_entries WHERE number > 5", |found| *found == Break::Truncated(5, 7)),
        (
            "UPDATE audit_entries SET number = -number WHERE number IN (4, 5);
             UPDATE audit_entries SET number = 9 + number WHERE number < 0",
            |found| matches!(found, Break::Unlinked(4)),
        ),
        ("DELETE FROM audit_heads", |found| *found == Break::Headless(7)),
        (
            "UPDATE audit_heads h SET number = 5, hash = e.hash FROM audit_entries e
             WHERE e.workspace_id = h.workspace_id AND e.number = 5",
            |found| *found == Break::OtherEnd(7),
        ),
    ];
    let (house, a) = house_with_entries().await;
    assert_eq!(verdict(&house, &a).await.broken, None);
    // Each damage begins from the whole chain.
    house
        .as_owner("CREATE TABLE kept AS TABLE audit_entries; CREATE TABLE kept_heads AS TABLE audit_heads")
        .await;
    for (statements, expected) in cases {
        damage(&house, statements).await;
        let found = verdict(&house, &a).await.broken.unwrap_or_else(|| panic!("not found: {statements}"));
        assert!(expected(&found), "{statements}: {found}");
        let all = verify(&house.database, &Chain::All).await.unwrap();
        assert!(all.iter().any(|verdict| verdict.workspace == a.workspace.id && verdict.broken.is_some()));
        damage(
            &house,
            "DELETE FROM audit_entries; INSERT INTO audit_entries TABLE kept;
             DELETE FROM audit_heads; INSERT INTO audit_heads TABLE kept_heads",
        )
        .await;
    }
    assert_eq!(verdict(&house, &a).await.broken, None);
}

#[tokio::test]
async fn a_chain_that_was_written_anew_is_found_by_what_was_noted() {
    let (house, a) = house_with_entries().await;
    let noted = verdict(&house, &a).await.through;
    // Somebody with every right cuts the end off, turns the head back, and goes on as if nothing had been.
    damage(
        &house,
        "DELETE FROM audit_entries WHERE number > 5;
         UPDATE audit_heads h SET number = 5, hash = e.hash FROM audit_entries e
         WHERE e.workspace_id = h.workspace_id AND e.number = 5",
    )
    .await;
    assert_eq!(verdict(&house, &a).await.broken, None, "the chain alone can't tell");
    let since = Chain::Since(a.workspace.id, noted.clone());
    let found = verify(&house.database, &since).await.unwrap().remove(0);
    assert_eq!(found.broken, Some(Break::Truncated(5, 7)));
    for name in ["five", "six"] {
        make_key(&house, &a, name).await;
    }
    let found = verify(&house.database, &since).await.unwrap().remove(0);
    assert_eq!(found.broken, Some(Break::Rewritten(7)));
}

#[tokio::test]
async fn only_administrators_read_and_export_the_trail() {
    let house = TestDatabase::new().await;
    house.owner_of("a").await;
    for (role, may) in
        [(Role::Viewer, false), (Role::Member, false), (Role::Admin, true), (Role::Owner, true)]
    {
        let who = house.sign_up(&format!("{role}@a.example"), "a", role).await;
        let mut tx = house.database.begin(&who.caller).await.unwrap();
        assert_eq!(list(&mut tx, &Filter::default(), 1).await.is_ok(), may, "{role}");
        assert_eq!(begin_export(&mut tx).await.is_ok(), may, "{role}");
    }
}

/// What happens in a workspace, each kind of it once.
async fn everything_happens(house: &TestDatabase, owner: &Signed) {
    use crate::{repositories, secrets, settings, tasks, workspaces};
    let keys = vault::MasterKeys::parse(&vault::MasterKeys::make_text()).unwrap();
    let lost = vault::MasterKeys::parse(&vault::MasterKeys::make_text()).unwrap();
    let key = make_key(house, owner, "k").await;
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    auth::revoke_key(&mut tx, key).await.unwrap();
    let secret = secrets::store(&mut tx, &keys, "s", &vault::Plain::new("x")).await.unwrap().id;
    secrets::open(&mut tx, &keys, secret).await.unwrap();
    secrets::open(&mut tx, &lost, secret).await.unwrap();
    secrets::remove(&mut tx, secret).await.unwrap();
    let patch = domain::settings::SettingsPatch { preempt: Some(true), ..Default::default() };
    settings::update(&mut tx, patch).await.unwrap();
    let new = domain::tasks::NewTask { title: "t".to_owned(), ..Default::default() };
    let task = tasks::create(&mut tx, new).await.unwrap();
    tasks::remove(&mut tx, task.id).await.unwrap();
    let new = domain::repositories::NewRepository { url: "/srv/web".to_owned(), ..Default::default() };
    let found = repositories::Found::for_tests("main");
    let repository = repositories::create(&mut tx, new, found).await.unwrap();
    repositories::remove(&mut tx, repository.id).await.unwrap();
    begin_export(&mut tx).await.unwrap();
    let new = |email: &str| domain::workspaces::NewInvitation { email: email.to_owned(), role: Role::Member };
    let (one, _) = workspaces::invitations::create(&mut tx, &new("one@example.com")).await.unwrap();
    workspaces::invitations::revoke(&mut tx, one.id).await.unwrap();
    let (_, two) = workspaces::invitations::create(&mut tx, &new("two@example.com")).await.unwrap();
    record(&mut tx, Event::new(Action::AccessDenied).refused()).await.unwrap();
    tx.commit().await.unwrap();
    let member = house.sign_up("m@a.example", "a", Role::Admin).await;
    let mut tx = house.database.auth().await.unwrap();
    workspaces::invitations::accept(&mut tx, &two, None, "test").await.unwrap();
    auth::sign_in(&mut tx, &tenancy::Secret::received("guess"), "test").await.unwrap();
    let named = |name: &str| domain::workspaces::WorkspacePatch { name: Some(name.to_owned()), slug: None };
    workspaces::rename(&mut tx, &owner.caller, named("New")).await.unwrap();
    let user = member.person.user();
    workspaces::members::change_role(&mut tx, &owner.caller, user, Role::Viewer).await.unwrap();
    workspaces::members::transfer(&mut tx, &owner.caller, user).await.unwrap();
    workspaces::members::remove(&mut tx, &owner.caller, owner.person.user()).await.unwrap();
    auth::sign_out(&mut tx, &owner.person).await.unwrap();
    let new = domain::workspaces::NewWorkspace { id: None, name: "n".to_owned(), slug: None };
    workspaces::create(&mut tx, &member.person, new).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_kind_of_event_is_noted() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    everything_happens(&house, &owner).await;
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT DISTINCT action, result FROM audit_entries ORDER BY 1")
            .fetch_all(&mut house.owner().await)
            .await
            .unwrap();
    let noted: std::collections::BTreeSet<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
    let all: std::collections::BTreeSet<&str> = Action::ALL.iter().map(|action| action.as_str()).collect();
    assert_eq!(noted, all);
    let refused: Vec<&str> =
        rows.iter().filter(|(_, result)| result == "refused").map(|(action, _)| action.as_str()).collect();
    assert_eq!(refused, ["access.denied", "secret.quarantined", "session.refused"]);
    let verdicts = verify(&house.database, &Chain::All).await.unwrap();
    assert!(verdicts.len() >= 3 && verdicts.iter().all(|verdict| verdict.broken.is_none()), "{verdicts:?}");
}
