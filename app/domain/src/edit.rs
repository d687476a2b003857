//! What a change says of one field: nothing, that its value goes, or a new value.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A field of a change. On the wire an absent field stays as it is and `null` takes its value off, so it stands with
/// `#[serde(default, skip_serializing_if = "Edit::is_kept")]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edit<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Edit<T> {
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The field's value after the change.
    pub fn over(self, now: Option<T>) -> Option<T> {
        match self {
            Self::Keep => now,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T: Default> Edit<T> {
    /// The new value, where the field changes; one that was taken off is the empty one.
    pub fn or_empty(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Clear => Some(T::default()),
            Self::Set(value) => Some(value),
        }
    }
}

/// Where a value is, it is set; where none is, the field stays.
impl<T> From<Option<T>> for Edit<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Keep, Self::Set)
    }
}

impl<T: Serialize> Serialize for Edit<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Edit<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Clear, Self::Set))
    }
}

/// For a field that always has a value: absent it stays, and `null` is refused instead of being taken for absent.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    match Option::deserialize(deserializer)? {
        Some(value) => Ok(Some(value)),
        None => Err(serde::de::Error::custom("must not be null")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Patch {
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
        title: Option<String>,
        #[serde(default, skip_serializing_if = "Edit::is_kept")]
        owner: Edit<u32>,
    }

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        for (json, owner) in
            [(r#"{}"#, Edit::Keep), (r#"{"owner":null}"#, Edit::Clear), (r#"{"owner":7}"#, Edit::Set(7))]
        {
            let patch: Patch = serde_json::from_str(json).unwrap();
            assert_eq!(patch.owner, owner, "{json}");
            assert_eq!(serde_json::to_string(&patch).unwrap(), json, "it is written as it is read");
        }
        assert!(serde_json::from_str::<Patch>(r#"{"title":null}"#).is_err());
    }

    #[test]
    fn an_edit_applies_to_what_is_there() {
        for (edit, after) in [(Edit::Keep, Some(1)), (Edit::Clear, None), (Edit::Set(2), Some(2))] {
            assert_eq!(edit.over(Some(1)), after);
        }
        assert_eq!(Edit::<String>::Clear.or_empty(), Some(String::new()));
        assert_eq!(Edit::<String>::Keep.or_empty(), None);
    }
}
