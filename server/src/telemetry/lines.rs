//! One event is one line, whatever is in it: what people type can't forge a line or drive a terminal.

use std::fmt::Write as _;
use std::io::{self, Write};

/// A writer that is given one whole event at a time and writes its control characters as `\u001b`.
#[derive(Debug)]
pub struct OneLine<W>(W);

impl<W: Write> OneLine<W> {
    /// Writes to `inner`.
    pub fn new(inner: W) -> Self {
        Self(inner)
    }
}

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = event.strip_suffix(b"\n").unwrap_or(event);
        let text = String::from_utf8_lossy(line);
        let mut safe = String::with_capacity(text.len() + 1);
        for character in text.chars() {
            if character.is_control() {
                // None of them is beyond four digits; in JSON this is the character itself again.
                let _ = write!(safe, "\\u{:04x}", u32::from(character));
            } else {
                safe.push(character);
            }
        }
        safe.push('\n');
        self.0.write_all(safe.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const HOSTILE: &str = "name\r\nERROR forged \u{1b}[31mred\u{7}\u{9b}31m";

    fn logged(write: impl Fn(Buffer)) -> String {
        let buffer = Buffer::default();
        write(buffer.clone());
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_pretty_event_stays_one_line_without_control_characters() {
        let text = logged(|buffer| {
            let subscriber = tracing_subscriber::fmt()
                .with_ansi(false)
                .with_writer(move || OneLine::new(buffer.clone()))
                .finish();
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!(name = HOSTILE, shown = %HOSTILE, "{HOSTILE}");
            });
        });
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        assert!(text.ends_with('\n') && !text.trim_end_matches('\n').contains(char::is_control), "{text:?}");
    }

    #[test]
    fn a_json_event_is_one_line_that_parses() {
        let text = logged(|buffer| {
            let subscriber = tracing_subscriber::fmt()
                .json()
                .flatten_event(true)
                .with_writer(move || OneLine::new(buffer.clone()))
                .finish();
            tracing::subscriber::with_default(subscriber, || tracing::info!(name = HOSTILE, "{HOSTILE}"));
        });
        assert_eq!(text.matches('\n').count(), 1, "{text:?}");
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((parsed["message"].as_str(), parsed["name"].as_str()), (Some(HOSTILE), Some(HOSTILE)));
    }
}
