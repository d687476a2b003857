//! An execution's events as lines to read. Pure: events come in, in order; lines stand there.

use std::collections::VecDeque;

use domain::executions::{EventBody, ExecutionEvent, FileStatus, Outcome, Stream};

use crate::strings::Strings;
use crate::ui::Tone;
use crate::ui::status::outcome_tone;
use crate::ui::time::duration;

/// More lines than this are not held by a page; the download has them all.
pub const MOST_LINES: usize = 100_000;
/// More text than this is not held by a page either.
const MOST_BYTES: usize = 24 * 1024 * 1024;
/// A longer line is cut: a page can't draw a line of 16 MiB.
const LONGEST_LINE: usize = 4_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Stdout,
    Stderr,
    Command,
    Ended,
    Status,
    File,
    Notice,
    Finished,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Command => "command",
            Self::Ended => "ended",
            Self::Status => "status",
            Self::File => "file",
            Self::Notice => "notice",
            Self::Finished => "finished",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    pub tone: Tone,
    pub text: String,
    /// The text goes on, but is not held.
    pub cut: bool,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Appended,
    /// It was there already.
    Known,
    /// One before it is missing.
    Gap,
}

#[derive(Debug, Clone)]
pub struct Transcript {
    words: &'static Strings,
    lines: VecDeque<Line>,
    bytes: usize,
    /// The place before the first event that is held: 0 where nothing is missing in front.
    before: i64,
    last: i64,
    /// How many lines were let go in front, so that line numbers stay what they were.
    gone: usize,
    /// The last line waits for its end, from this stream.
    open: Option<Stream>,
    finished: bool,
}

impl Transcript {
    /// An empty one that goes on after this place.
    pub fn after(before: i64, words: &'static Strings) -> Self {
        Self {
            words,
            lines: VecDeque::new(),
            bytes: 0,
            before,
            last: before,
            gone: 0,
            open: None,
            finished: false,
        }
    }

