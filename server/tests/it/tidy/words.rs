//! Words on screen: each key once, in every language.

use std::collections::BTreeSet;

use super::source::{Source, sources};
use super::{all_well, refused};

/// A line of the table: `key: "English" | "Dansk",`.
fn entry(line: &str) -> Option<(&str, Vec<&str>)> {
    let (key, texts) = line.trim().trim_end_matches(',').split_once(": \"")?;
    let is_key = !key.is_empty()
        && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_' || letter.is_ascii_digit());
    is_key.then(|| (key, texts.trim_end_matches('"').split("\" | \"").collect()))
}

fn untranslated(files: &[Source]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        let mut keys = BTreeSet::new();
        for (index, line) in file.text.lines().enumerate() {
            let Some((key, texts)) = entry(line) else { continue };
            let place = format!("{}:{}", file.path, index + 1);
            if texts.len() != 2 || texts.iter().any(|text| text.trim().is_empty()) {
                problems.push(format!(
                    "{place}: {key} must have a text in each language: key: \"English\" | \"Dansk\""
                ));
            }
            if !keys.insert(key) {
                problems.push(format!("{place}: {key} stands there twice"));
            }
        }
        if keys.is_empty() {
            problems.push(format!("{}: no strings were read from it: has their form changed?", file.path));
        }
    }
    problems
}

#[test]
fn every_word_is_there_in_every_language() {
    all_well(&untranslated(&sources("app/src/strings")));
}

#[test]
fn a_missing_word_is_refused() {
    let file = |text: &str| [Source::new("app/src/strings/a.rs", text)];
    refused(&untranslated(&file("    save: \"Save\",")), "a.rs:1: save must have a text in each language");
    refused(&untranslated(&file("    save: \"Save\" | \"\",")), "a.rs:1: save must have a text");
    refused(&untranslated(&file("    save: \"Save\" | \"Gem\",\n    save: \"Keep\" | \"Gem\",")), "twice");
    refused(&untranslated(&file("fn nothing() {}")), "no strings were read");
}
