use super::invitations::{Accepted, Session};
use super::*;
use chrono::Duration;
use domain::UserId;
use domain::session::Member;
use domain::workspaces::NewInvitation;
use tenancy::{Clock, Credential, Identity, Secret, WorkspaceRef};
use testkit::{Signed, TestDatabase};

fn named(name: &str) -> NewWorkspace {
    NewWorkspace { id: None, name: name.to_owned(), slug: None }
}

async fn changed(
    house: &TestDatabase,
    by: &Signed,
    user: UserId,
    role: Role,
) -> Result<Member, WorkspaceError> {
    let mut tx = house.database.auth().await.unwrap();
    let member = members::change_role(&mut tx, &by.caller, user, role).await?;
    tx.commit().await.unwrap();
    Ok(member)
}

async fn removed(house: &TestDatabase, by: &Signed, user: UserId) -> Result<(), WorkspaceError> {
    let mut tx = house.database.auth().await.unwrap();
    members::remove(&mut tx, &by.caller, user).await?;
    tx.commit().await.unwrap();
    Ok(())
}

async fn invited(house: &TestDatabase, by: &Signed, email: &str, role: Role) -> Secret {
    let mut tx = house.database.begin(&by.caller).await.unwrap();
    let new = NewInvitation { email: email.to_owned(), role };
    let (_, secret) = invitations::create(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

async fn accepted(
    house: &TestDatabase,
    secret: &Secret,
    visitor: Option<&Signed>,
) -> Result<Accepted, WorkspaceError> {
    let mut tx = house.database.auth().await.unwrap();
    let person = visitor.map(|signed| &signed.person);
    let accepted = invitations::accept(&mut tx, secret, person, "test").await?;
    tx.commit().await.unwrap();
    Ok(accepted)
}

async fn role_of(house: &TestDatabase, who: &Signed) -> Option<Role> {
    let workspace = WorkspaceRef::Id(who.workspace.id);
    house.database.enter(&who.person, &workspace).await.unwrap().map(|caller| caller.role())
}

#[tokio::test]
async fn whoever_makes_a_workspace_owns_it() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.auth().await.unwrap();
    let one = create(&mut tx, &a.person, named("Copenhagen Office")).await.unwrap();
    let two = create(&mut tx, &a.person, named("Copenhagen Office")).await.unwrap();
    assert_eq!((one.slug.as_str(), two.slug.as_str()), ("copenhagen-office", "copenhagen-office-2"));
    let again = NewWorkspace { id: Some(one.id), ..named("Another") };
    assert_eq!(create(&mut tx, &a.person, again.clone()).await.unwrap(), one);
    let taken = NewWorkspace { slug: Some("a".to_owned()), ..named("x") };
    let refused = create(&mut tx, &a.person, taken).await;
    assert!(matches!(refused, Err(WorkspaceError::Invalid { field: "slug", .. })));
    tx.commit().await.unwrap();
    let caller = house.database.enter(&a.person, &WorkspaceRef::Id(one.id)).await.unwrap().unwrap();
    assert_eq!(caller.role(), Role::Owner);
    let b = house.owner_of("b").await;
    let mut tx = house.database.auth().await.unwrap();
    assert!(matches!(create(&mut tx, &b.person, again).await, Err(WorkspaceError::Conflict(_))));
}

#[tokio::test]
async fn a_name_changes_and_a_slug_that_is_taken_does_not() {
    let house = TestDatabase::new().await;
    let (a, _) = (house.owner_of("a").await, house.owner_of("b").await);
    let patch =
        |name: &str, slug: &str| WorkspacePatch { name: Some(name.to_owned()), slug: Some(slug.to_owned()) };
    let mut tx = house.database.auth().await.unwrap();
    let renamed = rename(&mut tx, &a.caller, patch("New", "new")).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.slug.as_str()), ("New", "new"));
    tx.commit().await.unwrap();
    let mut tx = house.database.auth().await.unwrap();
    let refused = rename(&mut tx, &a.caller, patch("New", "b")).await;
    assert!(matches!(refused, Err(WorkspaceError::Invalid { field: "slug", .. })), "{refused:?}");
    let member = house.sign_up("m@new.example", "new", Role::Member).await;
    let mut tx = house.database.auth().await.unwrap();
    let refused = rename(&mut tx, &member.caller, patch("x", "x")).await;
    assert!(matches!(refused, Err(WorkspaceError::Forbidden(_))));
}

