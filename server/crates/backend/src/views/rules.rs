//! What a view may be called, and what it may filter by. Pure.

use super::ViewError;
use domain::text;
use domain::views::{FILTER_LIMIT, FILTERS_LIMIT, Filters, NewView, SavedView, VIEW_NAME_LIMIT, ViewPatch};

/// The one entity that has views.
pub(super) const TASK: &str = "task";

/// Room between two views, so that another can be moved in between.
pub(super) const GAP: i64 = 1_000;

/// What the page of tasks can be asked for, by the names in its address.
const FILTERS: [&str; 9] =
    ["view", "q", "status", "priority", "repository", "label", "assignee", "agent", "sort"];

pub(super) fn fields(new: &NewView) -> Result<(String, Filters), ViewError> {
    if new.entity.as_deref().is_some_and(|entity| entity != TASK) {
        return Err(ViewError::invalid("entity", "must be task"));
    }
    Ok((name(&new.name)?, filters(&new.filters)?))
}

pub(super) fn apply(view: &mut SavedView, patch: &ViewPatch) -> Result<(), ViewError> {
    if let Some(text) = &patch.name {
        view.name = name(text)?;
    }
    if let Some(wanted) = &patch.filters {
        view.filters = filters(wanted)?;
    }
    view.shared = patch.shared.unwrap_or(view.shared);
    view.position = patch.position.unwrap_or(view.position);
    Ok(())
}

fn name(text: &str) -> Result<String, ViewError> {
    text::line(text, VIEW_NAME_LIMIT).map_err(|reason| ViewError::invalid("name", reason))
}

fn filters(wanted: &Filters) -> Result<Filters, ViewError> {
    if wanted.len() > FILTERS_LIMIT {
        return Err(ViewError::invalid("filters", format!("must be at most {FILTERS_LIMIT}")));
    }
    let mut filters = Filters::new();
    for (key, value) in wanted {
        if !FILTERS.contains(&key.as_str()) {
            let known = FILTERS.join(", ");
            return Err(ViewError::invalid("filters", format!("knows no {key:?}; known are {known}")));
        }
        let value = value.trim();
        if value.chars().count() > FILTER_LIMIT || value.contains('\0') {
            return Err(ViewError::invalid("filters", format!("has a {key} that can't be read")));
        }
        if !value.is_empty() {
            filters.insert(key.clone(), value.to_owned());
        }
    }
    Ok(filters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str, pairs: &[(&str, &str)]) -> NewView {
        let filters = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        NewView { name: name.to_owned(), filters, ..NewView::default() }
    }

    #[test]
    fn a_view_has_a_name_and_filters_that_the_page_knows() {
        let (name, filters) = fields(&new(" Mine ", &[("status", "queued "), ("q", "")])).unwrap();
        assert_eq!((name.as_str(), filters.len()), ("Mine", 1));
        assert_eq!(filters.get("status").map(String::as_str), Some("queued"));
        let long = "x".repeat(FILTER_LIMIT + 1);
        for (view, field) in [
            (new("", &[]), "name"),
            (new(&"x".repeat(VIEW_NAME_LIMIT + 1), &[]), "name"),
            (new("x", &[("colour", "red")]), "filters"),
            (new("x", &[("cursor", "red")]), "filters"),
            (new("x", &[("q", &long)]), "filters"),
            (new("x", &[("q", "a\0")]), "filters"),
            (NewView { entity: Some("lead".to_owned()), ..new("x", &[]) }, "entity"),
        ] {
            assert!(
                matches!(fields(&view), Err(ViewError::Invalid { field: at, .. }) if at == field),
                "{view:?}"
            );
        }
    }
}
