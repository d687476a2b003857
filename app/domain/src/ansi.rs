//! What programs write for a terminal, as styles of pieces of text. Pure.
//!
//! Colours of every kind are brought to the sixteen that have a name, so that a theme decides how each looks and all
//! can be read on its background. Every other escape sequence is dropped.

use serde::{Deserialize, Serialize};

/// How a piece of text looks. Colours are 0 to 15, as terminals count them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Style {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreground: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<u8>,
    /// The bits of [`BOLD`] and its neighbours.
    #[serde(skip_serializing_if = "is_zero")]
    pub marks: u8,
}

pub const BOLD: u8 = 1;
pub const DIM: u8 = 2;
pub const ITALIC: u8 = 4;
pub const UNDERLINE: u8 = 8;
pub const INVERSE: u8 = 16;
pub const STRIKE: u8 = 32;

/// Each mark beside the parameter that turns it on.
const MARKS: [(u8, u16); 6] = [(BOLD, 1), (DIM, 2), (ITALIC, 3), (UNDERLINE, 4), (INVERSE, 7), (STRIKE, 9)];

/// The colours with a name, as terminals draw them: the nearest of them stands for any other.
const NAMED: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 49, 49),
    (13, 188, 121),
    (200, 180, 16),
    (36, 114, 200),
    (188, 63, 188),
    (17, 168, 205),
    (200, 200, 200),
    (102, 102, 102),
    (241, 76, 76),
    (35, 209, 139),
    (245, 245, 67),
    (59, 142, 234),
    (214, 112, 214),
    (41, 184, 219),
    (255, 255, 255),
];

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(marks: &u8) -> bool {
    *marks == 0
}

impl Style {
    /// Whether text looks as it does without any sequence.
    pub fn is_plain(self) -> bool {
        self == Self::default()
    }

    /// The sequence that brings this style about from nothing; empty for the plain one.
    pub fn sequence(self) -> String {
        if self.is_plain() {
            return String::new();
        }
        let mut parts = vec!["0".to_owned()];
        parts.extend(
            MARKS.iter().filter(|(mark, _)| self.marks & mark != 0).map(|(_, number)| number.to_string()),
        );
        parts.extend(self.foreground.map(|colour| format!("38;5;{colour}")));
        parts.extend(self.background.map(|colour| format!("48;5;{colour}")));
        format!("\u{1b}[{}m", parts.join(";"))
    }

    /// Follows the sequences in a text to its end.
    pub fn follow(&mut self, text: &str) {
        if text.contains('\u{1b}') {
            walk(text, self, |_, _| {});
        }
    }

    /// Takes over the parameters of one `m` sequence.
    fn apply(&mut self, parameters: &str) {
        let mut numbers =
            parameters.split([';', ':']).map(|number| number.parse::<u16>().unwrap_or_default());
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                22 => self.marks &= !(BOLD | DIM),
                23 => self.marks &= !ITALIC,
                24 => self.marks &= !UNDERLINE,
                27 => self.marks &= !INVERSE,
                29 => self.marks &= !STRIKE,
                30..=37 => self.foreground = u8::try_from(number - 30).ok(),
                38 => self.foreground = colour(&mut numbers).or(self.foreground),
                39 => self.foreground = None,
                40..=47 => self.background = u8::try_from(number - 40).ok(),
                48 => self.background = colour(&mut numbers).or(self.background),
                49 => self.background = None,
                90..=97 => self.foreground = u8::try_from(number - 82).ok(),
                100..=107 => self.background = u8::try_from(number - 92).ok(),
                other => {
                    self.marks |= MARKS.iter().find(|(_, on)| *on == other).map_or(0, |(mark, _)| *mark);
                }
            }
        }
    }
}

/// A colour of the 256, or of all: what follows a 38 or a 48.
fn colour(numbers: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match numbers.next()? {
        5 => Some(indexed(u8::try_from(numbers.next()?).ok()?)),
        2 => {
            let mut part = || numbers.next().and_then(|part| u8::try_from(part).ok());
            Some(nearest((part()?, part()?, part()?)))
        }
        _ => None,
    }
}

fn indexed(number: u8) -> u8 {
    match number {
        0..=15 => number,
        16..=231 => {
            let step = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let cube = number - 16;
            nearest((step(cube / 36), step(cube / 6 % 6), step(cube % 6)))
        }
        232..=255 => {
            let grey = 8 + 10 * (number - 232);
            nearest((grey, grey, grey))
        }
    }
}