#[tokio::test]
async fn roles_change_downwards_and_count_at_once() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let member = house.sign_up("member@a.example", "a", Role::Member).await;
    let stranger = house.owner_of("b").await;
    let (user, top) = (member.person.user(), owner.person.user());
    changed(&house, &admin, user, Role::Viewer).await.unwrap();
    assert_eq!(role_of(&house, &member).await, Some(Role::Viewer));
    let too_high = changed(&house, &admin, user, Role::Owner).await;
    assert!(matches!(too_high, Err(WorkspaceError::Invalid { field: "role", .. })));
    assert!(matches!(changed(&house, &admin, top, Role::Viewer).await, Err(WorkspaceError::Forbidden(_))));
    assert!(matches!(removed(&house, &admin, top).await, Err(WorkspaceError::Forbidden(_))));
    assert!(matches!(changed(&house, &member, user, Role::Admin).await, Err(WorkspaceError::Forbidden(_))));
    assert!(matches!(changed(&house, &stranger, user, Role::Viewer).await, Err(WorkspaceError::NotFound)));
    assert!(matches!(removed(&house, &stranger, user).await, Err(WorkspaceError::NotFound)));
    assert_eq!(role_of(&house, &member).await, Some(Role::Viewer));
}

#[tokio::test]
async fn a_workspace_keeps_an_owner_also_when_two_leave_at_once() {
    let house = TestDatabase::new().await;
    let one = house.owner_of("a").await;
    let alone = removed(&house, &one, one.person.user()).await;
    assert!(matches!(alone, Err(WorkspaceError::Conflict(_))));
    let demoted = changed(&house, &one, one.person.user(), Role::Admin).await;
    assert!(matches!(demoted, Err(WorkspaceError::Conflict(_))));
    let two = house.sign_up("two@a.example", "a", Role::Owner).await;
    let left = futures::future::join(
        removed(&house, &one, one.person.user()),
        removed(&house, &two, two.person.user()),
    );
    let (first, second) = left.await;
    assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|left| **left).count(), 1);
}

#[tokio::test]
async fn who_goes_takes_their_keys_along() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let mut keys = Vec::new();
    for role in [Role::Admin, Role::Viewer] {
        let new = auth::NewKey { name: "k".to_owned(), role, scopes: None, expires_at: None };
        let mut tx = house.database.begin(&admin.caller).await.unwrap();
        keys.push(auth::create_key(&mut tx, new).await.unwrap().1);
        tx.commit().await.unwrap();
    }
    let open = async |key: &Secret| {
        let credential = Credential::Key(key.clone());
        house.database.authenticate(&credential).await.unwrap().is_some()
    };
    changed(&house, &owner, admin.person.user(), Role::Member).await.unwrap();
    assert!(!open(&keys[0]).await, "a key above what its maker is now");
    assert!(open(&keys[1]).await);
    removed(&house, &owner, admin.person.user()).await.unwrap();
    assert!(!open(&keys[1]).await);
    assert_eq!(role_of(&house, &admin).await, None);
}

#[tokio::test]
async fn a_workspace_is_handed_over() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let mut tx = house.database.auth().await.unwrap();
    let to = admin.person.user();
    let refused = members::transfer(&mut tx, &admin.caller, to).await;
    assert!(matches!(refused, Err(WorkspaceError::Forbidden(_))));
    let member = members::transfer(&mut tx, &owner.caller, to).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(member.role, Role::Owner);
    assert_eq!(role_of(&house, &owner).await, Some(Role::Admin));
    let operator = house.database.operator(owner.workspace.id);
    let mut tx = house.database.auth().await.unwrap();
    let refused = members::transfer(&mut tx, &operator, to).await;
    assert!(matches!(refused, Err(WorkspaceError::Forbidden(_))), "not by a job, nor by the command line");
}

#[tokio::test]
async fn an_invitation_makes_an_account_and_works_once() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let secret = invited(&house, &owner, " New@Example.com ", Role::Member).await;
    assert_eq!(house.search(secret.reveal()).await, Vec::<String>::new(), "only its digest is stored");
    let first = accepted(&house, &secret, None).await.unwrap();
    assert_eq!((first.joined.workspace.id, first.joined.role), (owner.workspace.id, Role::Member));
    let Session::Opened(signed) = first.session else { panic!("signed in") };
    let who = house.database.authenticate(&Credential::Session(signed.token)).await.unwrap();
    assert!(matches!(who, Some(Identity::Person(_))));
    assert!(matches!(accepted(&house, &secret, None).await, Err(WorkspaceError::NotFound)));
    let guessed = Secret::received("inv_guess\0");
    assert!(matches!(accepted(&house, &guessed, None).await, Err(WorkspaceError::NotFound)));
}

