//! The colours of a language, by the grammars that `syntect` carries. Pure.
//!
//! A hunk is read without what stands before it: a comment that began above it is not known for one. Each side is read
//! by itself, so that a line that was deleted does not colour the one in its place.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

use domain::diff::{Class, Kind, Piece, Row, Word};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// Longer lines stay plain: they are seldom written by hand.
const LONGEST: usize = 1_000;

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// What scopes begin with, and what that is. The first that fits the innermost scope decides.
static CLASSES: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(|| {
    let named = [
        ("comment", Class::Comment),
        ("string", Class::Text),
        ("constant.character", Class::Text),
        ("constant", Class::Constant),
        ("entity.name.function", Class::Function),
        ("support.function", Class::Function),
        ("entity.name.tag", Class::Keyword),
        ("entity.name", Class::Type),
        ("support.type", Class::Type),
        ("support.class", Class::Type),
        ("storage", Class::Keyword),
        ("keyword.operator", Class::Plain),
        ("keyword", Class::Keyword),
    ];
    named.into_iter().filter_map(|(name, class)| Some((Scope::new(name).ok()?, class))).collect()
});

/// How far one side of a hunk is read.
struct Reader {
    state: ParseState,
    stack: ScopeStack,
}

impl Reader {
    fn new(grammar: &SyntaxReference) -> Self {
        Self { state: ParseState::new(grammar), stack: ScopeStack::new() }
    }

    /// The line in pieces. `None` where its grammar fails: the line stays plain.
    fn read(&mut self, text: &str) -> Option<Vec<Piece>> {
        let line = format!("{text}\n");
        let steps = self.state.parse_line(&line, &GRAMMARS).ok()?;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut from = 0;
        for (at, step) in steps {
            push(&mut pieces, text.get(from..at.min(text.len())), class(&self.stack));
            from = at.max(from);
            self.stack.apply(&step).ok()?;
        }
        push(&mut pieces, text.get(from..), class(&self.stack));
        Some(pieces)
    }
}

fn push(pieces: &mut Vec<Piece>, text: Option<&str>, class: Class) {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return };
    match pieces.last_mut() {
        Some(last) if last.1 == class => last.0.push_str(text),
        _ => pieces.push(Piece(text.to_owned(), class, Word::Same)),
    }
}

fn class(stack: &ScopeStack) -> Class {
    let known = |scope: &Scope| {
        CLASSES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, class)| *class)
    };
    // Marks of a string or a comment belong to it.
    stack.as_slice().iter().rev().find_map(known).unwrap_or_default()
}

/// The grammar for a path, by its name or extension. Close relatives stand for those that are not carried.
fn grammar(path: &str) -> Option<&'static SyntaxReference> {
    let path = Path::new(path);
    let name = path.file_name()?.to_str()?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let extension = match extension {
        "ts" | "tsx" | "jsx" | "mjs" | "cjs" | "mts" => "js",
        "jsonc" | "json5" | "webmanifest" => "json",
        "scss" | "less" => "css",
        "svelte" | "vue" => "html",
        "bash" | "zsh" => "sh",
        "kt" | "kts" => "java",
        "toml" | "ini" | "conf" => "yaml",
        other => other,
    };
    GRAMMARS
        .find_syntax_by_extension(name)
        .or_else(|| GRAMMARS.find_syntax_by_extension(extension).filter(|_| !extension.is_empty()))
        .filter(|grammar| grammar.name != "Plain Text")
}

/// Gives rows the colours of the path's language, as far as the time reaches.
pub(super) fn give(rows: &mut [Row], path: &str, deadline: Instant) {
    let Some(grammar) = grammar(path) else { return };
    let (mut old, mut new) = (Reader::new(grammar), Reader::new(grammar));
    for row in rows {
        if Instant::now() > deadline {
            return;
        }
        if row.kind == Kind::Hunk {
            (old, new) = (Reader::new(grammar), Reader::new(grammar));
        }
        let text = row.text();
        if text.len() > LONGEST {
            continue;
        }
        let pieces = match row.kind {
            Kind::Insert => new.read(&text),
            Kind::Delete => old.read(&text),
            Kind::Context => {
                // Both sides go on alike; what one of them says is shown.
                let pieces = new.read(&text);
                old.read(&text).and(pieces)
            }
            Kind::Hunk | Kind::Note => None,
        };
        if let Some(pieces) = pieces.filter(|pieces| !pieces.is_empty()) {
            row.pieces = pieces;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn coloured(path: &str, patch: &str) -> Vec<Row> {
        let (mut rows, _) = super::super::rows::of(patch);
        give(&mut rows, path, Instant::now() + Duration::from_secs(60));
        rows
    }

    #[test]
    fn code_has_the_colours_of_its_language_and_keeps_every_letter() {
        let patch = "@@ -1,3 +1,3 @@\n fn main() {\n-    let a = \"æ\"; // old\n+    let a = 42;\n }\n";
        let rows = coloured("src/main.rs", patch);
        let (plain, _) = super::super::rows::of(patch);
        for (row, plain) in rows.iter().zip(&plain) {
            assert_eq!(row.text(), plain.text());
        }
        let class_of = |row: usize, text: &str| {
            rows[row].pieces.iter().find(|piece| piece.0.contains(text)).map(|piece| piece.1)
        };
        assert_eq!(class_of(1, "main"), Some(Class::Function));
        assert_eq!(class_of(2, "let"), Some(Class::Keyword));
        assert_eq!(class_of(2, "æ"), Some(Class::Text));
        assert_eq!(class_of(2, "old"), Some(Class::Comment));
        assert_eq!(class_of(3, "42"), Some(Class::Constant));
    }

    #[test]
    fn what_has_no_grammar_or_no_time_stays_plain() {
        let patch = "+let a = 1;\n";
        let plain = super::super::rows::of(patch).0;
        assert_eq!(coloured("notes.unknown", patch), plain);
        assert_eq!(coloured("", patch), plain);
        let (mut rows, _) = super::super::rows::of(patch);
        give(&mut rows, "a.rs", Instant::now() - Duration::from_secs(1));
        assert_eq!(rows, plain);
    }
}
