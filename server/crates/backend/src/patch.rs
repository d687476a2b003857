//! Changing some fields of a resource while others change theirs: a conflict is two people changing the same field.

use domain::problem::FieldConflict;
use serde_json::Value;
use std::collections::BTreeMap;

/// For each field, the version of the resource that changed it last. A field that is absent has never changed.
pub type FieldVersions = BTreeMap<String, i64>;

/// One field as it is and as it is wanted.
#[derive(Debug, Clone)]
pub struct Wish {
    pub field: &'static str,
    pub now: Value,
    pub wanted: Value,
}

/// The fields that were changed after `seen` by somebody else, to something else than what is wanted.
pub fn conflicts(wishes: &[Wish], versions: &FieldVersions, seen: Option<i64>) -> Vec<FieldConflict> {
    let Some(seen) = seen else { return Vec::new() };
    let moved = |wish: &&Wish| versions.get(wish.field).is_some_and(|changed| *changed > seen);
    wishes
        .iter()
        .filter(|wish| wish.now != wish.wanted)
        .filter(moved)
        .map(|wish| FieldConflict {
            field: wish.field.to_owned(),
            yours: wish.wanted.clone(),
            theirs: wish.now.clone(),
        })
        .collect()
}

/// Notes that `version` changes every field whose wish differs. `false` where nothing differs.
pub fn note(wishes: &[Wish], versions: &mut FieldVersions, version: i64) -> bool {
    let mut any = false;
    for wish in wishes.iter().filter(|wish| wish.now != wish.wanted) {
        versions.insert(wish.field.to_owned(), version);
        any = true;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(field: &'static str, now: &str, wanted: &str) -> Wish {
        Wish { field, now: now.into(), wanted: wanted.into() }
    }

    #[test]
    fn only_the_same_field_changed_since_is_a_conflict() {
        let versions = FieldVersions::from([("title".to_owned(), 5), ("priority".to_owned(), 2)]);
        let cases: [(Wish, Option<i64>, usize); 6] = [
            (wish("title", "b", "c"), Some(4), 1),
            (wish("title", "b", "c"), Some(5), 0),
            (wish("title", "b", "b"), Some(4), 0),
            (wish("title", "b", "c"), None, 0),
            (wish("priority", "low", "high"), Some(4), 0),
            (wish("description", "x", "y"), Some(1), 0),
        ];
        for (wish, seen, expected) in cases {
            assert_eq!(
                conflicts(std::slice::from_ref(&wish), &versions, seen).len(),
                expected,
                "{wish:?} {seen:?}"
            );
        }
    }

    #[test]
    fn a_wish_for_what_already_is_changes_nothing() {
        let mut versions = FieldVersions::new();
        assert!(!note(&[wish("title", "a", "a")], &mut versions, 2));
        assert!(note(&[wish("title", "a", "b")], &mut versions, 2));
        assert_eq!(versions.get("title"), Some(&2));
    }
}
