//! What the settings may be. Pure.

use super::SettingsError;
use crate::patch::Wish;
use domain::settings::{AUTHOR_LIMIT, Settings, SettingsPatch};
use domain::{Edit, branch, text};
use serde_json::json;

pub(super) fn apply(settings: &mut Settings, patch: SettingsPatch) -> Result<(), SettingsError> {
    let usual = Settings::default();
    settings.preempt = patch.preempt.unwrap_or(settings.preempt);
    settings.branch_template = match wanted(patch.branch_template) {
        Edit::Keep => settings.branch_template.clone(),
        Edit::Clear => usual.branch_template,
        Edit::Set(text) => {
            branch::template(&text).map_err(|reason| SettingsError::invalid("branch_template", reason))?
        }
    };
    settings.author_name = match wanted(patch.author_name) {
        Edit::Keep => settings.author_name.clone(),
        Edit::Clear => usual.author_name,
        Edit::Set(text) => author("author_name", &text)?,
    };
    settings.author_email = match wanted(patch.author_email) {
        Edit::Keep => settings.author_email.clone(),
        Edit::Clear => usual.author_email,
        Edit::Set(text) => author("author_email", &text)?,
    };
    Ok(())
}

/// A form can't send `null`: what is blank is the default too.
fn wanted(edit: Edit<String>) -> Edit<String> {
    match edit {
        Edit::Set(text) if text.trim().is_empty() => Edit::Clear,
        other => other,
    }
}

/// As it can stand in a commit: one line, without the signs that end a name there.
fn author(field: &'static str, text: &str) -> Result<String, SettingsError> {
    let text = text::line(text, AUTHOR_LIMIT).map_err(|reason| SettingsError::invalid(field, reason))?;
    if text.contains(['<', '>']) || text.chars().any(char::is_control) {
        return Err(SettingsError::invalid(field, "must be one line without < and >"));
    }
    // Git cuts these off at either end, and refuses a name of nothing else.
    if text.chars().all(|letter| letter.is_whitespace() || ".,:;\"\\'".contains(letter)) {
        return Err(SettingsError::invalid(field, "must hold a letter or a digit"));
    }
    Ok(text)
}

pub(super) fn wishes(before: &Settings, after: &Settings) -> Vec<Wish> {
    let wish = |field, now, wanted| Wish { field, now, wanted };
    vec![
        wish("preempt", json!(before.preempt), json!(after.preempt)),
        wish("branch_template", json!(before.branch_template), json!(after.branch_template)),
        wish("author_name", json!(before.author_name), json!(after.author_name)),
        wish("author_email", json!(before.author_email), json!(after.author_email)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_can_end_no_line_of_a_commit() {
        for (text, good) in
            [("Mette Hansen", true), ("a <b>", false), ("a\nb", false), ("", false), ("..", false)]
        {
            assert_eq!(author("author_name", text).is_ok(), good, "{text:?}");
        }
    }

    #[test]
    fn null_and_blank_are_the_default() {
        for edit in [Edit::Clear, Edit::Set(" ".to_owned())] {
            let mut settings = Settings { branch_template: "mine/{slug}".to_owned(), ..Settings::default() };
            let patch = SettingsPatch { branch_template: edit, ..SettingsPatch::default() };
            apply(&mut settings, patch).unwrap();
            assert_eq!(settings, Settings::default());
        }
    }
}
