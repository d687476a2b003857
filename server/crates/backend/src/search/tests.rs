use super::*;
use domain::tasks::NewTask;
use testkit::{Signed, TestDatabase};

async fn made(house: &TestDatabase, signed: &Signed, title: &str) -> Task {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let task =
        tasks::create(&mut tx, NewTask { title: title.to_owned(), ..NewTask::default() }).await.unwrap();
    tx.commit().await.unwrap();
    task
}

async fn titles(house: &TestDatabase, signed: &Signed, words: &str) -> Vec<String> {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    find(&mut tx, words).await.unwrap().tasks.into_iter().map(|task| task.title).collect()
}

#[tokio::test]
async fn a_number_comes_first_and_words_find_what_says_them() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    for title in ["Fix the login", "Release 1 of it", "Write the manual"] {
        made(&house, &anna, title).await;
    }
    assert_eq!(titles(&house, &anna, "login FIX").await, ["Fix the login"]);
    assert_eq!(titles(&house, &anna, "#3").await, ["Write the manual"]);
    assert_eq!(titles(&house, &anna, " 1 ").await.first().unwrap(), "Fix the login");
    assert_eq!(titles(&house, &anna, "").await, ["Write the manual", "Release 1 of it", "Fix the login"]);
    assert!(titles(&house, &anna, "nothing of the kind").await.is_empty());
    assert!(titles(&house, &anna, "99").await.is_empty());
}

#[tokio::test]
async fn what_is_found_is_bounded_and_of_this_workspace() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let bo = house.owner_of("b").await;
    for number in 0..TASKS_FOUND + 3 {
        made(&house, &anna, &format!("same {number}")).await;
    }
    assert_eq!(titles(&house, &anna, "same").await.len(), TASKS_FOUND as usize);
    assert!(titles(&house, &bo, "same").await.is_empty());
    assert!(titles(&house, &bo, "1").await.is_empty());
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    assert!(find(&mut tx, &"x".repeat(201)).await.is_err());
}

#[tokio::test]
async fn a_repository_is_found_by_the_beginnings_of_its_name() {
    let house = TestDatabase::new().await;
    let anna = house.owner_of("a").await;
    let mut tx = house.database.begin(&anna.caller).await.unwrap();
    for name in ["web-shop", "manual"] {
        let new = serde_json::json!({ "name": name, "url": format!("https://example.com/{name}.git") });
        let new = serde_json::from_value(new).unwrap();
        repositories::create(&mut tx, new, repositories::Found::for_tests("main")).await.unwrap();
    }
    let found = find(&mut tx, "sho").await.unwrap();
    assert_eq!(found.repositories.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["web-shop"]);
    assert!(find(&mut tx, "").await.unwrap().repositories.is_empty());
}
