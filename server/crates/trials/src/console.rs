//! What a person reads.

use std::io::Write as _;

/// One line to the person in front of it.
pub(crate) fn say(line: &str) {
    // Nobody is there to be told that nobody listens.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// One line about what went wrong.
pub(crate) fn failure(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "error: {line}"));
}
