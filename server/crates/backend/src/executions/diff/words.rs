//! Which words changed within a line: a deleted line beside the one put in its place. Pure.

use domain::diff::{Class, Kind, Piece, Row, Word};
use similar::{ChangeTag, TextDiff};

/// Longer lines are not compared word by word.
const LONGEST: usize = 500;
/// Lines less alike than this are not the same line changed: marking nearly all of them says nothing.
const ALIKE: f32 = 0.5;

/// Marks changed words in lines that were replaced one by one.
pub(super) fn mark(rows: &mut [Row]) {
    let mut at = 0;
    while at < rows.len() {
        let gone = run(rows, at, Kind::Delete);
        let come = run(rows, at + gone, Kind::Insert);
        for place in 0..gone.min(come) {
            compare(rows, at + place, at + gone + place);
        }
        at += (gone + come).max(1);
    }
}

/// How many rows of a kind follow each other from here.
fn run(rows: &[Row], from: usize, kind: Kind) -> usize {
    rows.iter().skip(from).take_while(|row| row.kind == kind).count()
}

fn compare(rows: &mut [Row], old: usize, new: usize) {
    let text = |place: usize| rows.get(place).map(Row::text).unwrap_or_default();
    let (before, after) = (text(old), text(new));
    if before.len().max(after.len()) > LONGEST {
        return;
    }
    let (one, other) = (tokens(&before), tokens(&after));
    let diff = TextDiff::from_slices(&one, &other);
    if diff.ratio() < ALIKE {
        return;
    }
    let (mut gone, mut come) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        let length = change.value().len();
        match change.tag() {
            ChangeTag::Equal => {
                gone.push((length, Word::Same));
                come.push((length, Word::Same));
            }
            ChangeTag::Delete => gone.push((length, Word::Changed)),
            ChangeTag::Insert => come.push((length, Word::Changed)),
        }
    }
    for (place, words) in [(old, gone), (new, come)] {
        if let Some(row) = rows.get_mut(place) {
            row.pieces = cut(&row.pieces, &words);
        }
    }
}

/// Words, runs of white space, and every other letter by itself.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |letter: char| {
            if is_word(first) { is_word(letter) } else { first.is_whitespace() && letter.is_whitespace() }
        };
        let length = rest.find(|letter| !same(letter)).unwrap_or(rest.len()).max(first.len_utf8());
        let (token, later) = rest.split_at(length);
        tokens.push(token);
        rest = later;
    }
    tokens
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Pieces by class, cut where words begin and end to be changed.
fn cut(pieces: &[Piece], words: &[(usize, Word)]) -> Vec<Piece> {
    let mut result: Vec<Piece> = Vec::new();
    let mut words = words.iter().copied();
    let (mut left, mut word) = (0, Word::Same);
    for Piece(text, class, _) in pieces {
        let mut rest = text.as_str();
        while !rest.is_empty() {
            if left == 0 {
                (left, word) = words.next().unwrap_or((usize::MAX, Word::Same));
                continue;
            }
            let Some((now, later)) = rest.split_at_checked(left.min(rest.len())) else { break };
            left -= now.len();
            rest = later;
            push(&mut result, now, (*class, word));
        }
    }
    result
}

fn push(pieces: &mut Vec<Piece>, text: &str, (class, word): (Class, Word)) {
    match pieces.last_mut() {
        Some(last) if (last.1, last.2) == (class, word) => last.0.push_str(text),
        _ => pieces.push(Piece(text.to_owned(), class, word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(patch: &str) -> Vec<String> {
        let (mut rows, _) = super::super::rows::of(patch);
        mark(&mut rows);
        let shown = |row: &Row| {
            let piece = |Piece(text, _, word): &Piece| match word {
                Word::Changed => format!("[{text}]"),
                Word::Same => text.clone(),
            };
            row.pieces.iter().map(piece).collect()
        };
        rows.iter().map(shown).collect()
    }

    #[test]
    fn words_are_marked_where_a_line_was_replaced() {
        let cases: [(&str, &[&str]); 6] = [
            ("-let a = one;\n+let a = two;\n", &["let a = [one];", "let a = [two];"]),
            ("-f(a)\n-g(b)\n+f(a, c)\n+g(b)\n", &["f(a)", "g(b)", "f(a[, c])", "g(b)"]),
            ("-gone\n-with it\n x\n+come\n", &["gone", "with it", "x", "come"]),
            ("-all of this\n+nothing the same here\n", &["all of this", "nothing the same here"]),
            ("-grød æble ø\n+grød æbler ø\n", &["grød [æble] ø", "grød [æbler] ø"]),
            ("+only new\n", &["only new"]),
        ];
        for (patch, expected) in cases {
            assert_eq!(marked(patch), expected, "{patch}");
        }
        let long = format!("-{}a\n+{}b\n", "x ".repeat(400), "x ".repeat(400));
        assert!(marked(&long).iter().all(|line| !line.contains('[')));
    }

    #[test]
    fn cutting_keeps_classes_and_every_letter() {
        let pieces = [
            Piece("let ".into(), Class::Keyword, Word::Same),
            Piece("æble".into(), Class::Plain, Word::Same),
        ];
        let cut = cut(&pieces, &[(2, Word::Changed), (4, Word::Same), (3, Word::Changed)]);
        let all: String = cut.iter().map(|piece| piece.0.as_str()).collect();
        assert_eq!(all, "let æble");
        assert_eq!(cut[0], Piece("le".into(), Class::Keyword, Word::Changed));
        assert_eq!(cut[1], Piece("t ".into(), Class::Keyword, Word::Same));
    }
}
