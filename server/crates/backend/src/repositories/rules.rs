//! What a repository's fields may be. Pure.

use super::RepositoriesError;
use crate::patch::Wish;
use domain::repositories::{Repository, RepositoryPatch, RepositoryStatus};
use domain::text;

/// What to say of a repository that was reached.
pub(super) fn status(has_commits: bool) -> (RepositoryStatus, &'static str) {
    if has_commits {
        (RepositoryStatus::Ready, "")
    } else {
        (RepositoryStatus::Empty, "This repository has no commit yet; push one, and tasks can start.")
    }
}

/// The last part of a path or URL, without `.git`.
pub(super) fn name_of(url: &str) -> String {
    let path = url.trim_end_matches('/');
    let path = path.strip_suffix("/.git").unwrap_or(path);
    let last = path.rsplit(['/', ':']).next().unwrap_or(path);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

/// A branch's name by git's own rules for references, of which these are the ones people meet.
pub(super) fn branch(name: &str) -> Result<String, String> {
    let name = text::line(name, 200).map_err(|reason| reason.to_string())?;
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    let bad = name.starts_with(['-', '/', '.'])
        || name.ends_with(['/', '.'])
        || name.ends_with(".lock")
        || name.contains("..")
        || name.contains("//")
        || name.contains("@{")
        || name.chars().any(forbidden);
    if bad { Err("is not a branch name that git allows".to_owned()) } else { Ok(name) }
}

pub(super) fn script(script: &str) -> Result<String, String> {
    text::block(&script.replace("\r\n", "\n"), super::SCRIPT_LIMIT).map_err(|reason| reason.to_string())
}

pub(super) fn apply(repository: &mut Repository, patch: RepositoryPatch) -> Result<(), RepositoriesError> {
    if let Some(name) = patch.name {
        repository.name = text::line(&name, super::NAME_LIMIT)
            .map_err(|reason| RepositoriesError::invalid("name", reason))?;
    }
    if let Some(url) = patch.url {
        repository.url =
            text::line(&url, super::URL_LIMIT).map_err(|reason| RepositoriesError::invalid("url", reason))?;
    }
    if let Some(name) = patch.default_branch {
        repository.default_branch =
            branch(&name).map_err(|reason| RepositoriesError::invalid("default_branch", reason))?;
    }
    if let Some(text) = patch.setup_script.or_empty() {
        repository.setup_script =
            script(&text).map_err(|reason| RepositoriesError::invalid("setup_script", reason))?;
    }
    if let Some(network) = patch.network.or_empty() {
        repository.network = network;
    }
    Ok(())
}

pub(super) fn wishes(before: &Repository, after: &Repository) -> Vec<Wish> {
    let wish = |field, now: &str, wanted: &str| Wish { field, now: now.into(), wanted: wanted.into() };
    vec![
        wish("name", &before.name, &after.name),
        wish("url", &before.url, &after.url),
        wish("default_branch", &before.default_branch, &after.default_branch),
        wish("setup_script", &before.setup_script, &after.setup_script),
        Wish {
            field: "network",
            now: serde_json::to_value(before.network).unwrap_or_default(),
            wanted: serde_json::to_value(after.network).unwrap_or_default(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_last_part() {
        for (url, name) in [
            ("/srv/git/web.git", "web"),
            ("/srv/web/", "web"),
            ("/srv/web/.git", "web"),
            ("https://example.com/team/web.git", "web"),
            ("git@example.com:web.git", "web"),
        ] {
            assert_eq!(name_of(url), name);
        }
    }

    #[test]
    fn branches() {
        for (name, good) in [
            ("main", true),
            ("feature/login-2", true),
            ("--upload-pack=x", false),
            ("a b", false),
            ("a..b", false),
            ("a.lock", false),
            ("", false),
            ("x\0", false),
        ] {
            assert_eq!(branch(name).is_ok(), good, "{name:?}");
        }
    }
}