fn nearest(wanted: (u8, u8, u8)) -> u8 {
    let square = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    let distance = |named: &(u8, u8, u8)| {
        // The eye tells greens apart better than reds, and reds better than blues.
        3 * square(named.0, wanted.0) + 4 * square(named.1, wanted.1) + 2 * square(named.2, wanted.2)
    };
    (0_u8..).zip(&NAMED).min_by_key(|(_, named)| distance(named)).map_or(7, |(number, _)| number)
}

/// A text as pieces of one style each, without control characters.
pub fn spans(text: &str) -> Vec<(Style, String)> {
    let mut spans: Vec<(Style, String)> = Vec::new();
    let mut style = Style::default();
    walk(text, &mut style, |style, letter| match spans.last_mut() {
        Some((last, piece)) if *last == style => piece.push(letter),
        _ => spans.push((style, letter.to_string())),
    });
    spans
}

/// A text without escape sequences and other control characters.
pub fn plain(text: &str) -> String {
    if !text.contains(|letter: char| letter.is_control() && letter != '\t') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    walk(text, &mut Style::default(), |_, letter| plain.push(letter));
    plain
}

/// Gives each letter that is shown with its style.
fn walk(text: &str, style: &mut Style, mut each: impl FnMut(Style, char)) {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => match letters.next() {
                // A control sequence ends with a letter or one of its neighbours.
                Some('[') => {
                    let mut parameters = String::new();
                    for letter in letters.by_ref() {
                        if letter == 'm' {
                            style.apply(&parameters);
                        }
                        if ('\u{40}'..='\u{7e}').contains(&letter) {
                            break;
                        }
                        parameters.push(letter);
                    }
                }
                // A title or a link ends with a bell or with an escape and a backslash.
                Some(']') => {
                    while let Some(letter) = letters.next() {
                        if letter == '\u{7}' || (letter == '\u{1b}' && letters.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            letter if letter.is_control() && letter != '\t' => {}
            letter => each(*style, letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<(String, String)> {
        spans(text)
            .into_iter()
            .map(|(style, piece)| (style.sequence().replace('\u{1b}', ""), piece))
            .collect()
    }

    #[test]
    fn colours_of_every_kind_come_down_to_sixteen() {
        let cases = [
            ("plain", vec![("", "plain")]),
            ("\u{1b}[1;31mred\u{1b}[0m plain\u{7}", vec![("[0;1;38;5;1m", "red"), ("", " plain")]),
            ("\u{1b}[91ma\u{1b}[39mb", vec![("[0;38;5;9m", "a"), ("", "b")]),
            ("\u{1b}[38;5;196ma", vec![("[0;38;5;1m", "a")]),
            ("\u{1b}[38;2;20;190;120ma", vec![("[0;38;5;2m", "a")]),
            ("\u{1b}[48;2;255;255;255ma", vec![("[0;48;5;15m", "a")]),
            ("\u{1b}[4;7;9mx\u{1b}[24;27;29my", vec![("[0;4;7;9m", "x"), ("", "y")]),
            ("\u{1b}[mx", vec![("", "x")]),
            ("\u{1b}[38;9mx", vec![("", "x")]),
            ("\u{1b}]0;title\u{7}a \u{1b}]8;;x\u{1b}\\b\u{1b}[2K", vec![("", "a b")]),
            ("cut \u{1b}[3", vec![("", "cut ")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> =
                expected.into_iter().map(|(style, piece)| (style.to_owned(), piece.to_owned())).collect();
            assert_eq!(seen(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_style_goes_over_a_line_by_its_sequence() {
        let mut style = Style::default();
        style.follow("\u{1b}[1;32;44mgreen");
        let again = spans(&format!("{}on", style.sequence()));
        assert_eq!(again, [(style, "on".to_owned())]);
        style.follow("\u{1b}[0m");
        assert!(style.is_plain());
    }

    #[test]
    fn plain_text_is_what_spans_say() {
        for text in ["a\tb", "\u{1b}[31mx\u{1b}[0m\u{8}y", "æ\u{1b}", "\u{1b}]0;never ends"] {
            let joined: String = spans(text).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(plain(text), joined, "{text:?}");
        }
    }
}
