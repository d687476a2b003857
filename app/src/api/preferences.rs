//! Language, theme and the time of the page: chosen by the server, carried to the browser on the root element,
//! so that both render the same words.

use domain::DateTime;
use serde::{Deserialize, Serialize};

/// The languages that Switchboard speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "da")]
    Danish,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Danish];

    /// The tag of `lang` attributes and cookies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Danish => "da",
        }
    }

    /// The name of the language, in the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Danish => "Dansk",
        }
    }

    /// The best match for an `Accept-Language` header, by its weights.
    pub fn accepted(header: &str) -> Self {
        let mut best = (0.0_f32, Self::default());
        for part in header.split(',').take(20) {
            let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            if let Ok(language) = primary.to_ascii_lowercase().parse()
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::str::FromStr for Language {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "en" => Ok(Self::English),
            "da" | "nb" | "nn" | "no" => Ok(Self::Danish),
            _ => Err("must be one of en, da".to_owned()),
        }
    }
}

/// Light, dark, or as the machine says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl std::fmt::Display for Theme {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl std::str::FromStr for Theme {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|theme| theme.as_str() == text)
            .ok_or_else(|| "must be one of system, light, dark".to_owned())
    }
}

/// What a page is rendered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    pub language: Language,
    pub theme: Theme,
    /// When the server rendered the page.
    pub now: DateTime,
}

/// The preferences of this page: from the request on the server, from the root element in the browser.
pub fn read() -> Preferences {
    #[cfg(feature = "ssr")]
    return crate::api::request::preferences();
    #[cfg(not(feature = "ssr"))]
    crate::ui::document::preferences()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_we_speak_wins() {
        let cases = [
            ("", Language::English),
            ("da", Language::Danish),
            ("da-DK,da;q=0.9,en;q=0.8", Language::Danish),
            ("en-GB,en;q=0.9,da;q=0.8", Language::English),
            ("de,fr;q=0.9,da;q=0.2,en;q=0.1", Language::Danish),
            ("de;q=x,,;;q=,da;q=0", Language::English),
        ];
        for (header, expected) in cases {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
    }
}
