//! One line of the log as a row.

use domain::ansi::{self, Style};
use domain::executions::{EventBody, Stream};
use domain::log::{Line, LogCommand};
use leptos::prelude::*;

use crate::strings::Strings;
use crate::strings::strings;
use crate::ui::Tone;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::status::outcome_tone;
use crate::ui::time::duration;

/// What a row shows, and what it is recognised by: another value is another row.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub number: i64,
    /// `None` while it is fetched.
    pub line: Option<Line>,
    pub command: Option<LogCommand>,
    pub folded: bool,
    pub marked: bool,
    /// What is sought, in lower case.
    pub sought: Option<String>,
}

impl Shown {
    /// What the view tells rows apart by.
    pub fn key(&self) -> (i64, usize, u8, Option<String>) {
        let size = match self.line.as_ref().map(|line| &line.body) {
            None => 0,
            Some(EventBody::ToolOutput { text, .. }) => text.len() + 1,
            Some(_) => 1,
        };
        let ended = self.command.as_ref().is_some_and(|command| command.last_line.is_some());
        let flags = u8::from(self.folded) | u8::from(self.marked) << 1 | u8::from(ended) << 2;
        (self.number, size, flags, self.sought.clone())
    }
}

/// `fold` is called with the number of the command whose line was pressed, `mark` with that of the line.
#[component]
pub fn Row(shown: Shown, fold: Callback<u32>, mark: Callback<i64>) -> impl IntoView {
    let words = strings();
    let Shown { number, line, command, folded, marked, sought } = shown;
    let Some(line) = line else {
        return view! {
            <li class="log-row" data-kind="loading">
                <span class="no" aria-hidden="true">{number}</span>
                <span class="text">{words.common.loading}</span>
            </li>
        }
        .into_any();
    };
    let (kind, tone) = kind(&line.body);
    let text = match &line.body {
        EventBody::ToolOutput { text, .. } => output(text, sought.as_deref()).into_any(),
        body => found(&sentence(body, words), sought.as_deref()).into_any(),
    };
    let cut = line.cut.then(|| view! { <span class="dim">" … " {words.room.cut}</span> });
    let stderr =
        (kind == "stderr").then(|| view! { <span class="visually-hidden">{words.room.stderr} ": "</span> });
    let hash = format!("#L{number}");
    view! {
        <li class="log-row" id=format!("L{number}") data-kind=kind data-tone=tone.as_str() data-marked=marked.then_some("")>
            <a class="no" href=hash tabindex="-1" aria-hidden="true" rel="external"
                on:click=move |event| { event.prevent_default(); mark.run(number); }>
                {number}
            </a>
            <span class="text">{stderr} {text} {cut}</span>
            {command.map(|command| view! { <Fold command folded fold/> })}
        </li>
    }
    .into_any()
}

/// How a command ended, and the button that folds its output.
#[component]
fn Fold(command: LogCommand, folded: bool, fold: Callback<u32>) -> impl IntoView {
    let words = strings();
    let number = command.command;
    let foldable = command.last_line.is_some_and(|last| last > command.first_line);
    let ended = command.exit_code.map(|code| {
        let tone = if code == 0 { "good" } else { "bad" };
        let took = duration(command.ms.and_then(|ms| ms.try_into().ok()).unwrap_or_default(), words.language);
        let text = if code == 0 { took } else { format!("{} {code} · {took}", words.room.exit) };
        view! { <span class="ended" data-tone=tone>{text}</span> }
    });
    let label = if folded { words.room.unfold } else { words.room.fold };
    view! {
        {ended}
        {foldable.then(|| view! {
            <button type="button" class="fold" aria-expanded=if folded { "false" } else { "true" } aria-label=label title=label
                on:click=move |_| fold.run(number)>
                <Icon glyph=Glyph::ChevronDown/>
            </button>
        })}
    }
}

