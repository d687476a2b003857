//! Parsing of text that people type: trimmed, bounded, and free of NUL, which PostgreSQL can't hold.

/// Why a text was refused, as a whole sentence without the field's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextError {
    Empty,
    TooLong { limit: usize },
    Nul,
}

impl std::fmt::Display for TextError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => formatter.write_str("must not be empty"),
            Self::TooLong { limit } => write!(formatter, "must be at most {limit} characters"),
            Self::Nul => formatter.write_str("must not contain the NUL character"),
        }
    }
}

impl std::error::Error for TextError {}

/// One line that must say something: trimmed, 1 to `limit` characters.
pub fn line(text: &str, limit: usize) -> Result<String, TextError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(TextError::Empty);
    }
    block(trimmed, limit)
}

/// Any text of at most `limit` characters, kept as it is.
pub fn block(text: &str, limit: usize) -> Result<String, TextError> {
    if text.contains('\0') {
        return Err(TextError::Nul);
    }
    if text.chars().count() > limit {
        return Err(TextError::TooLong { limit });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        assert_eq!(line("  fix it ", 10), Ok("fix it".to_owned()));
        assert_eq!(line(" \n ", 10), Err(TextError::Empty));
        assert_eq!(line("æøå", 2), Err(TextError::TooLong { limit: 2 }));
        assert_eq!(line("a\0b", 10), Err(TextError::Nul));
    }

    #[test]
    fn blocks_keep_their_white_space() {
        assert_eq!(block("  a\n", 10), Ok("  a\n".to_owned()));
        assert_eq!(block("\0", 10), Err(TextError::Nul));
    }
}
