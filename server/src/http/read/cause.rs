//! From a parser's complaint to a sentence and a field.

use std::error::Error;

use axum::extract::rejection::QueryRejection;
use domain::problem::Code;
use serde_json::error::Category;

use crate::http::problem::Refusal;

pub(super) fn of_json(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    let inner = error.inner();
    let message = inner.to_string();
    // The position means nothing to whoever sent a form, and reads like an inside of ours.
    let message = message.split(" at line ").next().unwrap_or_default();
    match inner.classify() {
        Category::Syntax | Category::Eof | Category::Io => super::malformed(message),
        Category::Data => named(&error.path().to_string(), message),
    }
}

pub(super) fn of_query(rejection: &QueryRejection) -> Refusal {
    // axum says `Failed to deserialize query string: limit: invalid digit found in string`.
    let cause = rejection.source().map(ToString::to_string).unwrap_or_default();
    match cause.split_once(": ") {
        Some((path, message)) if !path.contains(' ') => named(path, message),
        _ => named(".", &cause),
    }
}

/// The field is in the path, or, where a whole object is refused, in the message.
fn named(path: &str, message: &str) -> Refusal {
    let about_a_key = ["unknown field `", "missing field `", "duplicate field `"];
    let key = about_a_key.iter().find_map(|start| message.strip_prefix(start)?.split('`').next());
    let parent = if path == "." || path == "?" { "" } else { path };
    let field = match key {
        Some(key) if parent == key || parent.ends_with(&format!(".{key}")) => parent.to_owned(),
        Some(key) if parent.is_empty() => key.to_owned(),
        Some(key) => format!("{parent}.{key}"),
        None => parent.to_owned(),
    };
    let detail = sentence(message);
    if field.is_empty() { Refusal::new(Code::Invalid, detail) } else { Refusal::invalid(field, detail) }
}

fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let mut sentence: String = first + characters.as_str();
    // An echo of what was sent need not be long.
    if let Some((end, _)) = sentence.char_indices().nth(300) {
        sentence.truncate(end);
    }
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}
