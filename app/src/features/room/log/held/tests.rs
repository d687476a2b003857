//! A log as a page comes to hold it: pages in any order, events meanwhile, readings that are older or newer.

use super::*;
use domain::DateTime;
use domain::executions::Stream;

fn event(seq: i64, text: &str) -> ExecutionEvent {
    let body = EventBody::ToolOutput { stream: Stream::Stdout, text: text.to_owned(), base64: None };
    ExecutionEvent { seq, at: DateTime::UNIX_EPOCH, body }
}

/// Events of seven lines each, the last line of each without its end.
fn events(count: i64) -> Vec<ExecutionEvent> {
    let text = |seq: i64| (0..7).map(|line| format!("{seq}.{line}\n")).collect::<String>();
    (1..=count).map(|seq| event(seq, &format!("{}{seq} goes on ", text(seq)))).collect()
}

/// What the server answers when it has stored so many events.
fn server(events: &[ExecutionEvent], first: i64, limit: i64) -> LogPage {
    let (mut scan, mut lines) = (Scan::default(), Vec::new());
    for event in events {
        scan.take(event, |step| apply(&mut lines, step));
    }
    let first = if first > 0 { first } else { (scan.lines - limit + 1).max(1) };
    lines.retain(|line| line.number >= first && line.number < first + limit);
    LogPage { items: lines, scan, finished: false }
}

#[track_caller]
fn same(held: &Held, events: &[ExecutionEvent]) {
    let truth = server(events, 1, i64::MAX - 1);
    assert_eq!(held.scan, truth.scan);
    for line in &truth.items {
        if let Some(held) = held.line(line.number) {
            assert_eq!(held, line);
        }
    }
    let last = truth.scan.lines;
    assert!(held.missing(last, last).is_some() || held.line(last).is_some());
}

#[test]
fn events_go_on_where_a_page_ends() {
    let all = events(400);
    for read in [0, 1, 28, 29, 30, 57, 200, 399] {
        let mut held = Held::of(server(&all[..read], 0, 400));
        for event in &all[read..] {
            assert_eq!(held.append(event), Taken::Appended);
            assert_eq!(held.append(event), Taken::Known);
        }
        same(&held, &all);
        let (first, last) = held.run();
        assert_eq!(last, held.count());
        assert!(held.missing(first, last).is_none());
    }
}

#[test]
fn an_event_that_comes_too_early_is_a_gap() {
    let all = events(3);
    let mut held = Held::of(server(&all[..1], 0, 400));
    assert_eq!(held.append(&all[2]), Taken::Gap);
    assert_eq!(held.append(&all[1]), Taken::Appended);
    assert_eq!(held.append(&all[2]), Taken::Appended);
}

#[test]
fn pages_come_in_any_order_while_events_go_on() {
    let all = events(500);
    // Each reading is of another moment than the page itself: older, the same, newer.
    for (read, stored) in [(300, 250), (300, 300), (300, 350), (29, 28), (29, 30)] {
        let mut held = Held::of(server(&all[..read], 0, 400));
        let goes_on = held.insert(server(&all[..stored], 0, 400));
        let known = usize::try_from(held.last_seq()).unwrap();
        assert_eq!(goes_on == GoesOn::Again, known < read);
        held.insert(server(&all[..stored], 1, 200));
        for event in &all[usize::try_from(held.last_seq()).unwrap()..] {
            held.append(event);
        }
        same(&held, &all);
        assert!(held.missing(1, 200).is_none());
    }
}

#[test]
fn the_first_page_is_held_where_the_log_is_opened_at_its_begin() {
    let all = events(500);
    let held = Held::of(server(&all, 1, 400));
    assert_eq!(held.run(), (1, 400));
    same(&held, &all);
}

#[test]
fn commands_that_ended_meanwhile_stay_ended() {
    let event = |seq, body| ExecutionEvent { seq, at: DateTime::UNIX_EPOCH, body };
    let tool = |command| EventBody::Tool { command, title: "x".to_owned() };
    let ends = |command| EventBody::ToolFinished { command, exit_code: 0, ms: 1 };
    let mut held = Held::of(LogPage::default());
    held.append(&event(1, tool(1)));
    let before = held.commands().to_vec();
    for (seq, body) in [(2, ends(1)), (3, tool(2))] {
        held.append(&event(seq, body));
    }
    held.know(before);
    let ended: Vec<_> = held.commands().iter().map(|command| command.last_line).collect();
    assert_eq!(ended, [Some(2), None]);
}

#[test]
fn what_is_far_away_is_let_go_and_asked_for_again() {
    let all = events(2_000);
    let mut held = Held::of(server(&all, 0, 400));
    let count = held.count();
    for first in (1..count).step_by(200) {
        held.insert(server(&all, first, 200));
        held.trim(first);
        assert!(held.pages.len() <= MOST_PAGES);
    }
    assert_eq!(held.missing(1, 500), Some(1));
    held.insert(server(&all, 1, 1_000));
    held.trim(1);
    assert!(held.missing(1, 1_000).is_none() && held.line(count).is_some());
    same(&held, &all);
}

#[test]
fn far_from_the_end_lines_are_counted_and_not_kept() {
    let all = events(3_000);
    let mut held = Held::of(server(&all[..1_000], 1, 1_000));
    for event in &all[usize::try_from(held.last_seq()).unwrap()..] {
        held.append(event);
        held.trim(1);
    }
    assert!(held.pages.len() <= MOST_PAGES);
    same(&held, &all);
}
