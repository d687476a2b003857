//! How many tests passed and failed, read from what the test runners say.

use anyhow::Context as _;

/// The sum over all runners.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Counts {
    pub(crate) fn total(&self) -> u64 {
        self.passed + self.failed
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// The last line of a run.
    pub(crate) fn summary(&self) -> String {
        format!("{} passed, {} failed", self.passed, self.failed)
    }

    /// Takes a line of `cargo test` or of nextest; most lines say nothing about numbers.
    pub(crate) fn see_rust(&mut self, line: &str) {
        let line = without_colours(line);
        let line = line.trim();
        let is_summary =
            line.starts_with("test result:") || (line.starts_with("Summary [") && line.contains(" run"));
        if !is_summary {
            return;
        }
        self.passed += number_before(line, "passed");
        for word in ["failed", "timed out", "exec failed"] {
            self.failed += number_before(line, word);
        }
    }

    /// Takes Playwright's report. A test that only passed on a second try has failed.
    pub(crate) fn add_playwright(&mut self, report: &str) -> anyhow::Result<()> {
        let report: serde_json::Value = serde_json::from_str(report).context("Playwright's report")?;
        let number = |name: &str| {
            let value =
                report.get("stats").and_then(|stats| stats.get(name)).and_then(serde_json::Value::as_u64);
            value.with_context(|| format!("Playwright's report has no number of {name} tests"))
        };
        self.passed += number("expected")?;
        self.failed += number("unexpected")? + number("flaky")?;
        Ok(())
    }
}

/// The number that stands right before the word.
fn number_before(line: &str, word: &str) -> u64 {
    let separators = [',', ';', ':', '.'];
    let parts = line.split(separators).map(str::trim);
    parts
        .filter_map(|part| {
            part.strip_suffix(word)
                .or_else(|| part.split_once(&format!("{word} (")).map(|(number, _)| number))
        })
        .filter_map(|rest| rest.split_whitespace().next_back()?.parse::<u64>().ok())
        .sum()
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            // A colour ends with its first letter.
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> (u64, u64) {
        let mut counts = Counts::default();
        for line in lines {
            counts.see_rust(line);
        }
        (counts.passed, counts.failed)
    }

    #[test]
    fn cargo_tests_lines_are_added_up() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(of(&["test a ... ok", ok, bad]), (15, 2));
    }

    #[test]
    fn nextests_line_is_read_with_colours() {
        assert_eq!(of(&["     Summary [   0.514s] 41 tests run: 41 passed, 3 skipped"]), (41, 0));
        let line = "\u{1b}[31;1m     Summary\u{1b}[0m [   0.5s] \u{1b}[1m6\u{1b}[0m tests run: \u{1b}[1m3\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m (1 slow), \u{1b}[1m2\u{1b}[0m \u{1b}[31;1mfailed\u{1b}[0m, 1 timed out, 0 skipped";
        assert_eq!(of(&[line]), (3, 3));
        assert_eq!(of(&["     Summary [   0.5s] 2/6 tests run: 1 passed, 1 failed, 0 skipped"]), (1, 1));
    }

    #[test]
    fn a_flaky_journey_has_failed() {
        let mut counts = Counts::default();
        counts.add_playwright(r#"{"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2}}"#).unwrap();
        assert_eq!(counts.summary(), "5 passed, 2 failed");
        assert!(counts.add_playwright("{}").is_err());
    }
}
