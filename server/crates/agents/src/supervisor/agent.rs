//! An agent on its wire: what it says becomes records, what people say reaches it.

use super::Supervision;
use crate::spool::RecordBody;
use crate::wire::{Delivery, FromAgent, LINE_LIMIT, Request, ToAgent};
use domain::asks::{ASKS_LIMIT, AskKind, AskState, OPEN_LIMIT};
use domain::executions::{EventBody, ExecutionStatus, Speaker};
use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

/// What waits to be read by the agent, in bytes, before more is refused.
const UNREAD: usize = 2 * 1024 * 1024;
/// As often it is told that an agent can't be understood.
const COMPLAINTS: u32 = 3;
/// The longest name that an agent gives to what it asks.
const NAME: usize = 200;

/// The wire to one agent.
#[derive(Debug, Default)]
pub(super) struct Talk {
    line: Vec<u8>,
    /// The line is longer than any may be: its rest is left aside.
    overlong: bool,
    complaints: u32,
    /// What it has asked and was not told yet, by number.
    open: BTreeMap<i64, Asked>,
    asked: i64,
    /// The last message that it was given.
    messaged: i64,
    /// By then each of them has been answered, or has expired.
    until: Option<Instant>,
    /// Lines that it has not taken yet.
    pub(super) outgoing: Vec<u8>,
}

#[derive(Debug)]
struct Asked {
    /// The agent's own name for it.
    name: String,
    kind: AskKind,
    title: String,
}

impl Talk {
    /// False where it reads nothing any more.
    fn tell(&mut self, what: &ToAgent) -> io::Result<bool> {
        if self.outgoing.len() > UNREAD {
            return Ok(false);
        }
        serde_json::to_writer(&mut self.outgoing, what)?;
        self.outgoing.push(b'\n');
        Ok(true)
    }

    /// The whole lines among these bytes. `None` stands for one that is too long.
    fn lines(&mut self, bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            self.overlong |= self.line.len() + text.len() > LINE_LIMIT;
            if self.overlong {
                self.line.clear();
            } else {
                self.line.extend_from_slice(text);
            }
            if ends {
                let line = std::mem::take(&mut self.line);
                lines.push((!std::mem::take(&mut self.overlong)).then_some(line));
            }
        }
        lines
    }

    /// What is happening while it waits, in a few words.
    fn waits_for(&self) -> String {
        let mut open = self.open.values();
        match (open.next(), open.next()) {
            (Some(asked), None) if asked.kind == AskKind::Approval => {
                format!("asks to {}", lower(&asked.title))
            }
            (Some(asked), None) => format!("asks: {}", asked.title),
            _ => format!("asks {} things", self.open.len()),
        }
    }

    fn has_expired(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() > until)
    }
}

/// With its first letter small, as within a sentence, unless it is a name in capitals.
fn lower(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(title.chars().skip(1)).collect()
        }
        _ => title.to_owned(),
    }
}

impl Supervision {
    /// Opens the wire and gives the agent its task.
    pub(super) fn begin_talk(&mut self) -> io::Result<()> {
        let spec = &self.assignment.spec;
        let begin = ToAgent::Begin {
            execution: spec.execution,
            task: spec.task,
            title: spec.title.clone(),
            description: spec.description.clone(),
            script: spec.script.clone(),
        };
        let mut talk = Talk::default();
        talk.tell(&begin)?;
        self.talk = Some(talk);
        Ok(())
    }

    /// What came from the agent.
    pub(super) fn hear(&mut self, bytes: &[u8]) -> io::Result<()> {
        let lines = self.talk.as_mut().map(|talk| talk.lines(bytes)).unwrap_or_default();
        for line in lines {
            let said = line.as_deref().map(serde_json::from_slice::<FromAgent>);
            match said {
                Some(Ok(said)) => self.obey(said)?,
                Some(Err(_)) if line.is_some_and(|line| line.trim_ascii().is_empty()) => {}
                Some(Err(error)) => self.complain(&format!("The agent can't be understood: {error}."))?,
                None => self.complain("The agent said a line that is too long to be read.")?,
            }
        }
        Ok(())
    }

    fn complain(&mut self, text: &str) -> io::Result<()> {
        if let Some(talk) = &mut self.talk {
            talk.complaints += 1;
            if talk.complaints <= COMPLAINTS {
                return self.journal.event(EventBody::Notice { text: text.to_owned() });
            }
        }
        Ok(())
    }

    fn obey(&mut self, said: FromAgent) -> io::Result<()> {
        let now = Instant::now();
        match said {
            FromAgent::Text { text } => {
                self.journal.text(EventBody::Text { role: Speaker::Agent, text, by: None })
            }
            FromAgent::Tool { title } => {
                let events = self.commands.begin(title, now);
                self.journal.events(events)
            }
            FromAgent::ToolOutput { stream, text } => self.journal.output(stream, text.as_bytes()),
            FromAgent::ToolFinished { exit_code } => {
                let events = self.commands.end(exit_code, now);
                self.journal.events(events)
            }
            FromAgent::AskApproval { ask, title, detail, risk, can_remember, timeout_seconds } => {
                let request = Request {
                    kind: AskKind::Approval,
                    title,
                    detail,
                    risk: Some(risk),
                    can_remember,
                    choices: Vec::new(),
                    free_text: false,
                    timeout_seconds: timeout_seconds.unwrap_or_default(),
                };
                self.ask(ask, request)
            }
            FromAgent::AskQuestion { ask, title, detail, choices, free_text, timeout_seconds } => {
                let request = Request {
                    kind: AskKind::Question,
                    title,
                    detail,
                    risk: None,
                    can_remember: false,
                    choices,
                    free_text,
                    timeout_seconds: timeout_seconds.unwrap_or_default(),
                };
                self.ask(ask, request)
            }
        }
    }

