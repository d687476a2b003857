//! What an agent asks, within bounds: what it says is a stranger's, and is shown to people.

use super::Request;
use domain::asks::{
    AskKind, CHOICE_LIMIT, CHOICES_LIMIT, DETAIL_LIMIT, TIMEOUT_MOST_SECONDS, TIMEOUT_SECONDS, TITLE_LIMIT,
};

impl Request {
    /// The same with texts that a screen can show and a row can hold. `Err` says what can't be asked so.
    pub(crate) fn bounded(self) -> Result<Self, &'static str> {
        let title = line(&self.title, TITLE_LIMIT);
        if title.is_empty() {
            return Err("it names nothing");
        }
        let mut choices: Vec<String> = Vec::new();
        for choice in self.choices.iter().map(|choice| line(choice, CHOICE_LIMIT)) {
            if !choice.is_empty() && !choices.contains(&choice) {
                choices.push(choice);
            }
        }
        if choices.len() > CHOICES_LIMIT {
            return Err("it has more choices than a person can be given");
        }
        // A question that can't be answered would wait for nothing.
        let free_text = self.kind == AskKind::Question && (self.free_text || choices.is_empty());
        Ok(Self {
            title,
            detail: text(&self.detail, DETAIL_LIMIT),
            choices,
            free_text,
            timeout_seconds: match self.timeout_seconds {
                0 => TIMEOUT_SECONDS,
                wanted => wanted.clamp(1, TIMEOUT_MOST_SECONDS),
            },
            ..self
        })
    }
}

/// On one line.
fn line(text: &str, limit: usize) -> String {
    let words: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    cut(words.split_whitespace().collect::<Vec<_>>().join(" "), limit)
}

/// With its lines, and no other control character.
fn text(text: &str, limit: usize) -> String {
    let kept = text.replace("\r\n", "\n");
    let kept = kept.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    cut(kept.collect::<String>().trim_end().to_owned(), limit)
}

/// What is cut says so: nobody approves the end of a command unseen.
fn cut(text: String, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text;
    }
    text.chars().take(limit.saturating_sub(2)).chain(" …".chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::asks::Risk;

    fn asks(kind: AskKind) -> Request {
        Request {
            kind,
            title: "Delete the branch".to_owned(),
            detail: String::new(),
            risk: Some(Risk::High),
            can_remember: false,
            choices: Vec::new(),
            free_text: false,
            timeout_seconds: 0,
        }
    }

    #[test]
    fn texts_are_cut_and_say_so_and_control_characters_go() {
        let long = Request { title: format!("a\u{1b}[31m\nb{}", "x".repeat(300)), ..asks(AskKind::Approval) };
        let title = long.bounded().unwrap().title;
        assert!(title.starts_with("a [31m b") && title.ends_with(" …"), "{title}");
        assert_eq!(title.chars().count(), TITLE_LIMIT);
        let detail = Request { detail: "a\r\n\tb\0\n\n".to_owned(), ..asks(AskKind::Approval) };
        assert_eq!(detail.bounded().unwrap().detail, "a\n\tb");
        assert!(Request { title: " \n".to_owned(), ..asks(AskKind::Approval) }.bounded().is_err());
    }

    #[test]
    fn every_question_can_be_answered() {
        let table: [(&[&str], bool, usize, bool); 4] = [
            (&[], false, 0, true),
            (&["red", " red ", "", "blue"], false, 2, false),
            (&["red"], true, 1, true),
            (&[" "], false, 0, true),
        ];
        for (choices, free_text, count, takes) in table {
            let choices = choices.iter().map(ToString::to_string).collect();
            let bounded = Request { choices, free_text, ..asks(AskKind::Question) }.bounded().unwrap();
            assert_eq!((bounded.choices.len(), bounded.free_text), (count, takes));
        }
        let many = (0..=CHOICES_LIMIT).map(|n| n.to_string()).collect();
        assert!(Request { choices: many, ..asks(AskKind::Question) }.bounded().is_err());
    }

    #[test]
    fn a_wait_is_bounded() {
        for (wanted, given) in [(0, TIMEOUT_SECONDS), (-5, 1), (90, 90), (i64::MAX, TIMEOUT_MOST_SECONDS)] {
            let ask = Request { timeout_seconds: wanted, ..asks(AskKind::Approval) };
            assert_eq!(ask.bounded().unwrap().timeout_seconds, given);
        }
    }
}
