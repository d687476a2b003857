//! An execution's log: how its events become lines. Pure, and told alike by the server, which counts lines and cuts
//! pages of them, and by the page, which goes on from there as events come in.

use crate::ansi::Style;
use crate::executions::{EventBody, ExecutionEvent, Stream};
use crate::{DateTime, ansi};
use serde::{Deserialize, Serialize};

/// A longer line is cut, in characters: no page can draw a line of 16 MiB.
pub const LONGEST_LINE: usize = 4_000;
/// The most lines in one page.
pub const LINES_LIMIT: u32 = 1_000;

/// One line of the log. For output its body holds the line alone, with its colours; other events are a line each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// 1, 2, 3 … of the execution.
    pub number: i64,
    /// The event that the line begins in.
    pub seq: i64,
    pub at: DateTime,
    /// The line goes on, but is not shown further: the events have all of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    #[serde(flatten)]
    pub body: EventBody,
}

impl Line {
    /// The line as plain text, for output.
    pub fn output(&self) -> Option<String> {
        match &self.body {
            EventBody::ToolOutput { text, .. } => Some(ansi::plain(text)),
            _ => None,
        }
    }

    fn extend(&mut self, more: &str, over: Over) {
        let EventBody::ToolOutput { text, .. } = &mut self.body else { return };
        if over == Over::Anew {
            text.clear();
            self.cut = false;
        }
        append(text, &mut self.cut, more);
    }
}

fn append(text: &mut String, cut: &mut bool, more: &str) {
    // As many bytes are at least as many characters, which spares counting most lines.
    if text.len() + more.len() <= LONGEST_LINE {
        text.push_str(more);
        return;
    }
    let room = LONGEST_LINE.saturating_sub(text.chars().count());
    let end = more.char_indices().nth(room).map_or(more.len(), |(end, _)| end);
    text.push_str(more.get(..end).unwrap_or_default());
    *cut |= end < more.len();
}

/// Whether text goes on behind what stands there, or begins the line anew, as progress bars do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    On,
    Anew,
}

/// What an event does to the lines.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Begin(Line),
    /// The last line goes on.
    Extend(String, Over),
}

/// Does to lines what a step says.
pub fn apply(lines: &mut Vec<Line>, step: Step) {
    match step {
        Step::Begin(line) => lines.push(line),
        Step::Extend(text, over) => {
            if let Some(last) = lines.last_mut() {
                last.extend(&text, over);
            }
        }
    }
}

/// How far the events are read, and how the log stands there: all that the next event needs to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scan {
    /// The last event read.
    pub seq: i64,
    /// So many lines have begun.
    pub lines: i64,
    /// The last line waits for its end, from this stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Stream>,
    /// What comes next on that line begins it anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returned: bool,
    #[serde(default, skip_serializing_if = "plain")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub stdout: Style,
    #[serde(default, skip_serializing_if = "plain")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub stderr: Style,
}

fn plain(style: &Style) -> bool {
    style.is_plain()
}

impl Scan {
    /// Reads the next event, and tells what it does to the lines.
    pub fn take(&mut self, event: &ExecutionEvent, mut each: impl FnMut(Step)) {
        self.seq = event.seq;
        if let EventBody::ToolOutput { stream, text, .. } = &event.body {
            for piece in text.split_inclusive('\n') {
                self.piece(event, *stream, piece, &mut each);
            }
            return;
        }
        self.open = None;
        self.lines += 1;
        each(Step::Begin(Line {
            number: self.lines,
            seq: event.seq,
            at: event.at,
            cut: false,
            body: event.body.clone(),
        }));
    }

    fn style(&mut self, stream: Stream) -> &mut Style {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }

    /// A piece of at most one line.
    fn piece(&mut self, event: &ExecutionEvent, stream: Stream, piece: &str, each: &mut impl FnMut(Step)) {
        let line = piece.strip_suffix('\n');
        let ends = line.is_some();
        let body = line.unwrap_or(piece);
        let text = body.trim_end_matches('\r');
        let goes_on = self.open == Some(stream);
        let mut over = if goes_on && self.returned && !text.is_empty() { Over::Anew } else { Over::On };
        let shown = match text.rsplit_once('\r') {
            Some((before, rest)) => {
                self.style(stream).follow(before);
                over = Over::Anew;
                rest
            }
            None => text,
        };
        let style = self.style(stream);
        let fresh = !goes_on || over == Over::Anew;
        let shown_styled = if fresh { style.sequence() + shown } else { shown.to_owned() };
        style.follow(shown);
        if goes_on {
            if over == Over::Anew || !shown_styled.is_empty() {
                each(Step::Extend(shown_styled, over));
            }
        } else {
            self.lines += 1;
            let mut line = Line {
                number: self.lines,
                seq: event.seq,
                at: event.at,
                cut: false,
                body: EventBody::ToolOutput { stream, text: String::new(), base64: None },
            };
            line.extend(&shown_styled, Over::On);
            each(Step::Begin(line));
        }
        self.returned = !ends && (text.len() < body.len() || (goes_on && self.returned && text.is_empty()));
        self.open = (!ends).then_some(stream);
    }
}

/// A page of lines, and how the whole log stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogPage {
    pub items: Vec<Line>,
    /// How many lines there are, and the event up to which that is so.
    pub scan: Scan,
    /// No more will come.
    pub finished: bool,
}

/// A command in the log: from its own line to that of its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogCommand {
    pub command: u32,
    pub title: String,
    pub first_line: i64,
    /// `None` while it runs.
    pub last_line: Option<i64>,
    pub exit_code: Option<i32>,
    pub ms: Option<u64>,
}

/// A line in which something was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogHit {
    pub line: i64,
    /// The line as plain text, at most 200 characters of it.
    pub text: String,
}

/// What a part of the log holds of what was sought. A search reads a bounded part at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogHits {
    pub items: Vec<LogHit>,
    /// Every line up to here was searched: ask on with it as `after`.
    pub next_after: i64,
    /// All that is stored was searched.
    pub finished: bool,
}

#[cfg(test)]
mod tests;
