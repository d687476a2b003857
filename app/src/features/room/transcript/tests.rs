//! Output as programs really write it: in pieces, in colour, over itself, without end.

use super::*;
use crate::api::preferences::Language;
use domain::DateTime;
use domain::executions::{ExecutionStatus, OutcomeClass};

fn words() -> &'static Strings {
    Strings::of(Language::English)
}

fn event(seq: i64, body: EventBody) -> ExecutionEvent {
    ExecutionEvent { seq, at: DateTime::UNIX_EPOCH, body }
}

fn out(text: &str) -> EventBody {
    EventBody::ToolOutput { stream: Stream::Stdout, text: text.to_owned(), base64: None }
}

fn err(text: &str) -> EventBody {
    EventBody::ToolOutput { stream: Stream::Stderr, text: text.to_owned(), base64: None }
}

fn transcript(bodies: Vec<EventBody>) -> Transcript {
    let events: Vec<_> = (1..).zip(bodies).map(|(seq, body)| event(seq, body)).collect();
    Transcript::of(0, &events, words())
}

fn lines(transcript: &Transcript) -> Vec<(Kind, &str)> {
    transcript.lines.iter().map(|line| (line.kind, line.text.as_str())).collect()
}

#[test]
fn pieces_become_lines_of_their_stream() {
    use Kind::{Stderr, Stdout};
    type Case = (Vec<EventBody>, Vec<(Kind, &'static str)>);
    let cases: Vec<Case> = vec![
        (vec![out("a\nb\n")], vec![(Stdout, "a"), (Stdout, "b")]),
        (vec![out("a"), out("b\n"), out("c")], vec![(Stdout, "ab"), (Stdout, "c")]),
        (vec![out("a"), err("x\n"), out("b\n")], vec![(Stdout, "a"), (Stderr, "x"), (Stdout, "b")]),
        (vec![out("a\r\n\nb")], vec![(Stdout, "a"), (Stdout, ""), (Stdout, "b")]),
        (vec![out("10 %\r50 %\r100 %\n")], vec![(Stdout, "100 %")]),
        (vec![out("10 %"), out("\r50 %")], vec![(Stdout, "50 %")]),
        (vec![out("\u{1b}[1;31mred\u{1b}[0m plain\u{7}\n")], vec![(Stdout, "red plain")]),
        (vec![out("\u{1b}]0;title\u{7}a \u{1b}]8;;x\u{1b}\\b\n")], vec![(Stdout, "a b")]),
        (vec![out("")], vec![]),
    ];
    for (bodies, expected) in cases {
        assert_eq!(lines(&transcript(bodies.clone())), expected, "{bodies:?}");
    }
}

#[test]
fn commands_stand_out_and_say_how_they_ended() {
    let bodies = vec![
        EventBody::Tool { command: 1, title: "cargo test\n-p auth".to_owned() },
        out("ok"),
        EventBody::ToolFinished { command: 1, exit_code: 3, ms: 4_820 },
        EventBody::Finished {
            status: ExecutionStatus::Failed,
            outcome: Outcome {
                class: OutcomeClass::Failed,
                reason: "a command failed".to_owned(),
                retryable: true,
                summary: String::new(),
            },
            exit_code: Some(3),
        },
    ];
    let transcript = transcript(bodies);
    assert_eq!(
        lines(&transcript),
        [
            (Kind::Command, "$ cargo test ⏎ -p auth"),
            (Kind::Stdout, "ok"),
            (Kind::Ended, "✗ exit 3 · 4 s"),
            (Kind::Finished, "Failed · a command failed"),
        ]
    );
    assert!(transcript.is_finished());
}

#[test]
fn an_event_is_taken_once_and_only_in_its_place() {
    let mut transcript = Transcript::after(0, words());
    assert_eq!(transcript.append(&event(1, out("a\n"))), Taken::Appended);
    assert_eq!(transcript.append(&event(1, out("a\n"))), Taken::Known);
    assert_eq!(transcript.append(&event(3, out("c\n"))), Taken::Gap);
    assert_eq!(transcript.append(&event(2, out("b\n"))), Taken::Appended);
    assert_eq!(transcript.append(&event(3, out("c\n"))), Taken::Appended);
    assert_eq!(transcript.text(), "a\nb\nc\n");
}

#[test]
fn lines_are_numbered_only_where_their_begin_is_known() {
    assert_eq!(transcript(vec![out("a\nb\n")]).number(1), Some(2));
    let tail = Transcript::of(41, &[event(42, out("x\n"))], words());
    assert_eq!(tail.number(0), None);
    assert!(tail.has_earlier());
}

#[test]
fn a_flood_is_bounded_and_keeps_its_numbers() {
    let mut transcript = Transcript::after(0, words());
    let thousand = "x\n".repeat(1_000);
    for seq in 1..=102 {
        transcript.append(&event(seq, out(&thousand)));
    }
    assert_eq!(transcript.len(), MOST_LINES);
    assert_eq!(transcript.number(0), Some(2_001));
    assert!(transcript.has_earlier());
}

#[test]
fn a_line_without_end_is_cut_and_says_so() {
    let transcript = transcript(vec![out(&"æ".repeat(10_000)), out("more"), out("\nnext\n")]);
    let first = transcript.line(0).unwrap();
    assert_eq!(first.text.chars().count(), LONGEST_LINE);
    assert!(first.cut);
    assert_eq!(transcript.line(1).map(|line| (line.text.as_str(), line.cut)), Some(("next", false)));
}
