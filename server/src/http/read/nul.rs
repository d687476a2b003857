//! NUL in JSON. PostgreSQL can't hold it, in text or in jsonb, so it is refused at the door.

use serde_json::Value;

/// The path of the first text or key that holds NUL. Bodies without an escaped NUL cost one scan of their bytes.
pub(super) fn find(bytes: &[u8]) -> Option<String> {
    if !bytes.windows(6).any(|six| six == b"\\u0000") {
        return None;
    }
    // What does not parse is reported by whoever reads it for good.
    let value: Value = serde_json::from_slice(bytes).ok()?;
    search(&value, String::new())
}

/// Not deeper than the parser goes (128 levels).
fn search(value: &Value, path: String) -> Option<String> {
    match value {
        Value::String(text) if text.contains('\0') => Some(path),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| search(item, format!("{path}[{index}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(key, item)| {
            if key.contains('\0') {
                return Some(path.clone());
            }
            let dot = if path.is_empty() { "" } else { "." };
            search(item, format!("{path}{dot}{key}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn nul_is_found_wherever_it_is_and_nowhere_else() {
        assert_eq!(find(br#"{"title":"a\u0000b"}"#).as_deref(), Some("title"));
        assert_eq!(find(br#"{"labels":["a","\u0000"]}"#).as_deref(), Some("labels[1]"));
        assert_eq!(find(br#"{"a":{"b":"\u0000"}}"#).as_deref(), Some("a.b"));
        assert_eq!(find(br#"{"a\u0000":1}"#).as_deref(), Some(""));
        // An escaped backslash before it: these are the six letters, not NUL.
        assert_eq!(find(br#"{"title":"a\\u0000b"}"#), None);
        assert_eq!(find(b"{\"title\":\"plain\"}"), None);
    }
}
