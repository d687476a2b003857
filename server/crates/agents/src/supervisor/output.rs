//! Output on its way into events: joined where it comes in crumbs, cut where it comes in floods, byte-exact always.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::executions::{EventBody, Stream};

/// The most that one event carries, in bytes.
pub(crate) const PIECE: usize = 64 * 1024;
/// From here on output does not wait for more.
pub(crate) const FULL: usize = 32 * 1024;

#[derive(Debug)]
pub(crate) struct Output {
    stream: Stream,
    waiting: Vec<u8>,
    /// All bytes that came, kept or not.
    pub(crate) seen: u64,
}

impl Output {
    pub(crate) fn new(stream: Stream) -> Self {
        Self { stream, waiting: Vec::new(), seen: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= FULL
    }

    /// Everything that waits, but a character that is not whole yet.
    pub(crate) fn flush(&mut self) -> Vec<EventBody> {
        self.take(false)
    }

    /// Everything that waits: no more will come.
    pub(crate) fn finish(&mut self) -> Vec<EventBody> {
        self.take(true)
    }

    fn take(&mut self, last: bool) -> Vec<EventBody> {
        let mut events = Vec::new();
        let mut rest = self.waiting.as_slice();
        loop {
            let length = piece(rest, last);
            let Some((now, later)) = rest.split_at_checked(length).filter(|(now, _)| !now.is_empty()) else {
                break;
            };
            events.push(event(self.stream, now));
            rest = later;
        }
        self.waiting = rest.to_vec();
        events
    }
}

fn event(stream: Stream, bytes: &[u8]) -> EventBody {
    match std::str::from_utf8(bytes) {
        // NUL is valid UTF-8, but no text that a database keeps or a screen shows.
        Ok(text) if !text.contains('\0') => {
            EventBody::ToolOutput { stream, text: text.to_owned(), base64: None }
        }
        _ => EventBody::ToolOutput {
            stream,
            text: String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}"),
            base64: Some(STANDARD.encode(bytes)),
        },
    }
}

/// How long the next piece is: all, or up to a line's end in the second half, or up to a whole character.
fn piece(bytes: &[u8], last: bool) -> usize {
    if bytes.len() > PIECE {
        let (window, _) = bytes.split_at(PIECE);
        return match window.iter().rposition(|byte| *byte == b'\n') {
            Some(at) if at >= PIECE / 2 => at + 1,
            _ => PIECE - unfinished(window),
        };
    }
    if last { bytes.len() } else { bytes.len() - unfinished(bytes) }
}

/// How many bytes at the end begin a character that is not whole.
fn unfinished(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let needed = match byte {
            0b1100_0000..=0b1101_1111 => 2,
            0b1110_0000..=0b1110_1111 => 3,
            0b1111_0000..=0b1111_0111 => 4,
            0b1000_0000..=0b1011_1111 => continue,
            _ => return 0,
        };
        return if needed > back + 1 { back + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(events: &[EventBody]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for event in events {
            let EventBody::ToolOutput { text, base64, .. } = event else { panic!("{event:?}") };
            match base64 {
                Some(exact) => bytes.extend(STANDARD.decode(exact).unwrap()),
                None => bytes.extend_from_slice(text.as_bytes()),
            }
        }
        bytes
    }

    #[test]
    fn a_character_split_over_reads_is_joined() {
        let mut output = Output::new(Stream::Stdout);
        let text = "grød 🚀 \n".as_bytes();
        let mut events = Vec::new();
        for byte in text {
            output.push(&[*byte]);
            events.extend(output.flush());
        }
        events.extend(output.finish());
        assert_eq!(joined(&events), text);
        assert!(events.iter().all(|event| matches!(event, EventBody::ToolOutput { base64: None, .. })));
    }

    #[test]
    fn what_is_not_text_comes_exact_beside_a_readable_form() {
        for bytes in [&b"a\xff\xfe b\n"[..], b"nul \0 byte", b"cut \xf0\x9f"] {
            let mut output = Output::new(Stream::Stderr);
            output.push(bytes);
            let mut events = output.flush();
            events.extend(output.finish());
            assert_eq!(joined(&events), bytes);
            assert!(
                events.iter().any(|event| matches!(event, EventBody::ToolOutput { base64: Some(_), .. }))
            );
        }
    }

    #[test]
    fn a_long_line_passes_in_pieces() {
        let line = "æ".repeat(1024 * 1024) + "\nend\n";
        let mut output = Output::new(Stream::Stdout);
        output.push(b"x");
        output.push(line.as_bytes());
        let mut events = output.flush();
        events.extend(output.finish());
        assert_eq!(joined(&events), format!("x{line}").as_bytes());
        for event in &events {
            let EventBody::ToolOutput { text, base64, .. } = event else { panic!("{event:?}") };
            assert!(text.len() <= PIECE && base64.is_none());
        }
    }
}
