use super::*;
use domain::Edit;
use testkit::TestDatabase;

fn new(name: &str) -> NewTemplate {
    NewTemplate { name: name.to_owned(), title: "Update packages".to_owned(), ..NewTemplate::default() }
}

#[tokio::test]
async fn a_template_is_checked_as_its_tasks_are() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let bad = NewTemplate { title: " ".to_owned(), ..new("x") };
    assert!(matches!(create(&mut tx, bad).await, Err(TemplateError::Invalid { field: "title", .. })));
    let bad = NewTemplate { repository: Some("none".to_owned()), ..new("x") };
    assert!(matches!(create(&mut tx, bad).await, Err(TemplateError::Invalid { field: "repository", .. })));
    let script = Some("a\r\nb".to_owned());
    let made = create(&mut tx, NewTemplate { script, ..new("Packages") }).await.unwrap();
    assert_eq!((made.script.as_str(), made.priority), ("a\nb", Priority::Normal));
    let task = crate::tasks::create(&mut tx, filled(&made)).await.unwrap();
    assert_eq!((task.title, task.script), (made.title.clone(), made.script.clone()));
    let patch = TemplatePatch { script: Edit::Clear, version: Some(1), ..TemplatePatch::default() };
    let changed = update(&mut tx, made.id, patch.clone()).await.unwrap();
    assert_eq!((changed.script.as_str(), changed.version), ("", 2));
    tx.commit().await.unwrap();
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let twice = create(&mut tx, new("packages")).await;
    assert!(matches!(twice, Err(TemplateError::Conflict(_))), "names differ by more than case");
}

#[tokio::test]
async fn there_are_only_so_many() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    for number in 0..TEMPLATES_LIMIT {
        create(&mut tx, new(&format!("t{number}"))).await.unwrap();
    }
    assert!(matches!(create(&mut tx, new("more")).await, Err(TemplateError::Conflict(_))));
}
