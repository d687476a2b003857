use super::*;
use chrono::Duration;
use tenancy::{Clock, Credential};
use testkit::TestDatabase;

fn link(email: &str, workspace: Option<&str>) -> NewLink {
    NewLink { email: email.to_owned(), workspace: workspace.map(str::to_owned), role: None }
}

async fn made(house: &TestDatabase, new: &NewLink) -> Secret {
    let mut tx = house.database.auth().await.unwrap();
    let secret = create_link(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

async fn used(house: &TestDatabase, secret: &Secret) -> Option<SignedIn> {
    let mut tx = house.database.auth().await.unwrap();
    let signed = sign_in(&mut tx, secret, "test").await.unwrap();
    tx.commit().await.unwrap();
    signed
}

#[tokio::test]
async fn a_link_signs_in_once_and_for_a_quarter_of_an_hour() {
    let start = domain::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::fixed(start);
    let house = TestDatabase::with_clock(clock.clone()).await;
    let secret = made(&house, &link("Anna@Example.com", None)).await;
    assert!(used(&house, &secret).await.is_some());
    assert!(used(&house, &secret).await.is_none(), "once");
    let late = made(&house, &link("anna@example.com", None)).await;
    clock.set(start + Duration::minutes(LINK_MINUTES));
    assert!(used(&house, &late).await.is_none(), "in time");
    assert!(used(&house, &Secret::received("guess\0")).await.is_none());
}

#[tokio::test]
async fn a_new_person_owns_a_workspace_of_their_own() {
    let house = TestDatabase::new().await;
    let secret = made(&house, &link("mette.hansen@example.com", None)).await;
    let signed = used(&house, &secret).await.unwrap();
    assert_eq!(
        (signed.workspace.slug.as_str(), signed.workspace.name.as_str()),
        ("mette-hansen", "Mette Hansen")
    );
    let identity = house.database.authenticate(&Credential::Session(signed.token)).await.unwrap().unwrap();
    let seen = session(&house.database, &identity, None).await.unwrap();
    assert_eq!(seen.role, Some(Role::Owner));
    assert_eq!(seen.user.unwrap().email, "mette.hansen@example.com");
    let elsewhere = session(&house.database, &identity, Some(&WorkspaceRef::parse("nowhere"))).await;
    assert!(matches!(elsewhere, Err(AuthError::NotFound)));
}

#[tokio::test]
async fn a_second_link_into_a_workspace_keeps_the_role() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let again = made(&house, &link("owner@a.example", Some("a"))).await;
    let signed = used(&house, &again).await.unwrap();
    assert_eq!(signed.workspace.id, owner.workspace.id);
    let guest = made(&house, &link("guest@a.example", Some("a"))).await;
    used(&house, &guest).await.unwrap();
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    let roles: Vec<Role> = members(&mut tx).await.unwrap().into_iter().map(|member| member.role).collect();
    assert_eq!(roles.len(), 2);
    assert!(roles.contains(&Role::Owner) && roles.contains(&Role::Member));
}

#[tokio::test]
async fn signing_out_and_time_end_a_session() {
    let start = domain::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::fixed(start);
    let house = TestDatabase::with_clock(clock.clone()).await;
    let (one, two) = (house.owner_of("a").await, house.owner_of("a").await);
    let known = async |signed: &testkit::Signed| {
        let credential = Credential::Session(signed.token.clone());
        house.database.authenticate(&credential).await.unwrap().is_some()
    };
    let mut tx = house.database.auth().await.unwrap();
    sign_out(&mut tx, &one.person).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!known(&one).await, "signed out");
    assert!(known(&two).await, "another session of the same person goes on");
    clock.set(start + Duration::days(31));
    assert!(!known(&two).await, "unused for a month");
}

#[tokio::test]
async fn a_session_in_use_ends_all_the_same() {
    let start = domain::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::fixed(start);
    let house = TestDatabase::with_clock(clock.clone()).await;
    let signed = house.owner_of("a").await;
    let credential = Credential::Session(signed.token.clone());
    for days in [20, 40, 60, 80, 89] {
        clock.set(start + Duration::days(days));
        assert!(house.database.authenticate(&credential).await.unwrap().is_some(), "{days}");
    }
    clock.set(start + Duration::days(SESSION_DAYS));
    assert!(house.database.authenticate(&credential).await.unwrap().is_none());
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked_or_expires() {
    let start = domain::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::fixed(start);
    let house = TestDatabase::with_clock(clock.clone()).await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let expires_at = Some(start + Duration::days(1));
    let new = NewKey { name: "ci".to_owned(), role: Role::Viewer, scopes: None, expires_at };
    let (key, secret) = create_key(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    let known = async || house.database.authenticate(&Credential::Key(secret.clone())).await.unwrap();
    let Some(Identity::Caller(caller)) = known().await else { panic!("the key is known") };
    assert_eq!((caller.workspace(), caller.role()), (a.workspace.id, Role::Viewer));
    clock.set(start + Duration::days(2));
    assert!(known().await.is_none(), "expired");
    clock.set(start);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    revoke_key(&mut tx, key.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(known().await.is_none(), "revoked");
}

#[tokio::test]
async fn nobody_hands_out_more_than_they_have() {
    let house = TestDatabase::new().await;
    house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let member = house.sign_up("member@a.example", "a", Role::Member).await;
    let new = |role| NewKey { name: "k".to_owned(), role, scopes: None, expires_at: None };
    let mut tx = house.database.begin(&admin.caller).await.unwrap();
    assert!(matches!(
        create_key(&mut tx, new(Role::Owner)).await,
        Err(AuthError::Invalid { field: "role", .. })
    ));
    let mut tx = house.database.begin(&member.caller).await.unwrap();
    assert!(matches!(create_key(&mut tx, new(Role::Viewer)).await, Err(AuthError::Forbidden(_))));
}
