//! Pages, marks and search on a real database, beside the lines as one reading gives them.

use super::*;
use crate::tasks;
use domain::DateTime;
use domain::executions::{EventBody, ExecutionEvent, Stream};
use domain::tasks::NewTask;
use testkit::{Signed, TestDatabase};

async fn queued(house: &TestDatabase, signed: &Signed) -> ExecutionId {
    let mut tx = house.database.begin(&signed.caller).await.unwrap();
    let new = NewTask { title: "Talks".to_owned(), start: true, ..NewTask::default() };
    let task = tasks::create(&mut tx, new).await.unwrap();
    let id = crate::executions::list(&mut tx, task.id).await.unwrap()[0].id;
    tx.commit().await.unwrap();
    id
}

/// Stores events; whether they are counted at once is the caller's choice.
async fn store(tx: &mut TenantTx, id: ExecutionId, events: &[ExecutionEvent], counted: bool) {
    super::super::sql::append(tx, id, events).await.unwrap();
    super::super::sql::set_progress(tx, id, events.last().unwrap().seq, 0).await.unwrap();
    if counted {
        note(tx, id, events).await.unwrap();
    }
}

fn events(bodies: Vec<EventBody>) -> Vec<ExecutionEvent> {
    (1..).zip(bodies).map(|(seq, body)| ExecutionEvent { seq, at: DateTime::UNIX_EPOCH, body }).collect()
}

fn out(text: String) -> EventBody {
    EventBody::ToolOutput { stream: Stream::Stdout, text, base64: None }
}

/// Commands, short events, long ones, a line that goes on over many events, colours over lines.
fn mixed() -> Vec<EventBody> {
    let mut bodies = Vec::new();
    for command in 1..=20 {
        bodies.push(EventBody::Tool { command, title: format!("step {command}") });
        bodies.extend((0..30).map(|line| out(format!("{command}:{line} one at a time\n"))));
        bodies.push(out((0..700).map(|line| format!("\u{1b}[3{}m{command}-{line}\n", line % 8)).collect()));
        if command == 7 {
            bodies.extend((0..200).map(|_| out("endless ".repeat(100))));
            bodies.push(out("\nafter the endless one\n".to_owned()));
        }
        bodies.push(out("no end yet".to_owned()));
        bodies.push(EventBody::ToolFinished { command, exit_code: 0, ms: 5 });
    }
    bodies
}

fn whole(events: &[ExecutionEvent]) -> Vec<Line> {
    let (mut scan, mut lines) = (Scan::default(), Vec::new());
    for event in events {
        scan.take(event, |step| apply(&mut lines, step));
    }
    lines
}

#[tokio::test]
async fn every_page_is_a_cut_of_the_whole_wherever_it_begins() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let events = events(mixed());
    let expected = whole(&events);
    for counted in [true, false] {
        let id = queued(&house, &a).await;
        let mut tx = house.database.begin(&a.caller).await.unwrap();
        for part in events.chunks(77) {
            store(&mut tx, id, part, counted).await;
        }
        let count = i64::try_from(expected.len()).unwrap();
        for first in (1..=count).step_by(611).chain([1, 2, 249, 250, 251, count - 1, count]) {
            let page = log(&mut tx, id, first, 300).await.unwrap();
            let from = usize::try_from(first - 1).unwrap();
            let until = (from + 300).min(expected.len());
            assert_eq!(page.items, expected[from..until], "from {first}");
            assert_eq!(page.scan.lines, count);
        }
        let last = log(&mut tx, id, 0, 10).await.unwrap();
        assert_eq!(last.items, expected[expected.len() - 10..]);
        assert!(log(&mut tx, id, count + 1, 10).await.unwrap().items.is_empty());
        assert!(!last.finished);
    }
}

#[tokio::test]
async fn a_page_reads_near_itself_and_not_the_whole_log() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let id = queued(&house, &a).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    store(&mut tx, id, &events((0..5_000).map(|line| out(format!("{line}\n"))).collect()), true).await;
    let mark = sql::mark_before(&mut tx, id, 4_000).await.unwrap();
    assert!(mark.lines < 4_000 && mark.lines + 300 > 4_000, "{mark:?}");
}

#[tokio::test]
async fn commands_know_their_lines() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let id = queued(&house, &a).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let mut bodies = mixed();
    bodies.push(EventBody::Tool { command: 21, title: "still runs".to_owned() });
    let events = events(bodies);
    store(&mut tx, id, &events, true).await;
    let commands = commands(&mut tx, id).await.unwrap();
    let lines = whole(&events);
    assert_eq!(commands.len(), 21);
    for command in &commands {
        let at = |line: i64| &lines[usize::try_from(line - 1).unwrap()].body;
        assert!(matches!(at(command.first_line), EventBody::Tool { .. }));
        match command.last_line {
            Some(last) => assert!(matches!(at(last), EventBody::ToolFinished { .. })),
            None => assert_eq!(command.command, 21),
        }
    }
}

#[tokio::test]
async fn a_search_finds_each_line_once_over_any_number_of_answers() {
    let house = TestDatabase::new().await;
    let a = house.owner_of("a").await;
    let id = queued(&house, &a).await;
    let mut tx = house.database.begin(&a.caller).await.unwrap();
    let events = events(mixed());
    store(&mut tx, id, &events, true).await;
    for (query, expected) in
        [("ONE AT A TIME", 600), ("endless", 2), ("no end yet", 20), ("step 7", 1), ("\u{1b}", 0)]
    {
        let (mut after, mut found) = (0, Vec::new());
        loop {
            let hits = search(&mut tx, id, query, after, 70).await.unwrap();
            assert!(hits.items.len() <= 70 && (hits.finished || hits.next_after > after));
            found.extend(hits.items.into_iter().map(|hit| hit.line));
            after = hits.next_after;
            if hits.finished {
                break;
            }
        }
        assert_eq!(found.len(), expected, "{query}");
        assert!(found.is_sorted_by(|one, next| one < next), "{query}");
    }
    for query in ["", "  ", &"x".repeat(201)] {
        let refused = search(&mut tx, id, query, 0, 10).await;
        assert!(matches!(refused, Err(ExecutionError::Invalid { field: "q", .. })), "{query:?}");
    }
}