    fn ask(&mut self, name: String, request: Request) -> io::Result<()> {
        let Some(talk) = &mut self.talk else { return Ok(()) };
        let kind = request.kind;
        let name: String = name.chars().take(NAME).collect();
        let bounded =
            if talk.open.len() >= OPEN_LIMIT || usize::try_from(talk.asked).is_ok_and(|n| n >= ASKS_LIMIT) {
                Err("it has asked too much")
            } else if talk.open.values().any(|asked| asked.name == name) {
                Err("it asks this already")
            } else {
                request.bounded()
            };
        let request = match bounded {
            Ok(request) => request,
            Err(reason) => {
                talk.tell(&answer(name, kind, AskState::Withdrawn, None, None))?;
                return self.complain(&format!("The agent's question was not put to anybody: {reason}."));
            }
        };
        talk.asked += 1;
        let number = talk.asked;
        talk.open.insert(number, Asked { name, kind, title: request.title.clone() });
        let patience = Duration::from_secs(request.timeout_seconds.unsigned_abs());
        talk.until = talk.until.max(Instant::now().checked_add(patience));
        self.journal.record(RecordBody::Asked { number, request })?;
        self.stand()
    }

    /// Gives the agent what people said.
    pub(super) fn deliver(&mut self, delivery: Delivery) -> io::Result<()> {
        let Some(talk) = &mut self.talk else { return Ok(()) };
        let (told, record) = match delivery {
            Delivery::Resolution { number, state, decision, answer: text } => {
                let Some(Asked { name, kind, .. }) = talk.open.remove(&number) else { return Ok(()) };
                (talk.tell(&answer(name, kind, state, decision, text))?, RecordBody::Told { number })
            }
            Delivery::Message { number, .. } if number <= talk.messaged => return Ok(()),
            Delivery::Message { number, text } => {
                talk.messaged = number;
                (talk.tell(&ToAgent::Message { text })?, RecordBody::Messaged { number })
            }
        };
        let resolved = matches!(record, RecordBody::Told { .. });
        self.journal.record(record)?;
        if !told {
            self.complain("The agent does not read what it is told.")?;
        }
        if resolved { self.stand() } else { Ok(()) }
    }

    /// Says whether it waits for people, and stops its clock while it does.
    fn stand(&mut self) -> io::Result<()> {
        let Some(talk) = &self.talk else { return Ok(()) };
        if self.cause.is_some() {
            return Ok(());
        }
        if talk.open.is_empty() {
            self.clock.go_on(Instant::now());
            self.last_output = Instant::now();
            return self.status(ExecutionStatus::Running, "the agent goes on");
        }
        let detail = talk.waits_for();
        self.clock.wait(Instant::now());
        self.status(ExecutionStatus::Waiting, &detail)
    }

    /// Whether it is left alone without a server, because a person may take so long.
    pub(super) fn may_wait(&self) -> bool {
        self.clock.is_waiting() && self.talk.as_ref().is_some_and(|talk| !talk.has_expired())
    }
}

fn answer(
    ask: String,
    kind: AskKind,
    state: AskState,
    decision: Option<domain::asks::Decision>,
    text: Option<String>,
) -> ToAgent {
    match kind {
        AskKind::Approval => ToAgent::Decided { ask, state, decision, note: text },
        AskKind::Question => ToAgent::Answered { ask, state, text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_any_pieces_and_one_that_is_too_long_is_left_out() {
        let mut talk = Talk::default();
        assert!(talk.lines(b"{\"a\"").is_empty());
        assert_eq!(talk.lines(b":1}\n{}\n{"), [Some(b"{\"a\":1}".to_vec()), Some(b"{}".to_vec())]);
        assert!(talk.lines(&vec![b'x'; LINE_LIMIT]).is_empty());
        assert_eq!(talk.lines(b"y\nz\n"), [None, Some(b"z".to_vec())]);
    }

    #[test]
    fn what_is_asked_is_told_in_a_few_words() {
        let mut talk = Talk::default();
        let asked = |kind, title: &str| Asked { name: "1".to_owned(), kind, title: title.to_owned() };
        talk.open.insert(1, asked(AskKind::Approval, "Delete the branch"));
        assert_eq!(talk.waits_for(), "asks to delete the branch");
        talk.open.insert(2, asked(AskKind::Question, "Which colour?"));
        assert_eq!(talk.waits_for(), "asks 2 things");
        talk.open.remove(&1);
        assert_eq!(talk.waits_for(), "asks: Which colour?");
        assert_eq!(lower("PR 12 is merged"), "PR 12 is merged");
    }
}
