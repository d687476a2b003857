//! `audit verify` and `vault rotate`, as an operator runs them.

use std::process::Output;

use backend::secrets::{self, Opened};
use testkit::TestDatabase;
use vault::{MasterKeys, Plain};

use super::program;

/// Runs the program on this database: its exit code and all that it said.
async fn run(house: &TestDatabase, keys: &str, arguments: &[&str]) -> (i32, String) {
    let (url, keys) = (house.app_url(), keys.to_owned());
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    let ran = tokio::task::spawn_blocking(move || {
        let data = tempfile::tempdir().unwrap();
        let mut command = program(data.path());
        command
            .env("DATABASE_URL", url)
            .env("SWITCHBOARD_MASTER_KEYS", keys)
            .args(arguments)
            .output()
            .unwrap()
    });
    let Output { status, stdout, stderr } = ran.await.unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.code().unwrap(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_checked_and_a_broken_one_is_an_exit_code() {
    let house = TestDatabase::new().await;
    house.owner_of("demo").await;
    house.owner_of("other").await;
    let keys = MasterKeys::make_text();
    let (code, said) = run(&house, &keys, &["audit", "verify"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("demo: good through 3:") && said.contains("other: good through 3:"), "{said}");
    let noted = said.lines().find_map(|line| line.strip_prefix("demo: good through ")).unwrap().to_owned();
    let since = ["audit", "verify", "--workspace", "demo", "--noted", &noted];
    assert_eq!(run(&house, &keys, &since).await.0, 0);
    assert_eq!(run(&house, &keys, &["audit", "verify", "--workspace", "nowhere"]).await.0, 2);
    house
        .as_owner(
            "ALTER TABLE audit_entries DISABLE TRIGGER ALL;
             UPDATE audit_entries SET detail = 'viewer' WHERE number = 2
             AND workspace_id = (SELECT id FROM workspaces WHERE slug = 'demo')",
        )
        .await;
    let (code, said) = run(&house, &keys, &["audit", "verify"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("demo: BROKEN: entry 2 was changed"), "{said}");
    assert!(said.contains("other: good"), "one broken chain hides no other: {said}");
    assert_eq!(run(&house, &keys, &["audit", "verify", "--workspace", "other"]).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_is_changed_by_one_command() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("demo").await;
    let (old, new) = (MasterKeys::make_text(), MasterKeys::make_text());
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    let under_old = MasterKeys::parse(&old).unwrap();
    let secret = secrets::store(&mut tx, &under_old, "token", &Plain::new("canary")).await.unwrap();
    tx.commit().await.unwrap();
    let (code, said) = run(&house, &new, &["vault", "rotate"]).await;
    assert_eq!(code, 1, "the old key was left out: {said}");
    assert!(said.contains("open with none of the given"), "{said}");
    let (code, said) = run(&house, &format!("{} {}", *new, *old), &["vault", "rotate"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 data keys were wrapped"), "{said}");
    assert!(!said.contains(old.as_str()) && !said.contains(new.as_str()), "{said}");
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    let opened = secrets::open(&mut tx, &MasterKeys::parse(&new).unwrap(), secret.id).await.unwrap();
    assert_eq!(opened, Opened::Plain(Plain::new("canary")));
    let (code, said) = run(&house, "hunter2", &["vault", "rotate"]).await;
    assert!(code != 0 && said.contains("SWITCHBOARD_MASTER_KEYS") && !said.contains("hunter2"), "{said}");
}
