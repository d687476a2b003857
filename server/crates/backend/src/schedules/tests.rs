use super::jobs::{RunSchedule, run_due};
use super::*;
use domain::DateTime;
use domain::tasks::TaskStatus;
use domain::templates::NewTemplate;
use testkit::{Signed, TestDatabase};

async fn made(house: &TestDatabase, of: &Signed, change: fn(&mut NewSchedule)) -> Schedule {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let new = NewTemplate { name: "t".to_owned(), title: "Nightly".to_owned(), ..NewTemplate::default() };
    let template = templates::create(&mut tx, new).await.unwrap();
    let mut new = NewSchedule {
        id: None,
        name: "nightly".to_owned(),
        template_id: template.id,
        cron: "0 3 * * *".to_owned(),
        time_zone: Some("Europe/Copenhagen".to_owned()),
        enabled: None,
        start: None,
    };
    change(&mut new);
    let schedule = create(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    schedule
}

async fn due(house: &TestDatabase, of: &Signed, schedule: &Schedule, at: DateTime) -> bool {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    let ran = run_due(&mut tx, &RunSchedule { schedule: schedule.id, due: at }).await.unwrap();
    tx.commit().await.unwrap();
    ran
}

async fn read(house: &TestDatabase, of: &Signed, schedule: &Schedule) -> Schedule {
    let mut tx = house.database.begin(&of.caller).await.unwrap();
    get(&mut tx, schedule.id).await.unwrap()
}

#[tokio::test]
async fn a_run_makes_a_task_and_only_the_time_that_is_meant_counts() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let schedule = made(&house, &a, |_| ()).await;
    assert_eq!(schedule.next_runs.len(), 3);
    let first = schedule.next_runs[0];
    assert!(!due(&house, &a, &schedule, schedule.next_runs[1]).await, "another time than is stored");
    assert!(due(&house, &a, &schedule, first).await);
    let after = read(&house, &a, &schedule).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let task = tasks::get(&mut tx, after.last_task_id.unwrap().into()).await.unwrap();
    assert_eq!((task.title.as_str(), task.status), ("Nightly", TaskStatus::Queued));
    assert_eq!((after.last_task_number, after.last_problem.as_str()), (Some(task.number), ""));
    drop(tx);
    // The clock has not reached it, so the next time is the same one: its task is under way, and none is added.
    assert!(due(&house, &a, &schedule, first).await);
    let again = read(&house, &a, &schedule).await;
    assert_eq!(again.last_task_id, after.last_task_id);
    assert!(again.last_problem.contains("has not ended"), "{}", again.last_problem);
}

#[tokio::test]
async fn one_that_is_off_or_changed_makes_nothing() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let schedule = made(&house, &a, |_| ()).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let off = SchedulePatch { enabled: Some(false), version: Some(1), ..SchedulePatch::default() };
    assert!(update(&mut tx, schedule.id, off).await.unwrap().next_runs.is_empty());
    tx.commit().await.unwrap();
    assert!(!due(&house, &a, &schedule, schedule.next_runs[0]).await);
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let made = run(&mut tx, schedule.id).await.unwrap();
    assert_eq!(made.title, "Nightly", "by hand it runs all the same");
    let refused = templates::remove(&mut tx, schedule.template_id).await;
    assert!(matches!(refused, Err(templates::TemplateError::Conflict(_))), "{refused:?}");
    remove(&mut tx, schedule.id).await.unwrap();
    templates::remove(&mut tx, schedule.template_id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!due(&house, &a, &schedule, schedule.next_runs[0]).await, "it is gone");
}

#[tokio::test]
async fn each_mistake_names_its_field() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let schedule = made(&house, &a, |new| new.enabled = Some(false)).await;
    let text = |text: &str| Some(text.to_owned());
    for (patch, field) in [
        (SchedulePatch { cron: text("* * * * *"), ..SchedulePatch::default() }, "cron"),
        (SchedulePatch { cron: text("0 0 30 2 *"), ..SchedulePatch::default() }, "cron"),
        (SchedulePatch { cron: text("whenever"), ..SchedulePatch::default() }, "cron"),
        (SchedulePatch { time_zone: text("Mars/Olympus"), ..SchedulePatch::default() }, "time_zone"),
        (SchedulePatch { name: text(" "), ..SchedulePatch::default() }, "name"),
        (
            SchedulePatch { template_id: Some(house.database.ids().make()), ..SchedulePatch::default() },
            "template_id",
        ),
    ] {
        let mut tx = house.database.begin(&a.caller).await.unwrap();
        let refused = update(&mut tx, schedule.id, patch).await;
        assert!(
            matches!(refused, Err(ScheduleError::Invalid { field: at, .. }) if at == field),
            "{refused:?}"
        );
    }
}