    pub fn of(before: i64, events: &[ExecutionEvent], words: &'static Strings) -> Self {
        let mut transcript = Self::after(before, words);
        for event in events {
            transcript.append(event);
        }
        transcript
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn line(&self, index: usize) -> Option<&Line> {
        self.lines.get(index)
    }

    /// The number of a line, where it is known: only what is read from its beginning can be counted.
    pub fn number(&self, index: usize) -> Option<usize> {
        (self.before == 0).then_some(self.gone + index + 1)
    }

    pub fn last_seq(&self) -> i64 {
        self.last
    }

    /// The place before the first event held.
    pub fn before(&self) -> i64 {
        self.before
    }

    /// Whether output stands before what is held.
    pub fn has_earlier(&self) -> bool {
        self.before > 0 || self.gone > 0
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// All of it as plain text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.bytes + self.lines.len());
        for line in &self.lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }

    pub fn append(&mut self, event: &ExecutionEvent) -> Taken {
        if event.seq <= self.last {
            return Taken::Known;
        }
        if event.seq > self.last + 1 {
            return Taken::Gap;
        }
        self.last = event.seq;
        self.add(&event.body);
        self.let_go();
        Taken::Appended
    }

    fn add(&mut self, body: &EventBody) {
        let words = &self.words.room;
        match body {
            EventBody::Started { agent, isolation, base } => {
                let mut text = format!("{} · {}", self.words.words.agent(*agent), isolation.join(", "));
                if let Some(base) = base {
                    let short: String = base.chars().take(10).collect();
                    text.push_str(&format!(" · {} {short}", words.base));
                }
                self.push(Kind::Status, Tone::Idle, &text);
            }
            EventBody::Status { status, detail } => {
                let word = self.words.words.execution_status(*status);
                let text = if detail.is_empty() { word.to_owned() } else { format!("{word} · {detail}") };
                self.push(Kind::Status, Tone::Idle, &text);
            }
            EventBody::Tool { title, .. } => {
                self.push(Kind::Command, Tone::Accent, &format!("$ {}", title.trim().replace('\n', " ⏎ ")));
            }
            EventBody::ToolOutput { stream, text, .. } => self.output(*stream, text),
            EventBody::ToolFinished { exit_code, ms, .. } => self.command_ended(*exit_code, *ms),
            EventBody::FileChange { path, status } => self.file(path, *status),
            EventBody::Diff { files_changed, insertions, deletions } => {
                let files = if *files_changed == 1 { words.file } else { words.files };
                self.push(
                    Kind::File,
                    Tone::Idle,
                    &format!("{files_changed} {files} +{insertions} −{deletions}"),
                );
            }
            EventBody::Notice { text } => self.push(Kind::Notice, Tone::Wait, text),
            EventBody::Finished { outcome, .. } => self.finish(outcome),
        }
    }

    fn command_ended(&mut self, exit_code: i32, ms: u64) {
        let took = duration(i64::try_from(ms).unwrap_or(i64::MAX), self.words.language);
        let (mark, tone) = if exit_code == 0 { ("✓", Tone::Good) } else { ("✗", Tone::Bad) };
        let text = format!("{mark} {} {exit_code} · {took}", self.words.room.exit);
        self.push(Kind::Ended, tone, &text);
    }

    fn file(&mut self, path: &str, status: FileStatus) {
        self.push(Kind::File, Tone::Idle, &format!("{} {path}", self.words.words.file_status(status)));
    }

    fn finish(&mut self, outcome: &Outcome) {
        let word = self.words.words.outcome(outcome.class);
        self.push(Kind::Finished, outcome_tone(outcome.class), &format!("{word} · {}", outcome.reason));
        self.finished = true;
    }

    /// A whole line, or several.
    fn push(&mut self, kind: Kind, tone: Tone, text: &str) {
        self.open = None;
        for line in text.lines() {
            self.start(kind, tone);
            self.extend(line);
        }
    }

    /// A piece of output, which may begin and end in the middle of a line.
    fn output(&mut self, stream: Stream, text: &str) {
        let kind = match stream {
            Stream::Stdout => Kind::Stdout,
            Stream::Stderr => Kind::Stderr,
        };
        for piece in text.split_inclusive('\n') {
            if self.open != Some(stream) {
                self.start(kind, Tone::Idle);
            }
            let ends = piece.ends_with('\n');
            self.extend(piece.trim_end_matches('\n').trim_end_matches('\r'));
            self.open = (!ends).then_some(stream);
        }
    }

    fn start(&mut self, kind: Kind, tone: Tone) {
        self.lines.push_back(Line { kind, tone, text: String::new(), cut: false });
    }

    /// Adds to the last line what a terminal would show of it.
    fn extend(&mut self, text: &str) {
        let Some(line) = self.lines.back_mut() else { return };
        // A carriage return goes back to the line's begin, as progress bars do.
        let (fresh, text) = match text.rsplit_once('\r') {
            Some((_, rest)) => (true, rest),
            None => (false, text),
        };
        if fresh {
            self.bytes -= line.text.len();
            line.text.clear();
            line.cut = false;
        }
        let room = LONGEST_LINE.saturating_sub(line.text.chars().count());
        let plain = plain(text);
        let taken: String = plain.chars().take(room).collect();
        line.cut |= taken.len() < plain.len();
        self.bytes += taken.len();
        line.text.push_str(&taken);
    }

    fn let_go(&mut self) {
        while self.lines.len() > MOST_LINES || self.bytes > MOST_BYTES {
            let Some(line) = self.lines.pop_front() else {
                return;
            };
            self.bytes -= line.text.len();
            self.gone += 1;
        }
    }
}

/// Text without the escape sequences that colour a terminal, and without other control characters.
fn plain(text: &str) -> String {
    if !text.contains(|letter: char| letter.is_control() && letter != '\t') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => match letters.next() {
                // A control sequence ends with a letter or one of its neighbours.
                Some('[') => drop(letters.by_ref().find(|letter| ('\u{40}'..='\u{7e}').contains(letter))),
                // A title or a link ends with a bell or with an escape and a backslash.
                Some(']') => {
                    while let Some(letter) = letters.next() {
                        if letter == '\u{7}' || (letter == '\u{1b}' && letters.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\t' => plain.push(letter),
            letter if letter.is_control() => {}
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
