use super::*;
use domain::session::Role;
use std::sync::Arc;
use tenancy::Caller;
use testkit::{Signed, TestDatabase};

fn keys(texts: &[&str]) -> MasterKeys {
    MasterKeys::parse(&texts.join(" ")).unwrap()
}

fn one_key() -> MasterKeys {
    keys(&[&MasterKeys::make_text()])
}

async fn stored(house: &TestDatabase, caller: &Caller, keys: &MasterKeys, plain: &str) -> SecretId {
    let mut tx = house.database.begin(caller).await.unwrap();
    let info = store(&mut tx, keys, "token", &Plain::new(plain)).await.unwrap();
    tx.commit().await.unwrap();
    info.id
}

async fn opened(house: &TestDatabase, caller: &Caller, keys: &MasterKeys, id: SecretId) -> Opened {
    let mut tx = house.database.begin(caller).await.unwrap();
    let opened = open(&mut tx, keys, id).await.unwrap();
    tx.commit().await.unwrap();
    opened
}

async fn listed(house: &TestDatabase, of: &Signed) -> Vec<SecretInfo> {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    list(&mut tx).await.unwrap()
}

fn plain(text: &str) -> Opened {
    Opened::Plain(Plain::new(text))
}

const DAMAGED: Opened = Opened::Quarantined(Unopened::Damaged);
const UNKNOWN: Opened = Opened::Quarantined(Unopened::UnknownKey);

#[tokio::test]
async fn a_secret_is_used_and_never_seen_in_the_database() {
    let house = TestDatabase::new().await;
    let (a, keys) = (house.owner_of("a").await, one_key());
    let id = stored(&house, &a.caller, &keys, "canary-5f3a").await;
    assert_eq!(opened(&house, &a.caller, &keys, id).await, plain("canary-5f3a"));
    let seen = listed(&house, &a).await;
    assert!(seen[0].last_used_at.is_some() && seen[0].unopened.is_none());
    assert!(!serde_json::to_string(&seen).unwrap().contains("canary"));
    let found = house.search("canary-5f3a").await;
    assert_eq!(found, Vec::<String>::new(), "in no column of any table");
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let after = replace(&mut tx, &keys, id, &Plain::new("second")).await.unwrap();
    assert_eq!(after.version, 2);
    assert_eq!(open(&mut tx, &keys, id).await.unwrap(), plain("second"));
    remove(&mut tx, id).await.unwrap();
    assert!(matches!(open(&mut tx, &keys, id).await, Err(SecretError::NotFound)));
}

#[tokio::test]
async fn a_flipped_byte_and_swapped_rows_are_quarantined_and_break_no_list() {
    let house = TestDatabase::new().await;
    let (a, keys) = (house.owner_of("a").await, one_key());
    let one = stored(&house, &a.caller, &keys, "one").await;
    let two = stored(&house, &a.caller, &keys, "two").await;
    let three = stored(&house, &a.caller, &keys, "three").await;
    house
        .as_owner(&format!(
            "UPDATE secrets s SET sealed = o.sealed FROM secrets o
             WHERE (s.id = '{one}' AND o.id = '{two}') OR (s.id = '{two}' AND o.id = '{one}');
             UPDATE secrets SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE id = '{three}'"
        ))
        .await;
    for id in [one, two, three] {
        assert_eq!(opened(&house, &a.caller, &keys, id).await, DAMAGED);
    }
    let seen = listed(&house, &a).await;
    assert_eq!(seen.iter().filter(|info| info.unopened == Some(Unopened::Damaged)).count(), 3);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let healed = replace(&mut tx, &keys, one, &Plain::new("anew")).await.unwrap();
    assert_eq!(healed.unopened, None);
    assert_eq!(open(&mut tx, &keys, one).await.unwrap(), plain("anew"));
}

#[tokio::test]
async fn another_workspaces_rows_open_nowhere_else() {
    let house = TestDatabase::new().await;
    let (a, b, keys) = (house.owner_of("a").await, house.owner_of("b").await, one_key());
    let of_a = stored(&house, &a.caller, &keys, "of a").await;
    let of_b = stored(&house, &b.caller, &keys, "of b").await;
    let mut tx = house.database.begin(&b.caller).await.unwrap();
    assert!(matches!(open(&mut tx, &keys, of_a).await, Err(SecretError::NotFound)));
    drop(tx);
    // Whoever writes the tables themselves carries the seal over, and then the key as well.
    house
        .as_owner(&format!(
            "UPDATE secrets s SET sealed = o.sealed FROM secrets o WHERE s.id = '{of_b}' AND o.id = '{of_a}'"
        ))
        .await;
    assert_eq!(opened(&house, &b.caller, &keys, of_b).await, DAMAGED);
    house
        .as_owner(&format!(
            "UPDATE data_keys k SET wrapped = o.wrapped FROM data_keys o
             WHERE k.workspace_id = '{}' AND o.workspace_id = '{}'",
            b.workspace.id, a.workspace.id
        ))
        .await;
    assert_eq!(opened(&house, &b.caller, &keys, of_b).await, DAMAGED);
    assert_eq!(opened(&house, &a.caller, &keys, of_a).await, plain("of a"));
}

