//! A diff as it is shown: rows with the numbers of both sides, coloured by the file's language, with the words marked
//! that changed within a line. The server makes it; a page only draws it.

use crate::executions::FileStatus;
use serde::{Deserialize, Serialize};

/// A file with more rows than this is drawn only when somebody opens it.
pub const FOLDED_ROWS: usize = 500;
/// The most rows of one file.
pub const MOST_ROWS: usize = 5_000;
/// The most rows that come with the list of files; the others are read file by file.
pub const FIRST_ROWS: usize = 3_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Context,
    Insert,
    Delete,
    Hunk,
    Note,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Insert => "insert",
            Self::Delete => "delete",
            Self::Hunk => "hunk",
            Self::Note => "note",
        }
    }

    /// The sign is text, so that colour is not the only thing that tells rows apart.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Insert => "+",
            Self::Delete => "−",
            Self::Context | Self::Hunk | Self::Note => " ",
        }
    }
}

/// What a piece of code is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    #[default]
    #[serde(rename = "")]
    Plain,
    #[serde(rename = "c")]
    Comment,
    #[serde(rename = "s")]
    Text,
    #[serde(rename = "k")]
    Keyword,
    #[serde(rename = "n")]
    Constant,
    #[serde(rename = "f")]
    Function,
    #[serde(rename = "t")]
    Type,
}

impl Class {
    /// The name of its style, empty where it has none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Comment => "s-comment",
            Self::Text => "s-string",
            Self::Keyword => "s-keyword",
            Self::Constant => "s-constant",
            Self::Function => "s-function",
            Self::Type => "s-type",
        }
    }
}

/// Whether the words of a piece are the same on the other side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Word {
    #[default]
    #[serde(rename = "")]
    Same,
    #[serde(rename = "w")]
    Changed,
}

/// A piece of a line that looks alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece(pub String, pub Class, pub Word);

impl Piece {
    pub fn plain(text: &str) -> Self {
        Self(text.to_owned(), Class::Plain, Word::Same)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    #[serde(rename = "k")]
    pub kind: Kind,
    #[serde(rename = "o")]
    pub old: Option<i64>,
    #[serde(rename = "n")]
    pub new: Option<i64>,
    #[serde(rename = "p")]
    pub pieces: Vec<Piece>,
}

impl Row {
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| piece.0.as_str()).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFile {
    pub path: String,
    pub old_path: Option<String>,
    pub status: FileStatus,
    pub insertions: u64,
    pub deletions: u64,
    pub binary: bool,
    /// How many rows there are to show.
    pub count: usize,
    /// There are more rows than are shown.
    pub cut: bool,
    /// `None` where they are read by themselves.
    pub rows: Option<Vec<Row>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDiff {
    pub base: Option<String>,
    pub files: Vec<ShownFile>,
}

/// Rows beside each other: what was deleted beside what was put in its place.
pub fn pairs(rows: &[Row]) -> Vec<(Option<&Row>, Option<&Row>)> {
    let mut pairs = Vec::with_capacity(rows.len());
    let (mut gone, mut come): (Vec<&Row>, Vec<&Row>) = (Vec::new(), Vec::new());
    let flush = |gone: &mut Vec<_>, come: &mut Vec<_>, pairs: &mut Vec<_>| {
        let count = gone.len().max(come.len());
        for place in 0..count {
            pairs.push((gone.get(place).copied(), come.get(place).copied()));
        }
        gone.clear();
        come.clear();
    };
    for row in rows {
        match row.kind {
            // What comes before what goes is another change.
            Kind::Delete if come.is_empty() => gone.push(row),
            Kind::Delete => {
                flush(&mut gone, &mut come, &mut pairs);
                gone.push(row);
            }
            Kind::Insert => come.push(row),
            _ => {
                flush(&mut gone, &mut come, &mut pairs);
                pairs.push((Some(row), Some(row)));
            }
        }
    }
    flush(&mut gone, &mut come, &mut pairs);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_beside_what_they_replace() {
        let row = |kind, text: &str| Row { kind, old: None, new: None, pieces: vec![Piece::plain(text)] };
        let rows = [
            row(Kind::Context, "a"),
            row(Kind::Delete, "b"),
            row(Kind::Delete, "c"),
            row(Kind::Insert, "B"),
            row(Kind::Delete, "d"),
            row(Kind::Context, "e"),
            row(Kind::Insert, "f"),
        ];
        let text = |row: Option<&Row>| row.map(Row::text).unwrap_or_default();
        let seen: Vec<_> = pairs(&rows).into_iter().map(|(old, new)| (text(old), text(new))).collect();
        let expected = [("a", "a"), ("b", "B"), ("c", ""), ("d", ""), ("e", "e"), ("", "f")];
        assert_eq!(seen, expected.map(|(old, new)| (old.to_owned(), new.to_owned())));
    }
}
