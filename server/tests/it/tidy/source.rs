//! Source files as the checks read them: by path, with comments and the contents of strings left out.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// Inside the checkout, with `/`.
    pub(super) path: String,
    /// As it is written.
    pub(super) text: String,
    /// Without comments and without what stands in strings; lines stay where they are.
    pub(super) code: String,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: code_of(text) }
    }

    /// Whether the whole file is about tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs")
    }

    /// Numbers and lines of code up to the file's own tests.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let product = self.code.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        product.enumerate().map(|(index, line)| (index + 1, line))
    }

    /// `path:line` of every line before the tests that the test holds for.
    pub(super) fn places(&self, holds: impl Fn(&str) -> bool) -> Vec<String> {
        self.lines()
            .filter(|(_, line)| holds(line))
            .map(|(number, _)| format!("{}:{number}", self.path))
            .collect()
    }
}

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file below a folder of the checkout.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source::new(&inside, &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Every Rust file of the product: tests, trials and xtask are none of its invariants.
pub(super) fn product() -> Vec<Source> {
    let folders = ["app", "frontend", "server"].into_iter().flat_map(sources);
    let beside = ["server/crates/trials/", "server/crates/xtask/"];
    let is_beside = |source: &Source| beside.iter().any(|folder| source.path.starts_with(folder));
    folders.filter(|source| !source.is_test() && !is_beside(source)).collect()
}

/// Whether a name stands in the line as a word of its own.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// What a reader of Rust leaves out: comments, and the insides of strings.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = string_length(rest, &code) {
            code.push_str("\"\"");
            length
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        };
        // The lines below keep their numbers.
        code.extend(rest[..skipped].chars().filter(|letter| *letter == '\n'));
        rest = &rest[skipped..];
    }
    code
}

/// The length of the string that begins here, if one does.
fn string_length(rest: &str, before: &str) -> Option<usize> {
    if let Some(raw) = rest.strip_prefix('r')
        && !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
    {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if let Some(inside) = raw[hashes..].strip_prefix('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
            return Some(1 + hashes + 1 + length);
        }
    }
    // A quote as a letter opens no string.
    if rest.starts_with("'\"'") {
        return Some(3);
    }
    let inside = rest.strip_prefix('"')?;
    let mut escaped = false;
    for (index, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(index + 2),
            _ => {}
        }
    }
    Some(rest.len())
}

#[test]
fn the_sources_are_found() {
    let paths: Vec<String> = product().into_iter().map(|source| source.path).collect();
    for path in
        ["app/src/lib.rs", "app/domain/src/tasks.rs", "server/src/lib.rs", "server/crates/tenancy/src/lib.rs"]
    {
        assert!(paths.iter().any(|found| found == path), "{path} is not among what is checked");
    }
}

#[test]
fn comments_and_strings_are_no_code() {
    let text =
        "let a = \"sqlx // \\\" \"; // sqlx\n/* sqlx\n*/ let b = r#\"sqlx \"\"#; let c = '\"'; real();";
    let source = Source::new("a.rs", text);
    assert!(!source.code.contains("sqlx"), "{}", source.code);
    assert_eq!(source.places(|line| line.contains("real()")), ["a.rs:3"]);
}

#[test]
fn words_are_whole() {
    assert!(has_word("use axum::Router;", "axum"));
    assert!(!has_word("leptos_axum::extract()", "axum"));
}
