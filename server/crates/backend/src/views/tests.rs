use super::*;
use domain::session::Role;
use testkit::{Signed, TestDatabase};

fn new(name: &str, shared: bool) -> NewView {
    NewView { name: name.to_owned(), shared, ..NewView::default() }
}

async fn made(house: &TestDatabase, signed: &Signed, new: NewView) -> SavedView {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let view = create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    view
}

async fn names(house: &TestDatabase, signed: &Signed) -> Vec<String> {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    list(&mut tx).await.unwrap().into_iter().map(|view| view.name).collect()
}

#[tokio::test]
async fn ones_own_view_is_not_there_for_anybody_else() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let bo = house.sign_up("bo@a.example", "a", Role::Member).await;
    let own = made(&house, &anna, new("Mine", false)).await;
    let ours = made(&house, &anna, new("Ours", true)).await;
    assert_eq!(names(&house, &anna).await, ["Mine", "Ours"]);
    assert_eq!(names(&house, &bo).await, ["Ours"]);
    let mut tx = house.database.begin(&bo.caller).await.unwrap();
    assert!(matches!(get(&mut tx, own.id).await, Err(ViewError::NotFound)));
    assert!(matches!(update(&mut tx, own.id, ViewPatch::default()).await, Err(ViewError::NotFound)));
    assert!(matches!(remove(&mut tx, own.id).await, Err(ViewError::NotFound)));
    let renamed = ViewPatch { name: Some("Everybody's".to_owned()), ..ViewPatch::default() };
    assert_eq!(update(&mut tx, ours.id, renamed).await.unwrap().name, "Everybody's");
}

#[tokio::test]
async fn the_feed_says_nothing_of_ones_own_but_whose_it_is() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let secret = NewView { filters: [("q".to_owned(), "secret".to_owned())].into(), ..new("Hidden", false) };
    let view = made(&house, &anna, secret).await;
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let shared = ViewPatch { shared: Some(true), ..ViewPatch::default() };
    update(&mut tx, view.id, shared).await.unwrap();
    let seq = tx.commit().await.unwrap().unwrap();
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let changes = tenancy::feed::history(&mut tx, seq - 2, 10).await.unwrap().items;
    let rows: Vec<String> = changes.iter().map(|change| change.row.to_string()).collect();
    assert!(!rows[0].contains("Hidden") && !rows[0].contains("secret"), "{}", rows[0]);
    assert!(rows[1].contains("Hidden") && rows[1].contains("secret"), "{}", rows[1]);
}

#[tokio::test]
async fn views_stand_in_their_order_and_can_be_moved() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let first = made(&house, &anna, new("b", false)).await;
    let second = made(&house, &anna, new("a", true)).await;
    assert!(first.position < second.position, "a new one stands behind");
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    let moved = ViewPatch { position: Some(first.position - 1), version: Some(1), ..ViewPatch::default() };
    let view = update(&mut tx, second.id, moved.clone()).await.unwrap();
    assert_eq!(view.version, 2);
    assert!(matches!(
        update(&mut tx, second.id, ViewPatch { name: Some("c".to_owned()), ..moved }).await,
        Err(ViewError::Conflict(_))
    ));
    tx.commit().await.unwrap();
    assert_eq!(names(&house, &anna).await, ["a", "b"]);
}

#[tokio::test]
async fn the_same_id_again_is_the_same_view_and_there_are_not_too_many() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let id = Some(house.database.ids().make());
    let one = made(&house, &anna, NewView { id, ..new("one", false) }).await;
    assert_eq!(made(&house, &anna, NewView { id, ..new("two", false) }).await, one);
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    for number in 1..VIEWS_LIMIT {
        create(&mut tx, new(&number.to_string(), false)).await.unwrap();
    }
    assert!(matches!(create(&mut tx, new("more", false)).await, Err(ViewError::Conflict(_))));
    assert!(create(&mut tx, new("shared", true)).await.is_ok(), "the workspace's are counted by themselves");
}
