use super::*;
use domain::DateTime;
use domain::tasks::{Agent, TaskStatus};

pub(crate) fn task(number: i64) -> Task {
    Task {
        id: TaskId(uuid::Uuid::from_u128(u128::try_from(number).unwrap())),
        number,
        title: format!("task {number}"),
        description: String::new(),
        priority: Priority::Normal,
        status: TaskStatus::Draft,
        repository_id: None,
        agent: Agent::Shell,
        script: String::new(),
        truncated: false,
        labels: Vec::new(),
        assignee_id: None,
        blocked_by: Vec::new(),
        created_by: None,
        created_at: DateTime::from_timestamp(number, 0).unwrap(),
        updated_at: DateTime::from_timestamp(number, 0).unwrap(),
        started_at: None,
        completed_at: None,
        version: 1,
    }
}

fn read(column: Option<Column>, numbers: &[i64], next: Option<&str>) -> Read {
    Read {
        column,
        items: numbers.iter().map(|number| task(*number)).collect(),
        next_cursor: next.map(str::to_owned),
        total: 100,
    }
}

fn numbers(lane: &Lane, tasks: &[Arc<Task>]) -> Vec<i64> {
    let number = |id: TaskId| tasks.iter().find(|task| task.id == id).map(|task| task.number);
    lane.order(tasks).into_iter().filter_map(number).collect()
}

#[test]
fn what_lies_beyond_the_page_that_was_read_waits_for_its_page() {
    let known: Vec<Arc<Task>> = (1..=6).map(|number| Arc::new(task(number))).collect();
    let mut lane = Lane::new(&read(Some(Column::Draft), &[5, 4], Some("next")), "", false);
    // 6 is newer than the page: it has just been made. 1 to 3 are known from elsewhere.
    assert_eq!(numbers(&lane, &known), [6, 5, 4]);
    assert_eq!(lane.count(3), 100);
    lane.extend(&[task(3), task(2)], Some("further".to_owned()));
    assert_eq!(numbers(&lane, &known), [6, 5, 4, 3, 2]);
    lane.extend(&[], None);
    assert_eq!(numbers(&lane, &known), [6, 5, 4, 3, 2, 1]);
    assert_eq!(lane.count(6), 6, "all is read: what is shown is what there is");
}

#[test]
fn a_list_that_begins_in_the_middle_shows_nothing_before_it() {
    let known: Vec<Arc<Task>> = (1..=6).map(|number| Arc::new(task(number))).collect();
    let lane = Lane::new(&read(None, &[4, 3], None), "-created_at", true);
    assert_eq!(numbers(&lane, &known), [4, 3, 2, 1]);
}

#[test]
fn the_queue_is_by_priority_then_age_and_the_rest_by_the_last_change() {
    let queued = |number, priority| Arc::new(Task { priority, status: TaskStatus::Queued, ..task(number) });
    let known = [
        queued(1, Priority::Low),
        queued(2, Priority::Urgent),
        queued(3, Priority::Normal),
        queued(4, Priority::Normal),
    ];
    let lane = Lane::new(&read(Some(Column::Queued), &[], None), "", false);
    assert_eq!(numbers(&lane, &known), [2, 3, 4, 1]);
    let done = |number, at| {
        let updated_at = DateTime::from_timestamp(at, 0).unwrap();
        Arc::new(Task { updated_at, status: TaskStatus::Failed, ..task(number) })
    };
    let known = [done(1, 30), done(2, 10), done(3, 20)];
    let lane = Lane::new(&read(Some(Column::Done), &[], None), "", false);
    assert_eq!(numbers(&lane, &known), [1, 3, 2]);
}

#[test]
fn the_sorts_of_the_list() {
    let tasks: Vec<Arc<Task>> = [(1, Priority::High), (2, Priority::Low), (3, Priority::High)]
        .map(|(number, priority)| Arc::new(Task { priority, ..task(number) }))
        .into();
    for (sort, expected) in [
        ("created_at", [1, 2, 3]),
        ("-created_at", [3, 2, 1]),
        ("number", [1, 2, 3]),
        ("-number", [3, 2, 1]),
        ("-priority", [1, 3, 2]),
        ("priority", [2, 3, 1]),
    ] {
        let lane = Lane::new(&read(None, &[], None), sort, false);
        assert_eq!(numbers(&lane, &tasks), expected, "{sort}");
    }
}
