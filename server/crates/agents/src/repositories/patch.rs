//! Reads the patches of many files as git prints them, one after the other, and keeps no more than may be kept.

/// The most that is kept of one file, and of all.
const FILE_LIMIT: usize = 2 * 1024 * 1024;
const TOTAL_LIMIT: usize = 8 * 1024 * 1024;

#[derive(Debug, Default)]
pub(super) struct Patches {
    finished: Vec<String>,
    /// From the first `@@`; `None` once it is too long.
    current: Option<Vec<u8>>,
    begun: bool,
    in_hunks: bool,
    total: usize,
}

impl Patches {
    /// A line, with its end.
    pub(super) fn line(&mut self, line: &[u8]) {
        // Lines of content begin with a space, a sign or a backslash: this can't be one.
        if line.starts_with(b"diff --git ") {
            self.close();
            self.begun = true;
            self.in_hunks = false;
            self.current = Some(Vec::new());
            return;
        }
        self.in_hunks |= line.starts_with(b"@@");
        if !self.in_hunks {
            return;
        }
        let total = self.total;
        self.current = self.current.take().filter(|text| {
            let length = text.len() + line.len();
            length <= FILE_LIMIT && total + length <= TOTAL_LIMIT
        });
        if let Some(text) = &mut self.current {
            text.extend_from_slice(line);
        }
    }

    /// One for each file, in git's order; empty where there is none or it is too long.
    pub(super) fn finish(mut self) -> Vec<String> {
        self.close();
        self.finished
    }

    fn close(&mut self) {
        if !self.begun {
            return;
        }
        let text = self.current.take().unwrap_or_default();
        self.total += text.len();
        self.finished.push(String::from_utf8_lossy(&text).into_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut patches = Patches::default();
        for line in text.split_inclusive('\n') {
            patches.line(line.as_bytes());
        }
        patches.finish()
    }

    #[test]
    fn a_patch_begins_with_its_first_hunk() {
        let text = "diff --git a/x b/x\nindex 1..2\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+diff --git a/y b/y\n\
                    diff --git a/z b/z\nBinary files differ\ndiff --git a/w b/w\nold mode 100644\n";
        assert_eq!(read(text), ["@@ -1 +1 @@\n-a\n+diff --git a/y b/y\n", "", ""]);
    }

    #[test]
    fn a_long_patch_is_left_out_whole() {
        let long = format!("diff --git a/x b/x\n@@ -1 +1 @@\n+{}\n", "x".repeat(FILE_LIMIT));
        let short = "diff --git a/y b/y\n@@ -1 +1 @@\n+y\n";
        assert_eq!(read(&format!("{long}{short}")), ["", "@@ -1 +1 @@\n+y\n"]);
    }

    #[test]
    fn together_they_stay_under_the_limit() {
        let one = format!("diff --git a/x b/x\n@@ -1 +1 @@\n+{}\n", "x".repeat(FILE_LIMIT - 100));
        let kept: usize = read(&one.repeat(10)).iter().map(String::len).sum();
        assert!(kept <= TOTAL_LIMIT && kept > TOTAL_LIMIT / 2, "{kept}");
    }
}
