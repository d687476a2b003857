//! What a repository's fields may be. Pure.

use super::RepositoriesError;
use crate::patch::Wish;
use domain::repositories::{MAX_RUNNING_LIMIT, Repository, RepositoryPatch, RepositoryStatus};
use domain::{Edit, branch, text};

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

/// How many of its executions may run at once.
pub(super) fn max_running(wanted: u32) -> Result<u32, RepositoriesError> {
    if (1..=MAX_RUNNING_LIMIT).contains(&wanted) {
        return Ok(wanted);
    }
    Err(RepositoriesError::invalid("max_running", format!("must be 1 to {MAX_RUNNING_LIMIT}")))
}

/// A template for branches; a blank one is none.
pub(super) fn branch_template(text: &str) -> Result<Option<String>, RepositoriesError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let template = branch::template(text);
    template.map(Some).map_err(|reason| RepositoriesError::invalid("branch_template", reason))
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
            branch::name(&name).map_err(|reason| RepositoriesError::invalid("default_branch", reason))?;
    }
    if let Some(text) = patch.setup_script.or_empty() {
        repository.setup_script =
            script(&text).map_err(|reason| RepositoriesError::invalid("setup_script", reason))?;
    }
    if let Some(network) = patch.network.or_empty() {
        repository.network = network;
    }
    repository.max_running = match patch.max_running {
        Edit::Set(wanted) => Some(max_running(wanted)?),
        other => other.over(repository.max_running),
    };
    if let Some(text) = patch.branch_template.or_empty() {
        repository.branch_template = branch_template(&text)?;
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
        Wish { field: "max_running", now: before.max_running.into(), wanted: after.max_running.into() },
        Wish {
            field: "branch_template",
            now: before.branch_template.clone().into(),
            wanted: after.branch_template.clone().into(),
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
}
