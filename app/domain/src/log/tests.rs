//! Output as programs really write it: in pieces, in colour, over itself, without end.

use super::*;

fn event(seq: i64, body: EventBody) -> ExecutionEvent {
    ExecutionEvent { seq, at: DateTime::UNIX_EPOCH, body }
}

fn out(text: &str) -> EventBody {
    EventBody::ToolOutput { stream: Stream::Stdout, text: text.to_owned(), base64: None }
}

fn err(text: &str) -> EventBody {
    EventBody::ToolOutput { stream: Stream::Stderr, text: text.to_owned(), base64: None }
}

fn tool(title: &str) -> EventBody {
    EventBody::Tool { command: 1, title: title.to_owned() }
}

fn read(bodies: &[EventBody]) -> (Scan, Vec<Line>) {
    let (mut scan, mut lines) = (Scan::default(), Vec::new());
    for (seq, body) in (1..).zip(bodies) {
        scan.take(&event(seq, body.clone()), |step| apply(&mut lines, step));
    }
    (scan, lines)
}

fn texts(lines: &[Line]) -> Vec<(&str, String)> {
    lines
        .iter()
        .map(|line| match &line.body {
            EventBody::ToolOutput { stream: Stream::Stdout, .. } => ("out", line.output().unwrap()),
            EventBody::ToolOutput { stream: Stream::Stderr, .. } => ("err", line.output().unwrap()),
            EventBody::Tool { title, .. } => ("tool", title.clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn pieces_become_lines_of_their_stream() {
    type Case = (Vec<EventBody>, Vec<(&'static str, &'static str)>);
    let cases: Vec<Case> = vec![
        (vec![out("a\nb\n")], vec![("out", "a"), ("out", "b")]),
        (vec![out("a"), out("b\n"), out("c")], vec![("out", "ab"), ("out", "c")]),
        (vec![out("a"), err("x\n"), out("b\n")], vec![("out", "a"), ("err", "x"), ("out", "b")]),
        (
            vec![out("a"), tool("make\nall"), out("b")],
            vec![("out", "a"), ("tool", "make\nall"), ("out", "b")],
        ),
        (vec![out("a\r\n\nb")], vec![("out", "a"), ("out", ""), ("out", "b")]),
        (vec![out("10 %\r50 %\r100 %\n")], vec![("out", "100 %")]),
        (vec![out("10 %"), out("\r50 %")], vec![("out", "50 %")]),
        (vec![out("10 %\r"), out("50 %\r"), out("\n")], vec![("out", "50 %")]),
        (vec![out("10 %\r"), out("\r"), out("60 %")], vec![("out", "60 %")]),
        (vec![out("a\r"), out("\nb\n")], vec![("out", "a"), ("out", "b")]),
        (vec![out("")], vec![]),
    ];
    for (bodies, expected) in cases {
        let (scan, lines) = read(&bodies);
        let expected: Vec<_> = expected.into_iter().map(|(kind, text)| (kind, text.to_owned())).collect();
        assert_eq!(texts(&lines), expected, "{bodies:?}");
        assert_eq!(usize::try_from(scan.lines).unwrap(), lines.len(), "{bodies:?}");
        let numbers: Vec<i64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, (1..=scan.lines).collect::<Vec<_>>(), "{bodies:?}");
    }
}

#[test]
fn colours_go_over_lines_of_their_own_stream_and_over_what_is_written_anew() {
    let (_, lines) = read(&[out("\u{1b}[31mred\n"), err("plain\n"), out("still\u{1b}[0m\nplain")]);
    let styles: Vec<_> = lines
        .iter()
        .map(|line| {
            let EventBody::ToolOutput { text, .. } = &line.body else { panic!("{line:?}") };
            ansi::spans(text).first().unwrap().0.foreground
        })
        .collect();
    assert_eq!(styles, [Some(1), None, Some(1), None]);
    let (_, lines) = read(&[out("\u{1b}[32m1 %\r2 %")]);
    let EventBody::ToolOutput { text, .. } = &lines[0].body else { panic!("output") };
    assert_eq!(text, "\u{1b}[0;38;5;2m2 %");
}

#[test]
fn a_line_without_end_is_cut_and_says_so() {
    let (scan, lines) = read(&[out(&"æ".repeat(10_000)), out("more"), out("\nnext\n")]);
    assert_eq!(lines[0].output().unwrap().chars().count(), LONGEST_LINE);
    assert!(lines[0].cut && !lines[1].cut);
    assert_eq!(scan.lines, 2);
}

#[test]
fn it_goes_on_from_any_place_as_if_it_had_read_all() {
    let bodies = [
        out("a\u{1b}[1mb"),
        out("c\r"),
        out("d\n\u{1b}["),
        out("0mx"),
        err("\r\n"),
        tool("ls"),
        out("y\nz\r"),
        out("last"),
    ];
    let (whole, lines) = read(&bodies);
    for split in 0..bodies.len() {
        let (first, _) = read(&bodies[..split]);
        let mut scan: Scan = serde_json::from_value(serde_json::to_value(&first).unwrap()).unwrap();
        let mut later = Vec::new();
        for (seq, body) in (1..).zip(&bodies).skip(split) {
            scan.take(&event(seq, body.clone()), |step| apply(&mut later, step));
        }
        assert_eq!(scan, whole, "{split}");
        // A line that began before is not given again; all that begin later are the same.
        let begun = lines.iter().filter(|line| line.number > first.lines).cloned().collect::<Vec<_>>();
        let later: Vec<_> = later.into_iter().filter(|line| line.number > first.lines).collect();
        assert_eq!(later, begun, "{split}");
    }
}

#[test]
fn a_line_is_flat_on_the_wire() {
    let (_, lines) = read(&[out("a\n")]);
    let json = serde_json::to_value(&lines[0]).unwrap();
    assert_eq!(
        (&json["number"], &json["kind"], &json["text"]),
        (&1.into(), &"tool_output".into(), &"a".into())
    );
    assert_eq!(serde_json::from_value::<Line>(json).unwrap(), lines[0]);
}