/// The word that styles a row, and its tone.
fn kind(body: &EventBody) -> (&'static str, Tone) {
    match body {
        EventBody::Started { .. } | EventBody::Status { .. } => ("status", Tone::Idle),
        EventBody::Tool { .. } => ("command", Tone::Accent),
        EventBody::ToolOutput { stream: Stream::Stdout, .. } => ("stdout", Tone::Idle),
        EventBody::ToolOutput { stream: Stream::Stderr, .. } => ("stderr", Tone::Idle),
        EventBody::ToolFinished { exit_code, .. } => {
            ("ended", if *exit_code == 0 { Tone::Good } else { Tone::Bad })
        }
        EventBody::FileChange { .. } | EventBody::Diff { .. } => ("file", Tone::Idle),
        EventBody::Notice { .. } => ("notice", Tone::Wait),
        EventBody::Text { .. } => ("said", Tone::Idle),
        EventBody::ApprovalRequested { .. } | EventBody::QuestionAsked { .. } => ("asked", Tone::Wait),
        EventBody::ApprovalResolved { .. } | EventBody::QuestionAnswered { .. } => ("asked", Tone::Idle),
        EventBody::Finished { outcome, .. } => ("finished", outcome_tone(outcome.class)),
    }
}

/// What an event says, in the reader's language, on one line.
pub fn sentence(body: &EventBody, words: &Strings) -> String {
    let room = &words.room;
    let text = match body {
        EventBody::Started { agent, isolation, base } => {
            let mut text = format!("{} · {}", words.words.agent(*agent), isolation.join(", "));
            if let Some(base) = base {
                let short: String = base.chars().take(10).collect();
                text.push_str(&format!(" · {} {short}", room.base));
            }
            text
        }
        EventBody::Status { status, detail } => {
            let word = words.words.execution_status(*status);
            if detail.is_empty() { word.to_owned() } else { format!("{word} · {detail}") }
        }
        EventBody::Tool { title, .. } => format!("$ {}", title.trim()),
        EventBody::ToolOutput { text, .. } => ansi::plain(text),
        EventBody::ToolFinished { exit_code, ms, .. } => {
            let took = duration(i64::try_from(*ms).unwrap_or(i64::MAX), words.language);
            let mark = if *exit_code == 0 { "✓" } else { "✗" };
            format!("{mark} {} {exit_code} · {took}", room.exit)
        }
        EventBody::FileChange { path, status } => format!("{} {path}", words.words.file_status(*status)),
        EventBody::Diff { files_changed, insertions, deletions } => {
            let files = if *files_changed == 1 { room.file } else { room.files };
            format!("{files_changed} {files} +{insertions} −{deletions}")
        }
        EventBody::Notice { text } => text.clone(),
        EventBody::Text { role, text, .. } => format!("{}: {text}", words.asks.speaker(*role)),
        EventBody::ApprovalRequested { title, .. } | EventBody::QuestionAsked { title, .. } => {
            format!("? {title}")
        }
        EventBody::ApprovalResolved { state, decision, note, .. } => {
            let word = words.asks.came_to(*state, *decision);
            note.as_ref().map_or(word.to_owned(), |note| format!("{word} · {note}"))
        }
        EventBody::QuestionAnswered { state, answer, .. } => {
            answer.clone().unwrap_or_else(|| words.asks.came_to(*state, None).to_owned())
        }
        EventBody::Finished { outcome, .. } => {
            format!("{} · {}", words.words.outcome(outcome.class), outcome.reason)
        }
    };
    text.replace('\n', " ⏎ ")
}

/// Output in its colours.
fn output(text: &str, sought: Option<&str>) -> impl IntoView + use<> {
    ansi::spans(text)
        .into_iter()
        .map(|(style, piece)| match class(style) {
            None => found(&piece, sought).into_any(),
            Some(class) => view! { <span class=class>{found(&piece, sought)}</span> }.into_any(),
        })
        .collect_view()
}

