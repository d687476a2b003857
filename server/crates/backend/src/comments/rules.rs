//! What a comment may be. Pure.

use domain::comments::{NewComment, PATH_LIMIT, Side, TEXT_LIMIT};

use super::CommentError;

/// What a comment is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: Option<String>,
    pub(super) line: Option<i64>,
    pub(super) side: Option<Side>,
}

pub(super) fn text(text: &str) -> Result<String, CommentError> {
    domain::text::line(text, TEXT_LIMIT).map_err(|reason| CommentError::invalid("text", reason))
}

pub(super) fn place(new: &NewComment) -> Result<Place, CommentError> {
    let Some(path) = &new.path else {
        return match new.line {
            Some(_) => Err(CommentError::invalid("line", "needs the path that it is a line of")),
            None => Ok(Place::default()),
        };
    };
    let blank = path.trim().is_empty();
    let path =
        domain::text::block(path, PATH_LIMIT).map_err(|reason| CommentError::invalid("path", reason))?;
    if blank {
        return Err(CommentError::invalid("path", "must not be empty"));
    }
    if new.line.is_some_and(|line| line < 1) {
        return Err(CommentError::invalid("line", "must be 1 or more"));
    }
    let side = new.line.map(|_| new.side.unwrap_or_default());
    Ok(Place { path: Some(path), line: new.line, side })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(path: Option<&str>, line: Option<i64>, side: Option<Side>) -> NewComment {
        NewComment { path: path.map(str::to_owned), line, side, ..NewComment::default() }
    }

    #[test]
    fn a_line_is_of_a_file_and_has_a_side() {
        let place_of = |path: &str, line, side| Place { path: Some(path.to_owned()), line, side };
        let cases = [
            (on(None, None, None), Ok(Place::default())),
            (on(None, None, Some(Side::Old)), Ok(Place::default())),
            (on(Some("a b"), None, Some(Side::Old)), Ok(place_of("a b", None, None))),
            (on(Some("a"), Some(3), None), Ok(place_of("a", Some(3), Some(Side::New)))),
            (on(Some("a"), Some(3), Some(Side::Old)), Ok(place_of("a", Some(3), Some(Side::Old)))),
            (on(None, Some(3), None), Err("line")),
            (on(Some("a"), Some(0), None), Err("line")),
            (on(Some("  "), None, None), Err("path")),
            (on(Some("a\0"), None, None), Err("path")),
        ];
        for (new, expected) in cases {
            let seen = place(&new).map_err(|error| match error {
                CommentError::Invalid { field, .. } => field,
                other => panic!("{other:?}"),
            });
            assert_eq!(seen, expected, "{new:?}");
        }
    }
}
