//! Optional form fields. A browser posts an empty optional field as `""`, never leaves it out.

use serde::{Deserialize, Deserializer, Serialize};

/// An optional field of a form: absent, `null` and blank text all mean "not given".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Blank<T>(pub Option<T>);

impl<T> Default for Blank<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<Option<T>> for Blank<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<'de, T> Deserialize<'de> for Blank<T>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::<String>::deserialize(deserializer)? {
            Some(text) if !text.trim().is_empty() => {
                text.parse().map(|value| Self(Some(value))).map_err(serde::de::Error::custom)
            }
            _ => Ok(Self(None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_absent_and_null_are_none() {
        #[derive(Deserialize)]
        struct Form {
            #[serde(default)]
            number: Blank<u32>,
        }
        let cases = [(r#"{}"#, None), (r#"{"number":""}"#, None), (r#"{"number":"  "}"#, None)];
        for (json, expected) in cases {
            assert_eq!(serde_json::from_str::<Form>(json).unwrap().number.0, expected, "{json}");
        }
        assert_eq!(serde_json::from_str::<Form>(r#"{"number":"7"}"#).unwrap().number.0, Some(7));
        assert!(serde_json::from_str::<Form>(r#"{"number":"x"}"#).is_err());
    }
}