#[tokio::test]
async fn an_invitation_is_no_way_into_somebodys_account() {
    let house = TestDatabase::new().await;
    let (owner, victim) = (house.owner_of("a").await, house.owner_of("b").await);
    let other = house.owner_of("c").await;
    let secret = invited(&house, &owner, "owner@b.example", Role::Member).await;
    for visitor in [None, Some(&other)] {
        assert!(matches!(accepted(&house, &secret, visitor).await, Err(WorkspaceError::Conflict(_))));
    }
    let new = invited(&house, &owner, "nobody@example.com", Role::Member).await;
    assert!(matches!(accepted(&house, &new, Some(&other)).await, Err(WorkspaceError::Conflict(_))));
    let joined = accepted(&house, &secret, Some(&victim)).await.unwrap();
    assert!(matches!(joined.session, Session::Kept));
    let workspace = WorkspaceRef::Id(owner.workspace.id);
    let caller = house.database.enter(&victim.person, &workspace).await.unwrap().unwrap();
    assert_eq!(caller.role(), Role::Member);
}

#[tokio::test]
async fn an_invitation_ends_by_time_and_by_being_taken_back() {
    let start = domain::DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::fixed(start);
    let house = TestDatabase::with_clock(clock.clone()).await;
    let owner = house.owner_of("a").await;
    let late = invited(&house, &owner, "late@example.com", Role::Viewer).await;
    let revoked = invited(&house, &owner, "revoked@example.com", Role::Viewer).await;
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    let open = invitations::list(&mut tx).await.unwrap();
    assert_eq!(open.len(), 2);
    let id = open.iter().find(|one| one.email.starts_with("revoked")).unwrap().id;
    invitations::revoke(&mut tx, id).await.unwrap();
    assert!(matches!(invitations::revoke(&mut tx, id).await, Err(WorkspaceError::NotFound)));
    tx.commit().await.unwrap();
    assert!(matches!(accepted(&house, &revoked, None).await, Err(WorkspaceError::NotFound)));
    clock.set(start + Duration::days(7));
    assert!(matches!(accepted(&house, &late, None).await, Err(WorkspaceError::NotFound)));
}

#[tokio::test]
async fn nobody_invites_above_themselves() {
    let house = TestDatabase::new().await;
    house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let member = house.sign_up("member@a.example", "a", Role::Member).await;
    let new = |role| NewInvitation { email: "x@example.com".to_owned(), role };
    let mut tx = house.database.begin(&admin.caller).await.unwrap();
    let refused = invitations::create(&mut tx, &new(Role::Owner)).await;
    assert!(matches!(refused, Err(WorkspaceError::Invalid { field: "role", .. })));
    let there = NewInvitation { email: "member@a.example".to_owned(), role: Role::Viewer };
    assert!(matches!(invitations::create(&mut tx, &there).await, Err(WorkspaceError::Conflict(_))));
    let mut tx = house.database.begin(&member.caller).await.unwrap();
    let refused = invitations::create(&mut tx, &new(Role::Viewer)).await;
    assert!(matches!(refused, Err(WorkspaceError::Forbidden(_))));
}

#[tokio::test]
async fn a_deleted_workspace_leaves_its_trail_and_nothing_else() {
    let house = TestDatabase::new().await;
    let owner = house.owner_of("a").await;
    let admin = house.sign_up("admin@a.example", "a", Role::Admin).await;
    let keys = vault::MasterKeys::parse(&vault::MasterKeys::make_text()).unwrap();
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    crate::secrets::store(&mut tx, &keys, "s", &vault::Plain::new("x")).await.unwrap();
    let new = domain::tasks::NewTask { title: "canary-title".to_owned(), ..Default::default() };
    crate::tasks::create(&mut tx, new).await.unwrap();
    let running = domain::tasks::NewTask { title: "t".to_owned(), start: true, ..Default::default() };
    let running = crate::tasks::create(&mut tx, running).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(delete(&house.database, &admin.caller).await, Err(WorkspaceError::Forbidden(_))));
    assert!(matches!(delete(&house.database, &owner.caller).await, Err(WorkspaceError::Conflict(_))));
    let mut tx = house.database.begin(&owner.caller).await.unwrap();
    crate::tasks::cancel(&mut tx, running.id).await.unwrap();
    tx.commit().await.unwrap();
    delete(&house.database, &owner.caller).await.unwrap();
    let left = house.search(&owner.workspace.id.to_string()).await;
    let kept = ["public.audit_entries", "public.audit_heads", "public.feed_counters", "graphile_worker."];
    let other: Vec<&String> =
        left.iter().filter(|place| !kept.iter().any(|known| place.starts_with(known))).collect();
    assert_eq!(other, Vec::<&String>::new());
    assert_eq!(house.search("canary-title").await, Vec::<String>::new());
    let verdicts = audit::verify(&house.database, &audit::Chain::All).await.unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.broken.is_none()));
    assert!(verdicts.iter().any(|verdict| verdict.workspace == owner.workspace.id), "its trail stays");
    assert!(verdicts.iter().any(|verdict| verdict.workspace == HOUSE), "and the house knows who did it");
}