#[tokio::test]
async fn two_first_secrets_at_once_share_one_key() {
    let house = Arc::new(TestDatabase::new().await);
    let (a, keys) = (house.owner_of("a").await, one_key());
    let both = futures::future::join_all((0..4).map(|number| {
        let (house, caller, keys) = (Arc::clone(&house), a.caller.clone(), keys.clone());
        async move { (stored(&house, &caller, &keys, &number.to_string()).await, number) }
    }));
    for (id, number) in both.await {
        assert_eq!(opened(&house, &a.caller, &keys, id).await, plain(&number.to_string()));
    }
}

#[tokio::test]
async fn master_keys_change_while_secrets_are_used_and_a_rotation_goes_on_where_it_was_cut_off() {
    let house = TestDatabase::new().await;
    let (old_text, new_text) = (MasterKeys::make_text(), MasterKeys::make_text());
    let (old, new) = (keys(&[&old_text]), keys(&[&new_text]));
    let both = keys(&[&new_text, &old_text]);
    let mut secrets = Vec::new();
    for name in ["a", "b", "c"] {
        let of = house.owner_of(name).await;
        secrets.push((stored(&house, &of.caller, &old, name).await, of, name));
    }
    // Cut off: one row is done, its transaction committed, the others are not.
    let (_, first, _) = &secrets[0];
    let mut tx = house.database.work().await.unwrap();
    let stale = sql::stale(&mut tx, both.newest(), None, 100).await.unwrap();
    assert_eq!(stale.len(), 3);
    let key = stale.iter().find(|key| key.workspace == first.workspace.id).unwrap();
    let wrapped = both.rewrap(key.stored.id, key.workspace, &key.stored.wrapped).unwrap();
    sql::rewrap(&mut tx, (key.workspace, key.stored.id), &wrapped).await.unwrap();
    tx.commit().await.unwrap();
    for (id, of, name) in &secrets {
        assert_eq!(opened(&house, &of.caller, &both, *id).await, plain(name), "in the middle of it");
    }
    assert_eq!(under_unknown_keys(&house.database, &new).await.unwrap(), 2);
    let rotation = rotate(&house.database, &both).await.unwrap();
    assert_eq!(rotation, Rotation { rewrapped: 2, unopened: 0 });
    assert_eq!(rotate(&house.database, &both).await.unwrap(), Rotation::default(), "nothing is left");
    for (id, of, name) in &secrets {
        assert_eq!(opened(&house, &of.caller, &new, *id).await, plain(name), "the old key is gone");
        assert_eq!(opened(&house, &of.caller, &old, *id).await, UNKNOWN, "and opens nothing");
        assert_eq!(opened(&house, &of.caller, &new, *id).await, plain(name), "which does no harm");
    }
    assert_eq!(under_unknown_keys(&house.database, &new).await.unwrap(), 0);
}

#[tokio::test]
async fn a_rotation_passes_by_what_it_cannot_open_and_says_so() {
    let house = TestDatabase::new().await;
    let (old_text, new_text, lost) = (MasterKeys::make_text(), MasterKeys::make_text(), one_key());
    let (a, b) = (house.owner_of("a").await, house.owner_of("b").await);
    let of_a = stored(&house, &a.caller, &lost, "a").await;
    let of_b = stored(&house, &b.caller, &keys(&[&old_text]), "b").await;
    let both = keys(&[&new_text, &old_text]);
    let rotation = rotate(&house.database, &both).await.unwrap();
    assert_eq!(rotation, Rotation { rewrapped: 1, unopened: 1 });
    assert_eq!(opened(&house, &b.caller, &both, of_b).await, plain("b"));
    let seen = listed(&house, &a).await;
    assert_eq!(seen[0].unopened, Some(Unopened::UnknownKey), "shown before anybody needs it");
    assert_eq!(opened(&house, &a.caller, &both, of_a).await, UNKNOWN);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let refused = store(&mut tx, &both, "another", &Plain::new("x")).await;
    assert!(matches!(refused, Err(SecretError::Conflict(_))), "nothing is sealed by a key that is lost");
    drop(tx);
    // The key is found again: all is as it was.
    assert_eq!(opened(&house, &a.caller, &lost, of_a).await, plain("a"));
}

#[tokio::test]
async fn a_viewer_uses_no_secret_and_stores_none() {
    let house = TestDatabase::new().await;
    let (owner, keys) = (house.owner_of("a").await, one_key());
    let id = stored(&house, &owner.caller, &keys, "x").await;
    let viewer = house.sign_up("v@a.example", "a", Role::Viewer).await;
    let mut tx = house.database.begin(&viewer.caller).await.unwrap();
    assert!(matches!(open(&mut tx, &keys, id).await, Err(SecretError::Forbidden(_))));
    assert!(matches!(store(&mut tx, &keys, "n", &Plain::new("x")).await, Err(SecretError::Forbidden(_))));
    assert!(matches!(remove(&mut tx, id).await, Err(SecretError::Forbidden(_))));
    assert_eq!(list(&mut tx).await.unwrap().len(), 1);
}
