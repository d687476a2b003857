//! Names of branches: what git allows, and names made from a template.

use crate::text;

/// The longest branch name.
pub const BRANCH_LIMIT: usize = 200;
/// The longest that a title becomes in a branch name.
const SLUG_LIMIT: usize = 40;

/// What a template may name, in braces.
pub const PLACEHOLDERS: [&str; 4] = ["number", "slug", "execution", "priority"];

/// What the placeholders stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling<'a> {
    pub number: i64,
    pub title: &'a str,
    /// The number of the execution of its task.
    pub execution: i64,
    pub priority: &'a str,
}

/// A branch's name by git's own rules for references.
pub fn name(text: &str) -> Result<String, String> {
    let name = text::line(text, BRANCH_LIMIT).map_err(|reason| reason.to_string())?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
    let bad = name.starts_with('-')
        || name.ends_with('.')
        || name.split('/').any(bad_part)
        || name.contains("..")
        || name.contains("@{")
        || name == "@"
        || name == "HEAD"
        || name.chars().any(forbidden);
    if bad { Err("is not a branch name that git allows".to_owned()) } else { Ok(name) }
}

/// A template whose placeholders are known and that makes a name which git allows.
pub fn template(text: &str) -> Result<String, String> {
    let template = text::line(text, BRANCH_LIMIT).map_err(|reason| reason.to_string())?;
    let filling = Filling { number: 12, title: "fix the login", execution: 1, priority: "normal" };
    fill(&template, &filling)?;
    Ok(template)
}

/// The branch that a template names.
pub fn fill(template: &str, filling: &Filling<'_>) -> Result<String, String> {
    let mut branch = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((placeholder, after)) = after.split_once('}') else {
            return Err("has a brace that nothing closes".to_owned());
        };
        branch.push_str(before);
        match placeholder {
            "number" => branch.push_str(&filling.number.to_string()),
            "slug" => branch.push_str(&slug(filling.title)),
            "execution" => branch.push_str(&filling.execution.to_string()),
            "priority" => branch.push_str(filling.priority),
            other => {
                return Err(format!(
                    "knows no placeholder {{{other}}}; there are {}",
                    PLACEHOLDERS.map(|known| format!("{{{known}}}")).join(", ")
                ));
            }
        }
        rest = after;
    }
    branch.push_str(rest);
    name(&branch)
}

/// A title in lower case letters, digits and single hyphens. One that has none of these is `task`.
pub fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        let plain = match letter {
            'a'..='z' | '0'..='9' => letter.to_string(),
            'æ' | 'ä' => "ae".to_owned(),
            'ø' | 'ö' => "oe".to_owned(),
            'å' => "aa".to_owned(),
            'ü' => "ue".to_owned(),
            'é' | 'è' | 'ê' => "e".to_owned(),
            _ if slug.is_empty() || slug.ends_with('-') => String::new(),
            _ => "-".to_owned(),
        };
        if slug.len() + plain.len() > SLUG_LIMIT {
            break;
        }
        slug.push_str(&plain);
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "task".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_allows() {
        for (text, good) in [
            ("main", true),
            ("feature/login-2", true),
            ("--upload-pack=x", false),
            ("a b", false),
            ("a..b", false),
            ("a.lock", false),
            ("a.lock/b", false),
            ("a/.b", false),
            ("a//b", false),
            ("/a", false),
            ("a/", false),
            ("a@{1}", false),
            ("@", false),
            ("HEAD", false),
            ("", false),
            ("x\0", false),
        ] {
            assert_eq!(name(text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn templates_are_filled_or_refused() {
        let filling = Filling { number: 7, title: "Ret æblet: nu!", execution: 2, priority: "high" };
        for (text, branch) in [
            ("switchboard/{number}-{slug}", Some("switchboard/7-ret-aeblet-nu")),
            ("{priority}/{number}/{execution}", Some("high/7/2")),
            ("plain", Some("plain")),
            ("{nobody}", None),
            ("{number", None),
            ("a {number}", None),
            ("{slug}.lock", None),
        ] {
            assert_eq!(fill(text, &filling).ok().as_deref(), branch, "{text}");
            assert_eq!(template(text).is_ok(), branch.is_some(), "{text}");
        }
    }

    #[test]
    fn slugs_are_plain_and_short() {
        for (title, expected) in
            [("Fix it", "fix-it"), ("  --x--  ", "x"), ("日本語", "task"), ("", "task"), ("a/../b", "a-b")]
        {
            assert_eq!(slug(title), expected);
        }
        assert!(slug(&"word ".repeat(50)).len() <= SLUG_LIMIT);
        assert!(!slug(&"word ".repeat(50)).ends_with('-'));
    }
}