fn class(style: Style) -> Option<String> {
    if style.is_plain() {
        return None;
    }
    let inverse = style.marks & ansi::INVERSE != 0;
    let (foreground, background) =
        if inverse { (style.background, style.foreground) } else { (style.foreground, style.background) };
    let mut class = String::new();
    let mut add = |name: String| {
        class.push_str(&name);
        class.push(' ');
    };
    foreground.into_iter().for_each(|colour| add(format!("f{colour}")));
    background.into_iter().for_each(|colour| add(format!("b{colour}")));
    let names = [
        (ansi::BOLD, "bold"),
        (ansi::DIM, "faint"),
        (ansi::ITALIC, "italic"),
        (ansi::UNDERLINE, "under"),
        (ansi::INVERSE, "inverse"),
        (ansi::STRIKE, "strike"),
    ];
    names.iter().filter(|(mark, _)| style.marks & mark != 0).for_each(|(_, name)| add((*name).to_owned()));
    Some(class.trim_end().to_owned())
}

/// A text with what is sought marked in it.
fn found(text: &str, sought: Option<&str>) -> impl IntoView + use<> {
    parts(text, sought)
        .into_iter()
        .map(|(hit, part)| if hit { view! { <mark>{part}</mark> }.into_any() } else { part.into_any() })
        .collect_view()
}

/// A text cut where something sought begins and ends.
fn parts(text: &str, sought: Option<&str>) -> Vec<(bool, String)> {
    let Some(sought) = sought.filter(|sought| !sought.is_empty()) else {
        return vec![(false, text.to_owned())];
    };
    // Lower case can have another length; places are then those of letters, which stay as many but for a few.
    let letters: Vec<char> = text.chars().collect();
    let lower: Vec<char> =
        letters.iter().map(|letter| letter.to_lowercase().next().unwrap_or(*letter)).collect();
    let wanted: Vec<char> = sought.chars().collect();
    let mut parts: Vec<(bool, String)> = Vec::new();
    let mut at = 0;
    while let Some(rest) = lower.get(at..).filter(|rest| !rest.is_empty()) {
        let hit = rest.starts_with(&wanted);
        let length = if hit { wanted.len() } else { 1 };
        let piece: String = letters.iter().skip(at).take(length).collect();
        match parts.last_mut() {
            Some((false, last)) if !hit => last.push_str(&piece),
            _ => parts.push((hit, piece)),
        }
        at += length;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::preferences::Language;

    #[test]
    fn what_is_sought_is_marked_whatever_its_case() {
        type Case<'a> = (&'a str, Option<&'a str>, &'a [(bool, &'a str)]);
        let cases: [Case<'_>; 5] = [
            (
                "an Error, error!",
                Some("error"),
                &[(false, "an "), (true, "Error"), (false, ", "), (true, "error"), (false, "!")],
            ),
            ("GRØD", Some("ø"), &[(false, "GR"), (true, "Ø"), (false, "D")]),
            ("none", Some("x"), &[(false, "none")]),
            ("all", None, &[(false, "all")]),
            ("aaa", Some("aa"), &[(true, "aa"), (false, "a")]),
        ];
        for (text, sought, expected) in cases {
            let parts = parts(text, sought);
            let seen: Vec<_> = parts.iter().map(|(hit, part)| (*hit, part.as_str())).collect();
            assert_eq!(seen, expected, "{text}");
        }
    }

    #[test]
    fn styles_are_classes_and_inverse_swaps_colours() {
        let class_of = |text: &str| class(ansi::spans(text).first().unwrap().0);
        assert_eq!(class_of("x"), None);
        assert_eq!(class_of("\u{1b}[1;31mx").as_deref(), Some("f1 bold"));
        assert_eq!(class_of("\u{1b}[7;31mx").as_deref(), Some("b1 inverse"));
    }

    #[test]
    fn events_are_one_line_each() {
        let words = Strings::of(Language::English);
        let cases = [
            (
                EventBody::Tool { command: 1, title: "cargo test\n-p auth".to_owned() },
                "$ cargo test ⏎ -p auth",
            ),
            (EventBody::ToolFinished { command: 1, exit_code: 3, ms: 4_820 }, "✗ exit 3 · 4 s"),
            (EventBody::Diff { files_changed: 1, insertions: 2, deletions: 3 }, "1 file +2 −3"),
        ];
        for (body, expected) in cases {
            assert_eq!(sentence(&body, words), expected);
        }
    }
}
