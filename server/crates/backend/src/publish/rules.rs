//! What can be published, as what, and under which name. Pure.

use super::{PublicationError, Source};
use domain::branch::{self, Filling};
use domain::publish::{MESSAGE_LIMIT, NewPublication, PublishAction};
use domain::repositories::Repository;
use domain::tasks::Task;
use domain::text;

/// How much of a description a commit's message takes over.
const DESCRIPTION_LIMIT: usize = 4_000;

/// The commits of a result that is there.
pub(super) fn changed(source: &Source) -> Result<&(String, String), PublicationError> {
    if !source.execution.status.is_finished() {
        return Err(PublicationError::Conflict("this execution has not ended yet".to_owned()));
    }
    let commits = source.commits.as_ref().filter(|(base, head)| base != head);
    commits.ok_or_else(|| PublicationError::Conflict("this execution changed nothing".to_owned()))
}

/// The repository of a result that can be published.
pub(super) fn publishable(source: &Source) -> Result<&Repository, PublicationError> {
    changed(source)?;
    let reason = "this task works on no repository; take its changes as a patch";
    source.repository.as_ref().ok_or_else(|| PublicationError::Conflict(reason.to_owned()))
}

/// Whether an action fits where the repository is.
pub(super) fn fits(action: PublishAction, is_local: bool) -> Result<(), PublicationError> {
    let reason = match action {
        PublishAction::Push => return Ok(()),
        PublishAction::Branch | PublishAction::Merge if is_local => return Ok(()),
        PublishAction::Branch => "this repository is not on this machine; push the branch instead",
        PublishAction::Merge => {
            "this repository is not on this machine; push a branch, and merge it where the repository is"
        }
    };
    Err(PublicationError::Conflict(reason.to_owned()))
}

/// The branch that is made, or merged into.
pub(super) fn branch(
    source: &Source,
    repository: &Repository,
    new: &NewPublication,
) -> Result<String, PublicationError> {
    let named = new.branch.as_deref().map(str::trim).filter(|named| !named.is_empty());
    let refuse = |reason: String| PublicationError::invalid("branch", reason);
    if new.action == PublishAction::Merge {
        return match named {
            Some(named) if named != repository.default_branch => Err(refuse(format!(
                "must be {}: only the default branch is merged into",
                repository.default_branch
            ))),
            _ => Ok(repository.default_branch.clone()),
        };
    }
    let branch = match named {
        Some(named) => branch::name(named),
        None => {
            let template = repository.branch_template.as_ref().unwrap_or(&source.settings.branch_template);
            let filling = Filling {
                number: source.task.number,
                title: &source.task.title,
                execution: source.execution.number,
                priority: source.task.priority.as_str(),
            };
            branch::fill(template, &filling)
        }
    };
    let branch = branch.map_err(refuse)?;
    if branch == repository.default_branch {
        return Err(refuse("is the default branch; merge into it instead".to_owned()));
    }
    Ok(branch)
}

/// The message of the commit: what was asked for, or the task's own words.
pub(super) fn message(task: &Task, wanted: Option<&str>) -> Result<String, PublicationError> {
    if let Some(wanted) = wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) {
        return text::block(&wanted.replace("\r\n", "\n"), MESSAGE_LIMIT)
            .map_err(|reason| PublicationError::invalid("message", reason));
    }
    let description: String = task.description.trim().chars().take(DESCRIPTION_LIMIT).collect();
    let middle = if description.is_empty() { String::new() } else { format!("{description}\n\n") };
    Ok(format!("{}\n\n{middle}Switchboard-Task: {}\n", task.title, task.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_elsewhere_is_pushed() {
        for (action, is_local, good) in [
            (PublishAction::Branch, true, true),
            (PublishAction::Merge, true, true),
            (PublishAction::Push, true, true),
            (PublishAction::Branch, false, false),
            (PublishAction::Merge, false, false),
            (PublishAction::Push, false, true),
        ] {
            assert_eq!(fits(action, is_local).is_ok(), good, "{action} {is_local}");
        }
    }
}
