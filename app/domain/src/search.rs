//! What a few words find, for going there: tasks and repositories.

use crate::tasks::TaskStatus;
use crate::{RepositoryId, TaskId};
use serde::{Deserialize, Serialize};

/// As many tasks as are found, and as many repositories.
pub const TASKS_FOUND: u32 = 8;
pub const REPOSITORIES_FOUND: usize = 4;

/// What was found; the first is the most likely.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub tasks: Vec<FoundTask>,
    pub repositories: Vec<FoundRepository>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundTask {
    pub id: TaskId,
    pub number: i64,
    pub title: String,
    pub status: TaskStatus,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundRepository {
    pub id: RepositoryId,
    pub name: String,
}

/// Whether every word begins a word of a text, whatever the case.
pub fn names(text: &str, words: &str) -> bool {
    let text = text.to_lowercase();
    let begins = |word: &str| {
        text.split(|letter: char| !letter.is_alphanumeric()).any(|own| own.starts_with(word))
            || text.starts_with(word)
    };
    words.to_lowercase().split_whitespace().all(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_begins_a_word_of_it() {
        let cases = [
            ("New task", "", true),
            ("New task", "new", true),
            ("New task", "TA n", true),
            ("New task", "ask", false),
            ("New task", "new repository", false),
            ("acme/web-shop", "shop", true),
            ("acme/web-shop", "acme/web", true),
            ("Ændre tema", "æn te", true),
        ];
        for (text, words, expected) in cases {
            assert_eq!(names(text, words), expected, "{text:?} {words:?}");
        }
    }
}
