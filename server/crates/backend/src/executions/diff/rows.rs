//! A unified patch as rows. Pure.

use domain::diff::{Kind, MOST_ROWS, Piece, Row};

/// The rows of a patch that begins with its first `@@`, and whether some are left out.
pub(super) fn of(patch: &str) -> (Vec<Row>, bool) {
    let mut rows = Vec::new();
    let (mut old, mut new) = (0, 0);
    for line in patch.lines() {
        if rows.len() >= MOST_ROWS {
            return (rows, true);
        }
        rows.push(row(line, &mut old, &mut new));
    }
    (rows, false)
}

fn row(line: &str, old: &mut i64, new: &mut i64) -> Row {
    let (mark, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
    let step = |place: &mut i64| {
        let at = *place;
        *place += 1;
        Some(at)
    };
    let (kind, text, at) = match mark {
        "@" => {
            if let Some((first, second)) = starts(line) {
                (*old, *new) = (first, second);
            }
            (Kind::Hunk, line, (None, None))
        }
        "+" => (Kind::Insert, rest, (None, step(new))),
        "-" => (Kind::Delete, rest, (step(old), None)),
        "\\" => (Kind::Note, rest.trim_start(), (None, None)),
        _ => (Kind::Context, rest, (step(old), step(new))),
    };
    Row { kind, old: at.0, new: at.1, pieces: vec![Piece::plain(text)] }
}

/// The two first line numbers of `@@ -a,b +c,d @@`.
fn starts(header: &str) -> Option<(i64, i64)> {
    let mut parts = header.split_whitespace().skip(1);
    let first = parts.next()?.strip_prefix('-')?.split(',').next()?.parse().ok()?;
    let second = parts.next()?.strip_prefix('+')?.split(',').next()?.parse().ok()?;
    Some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_carry_the_line_numbers_of_both_sides() {
        let patch = "@@ -3,3 +3,4 @@ fn finish()\n a\n-b\n+c\n+d\n e\n\\ No newline at end of file\n@@ -10 +11 @@\n-x\n+y\n";
        let (rows, cut) = of(patch);
        let seen: Vec<_> = rows.iter().map(|row| (row.kind, row.old, row.new, row.text())).collect();
        let expected = [
            (Kind::Hunk, None, None, "@@ -3,3 +3,4 @@ fn finish()"),
            (Kind::Context, Some(3), Some(3), "a"),
            (Kind::Delete, Some(4), None, "b"),
            (Kind::Insert, None, Some(4), "c"),
            (Kind::Insert, None, Some(5), "d"),
            (Kind::Context, Some(5), Some(6), "e"),
            (Kind::Note, None, None, "No newline at end of file"),
            (Kind::Hunk, None, None, "@@ -10 +11 @@"),
            (Kind::Delete, Some(10), None, "x"),
            (Kind::Insert, None, Some(11), "y"),
        ];
        assert!(!cut);
        assert_eq!(seen, expected.map(|(kind, old, new, text)| (kind, old, new, text.to_owned())));
    }

    #[test]
    fn an_endless_patch_is_cut_and_an_odd_one_is_shown() {
        assert!(of(&"+x\n".repeat(MOST_ROWS + 1)).1);
        assert_eq!(of("@@ nonsense\n\næ\n").0.len(), 3);
    }
}
