//! The script's top-level commands, put together from the shell's trace.
//!
//! The shell tells a command before it runs it, with the status of the one before and how many pipes it holds: so
//! the elements of a pipeline are known to belong together, and a command has ended when the next one begins.
//! A script can forge all of this; what is built here is shown as the shell's own word, never as proof.

use domain::executions::{CommandEvidence, EventBody};
use std::time::{Duration, Instant};

/// The most commands that are told; a loop may run millions. The shell stops telling by itself soon after.
const MOST: usize = 500;
/// What the shell says in place of pipes when it tells no more.
const SILENT: u32 = 9;
/// The longest that is kept of one command.
const LONGEST: usize = 2_000;
/// A pipeline whose end does not show within this ends in a loop or a group, which the shell does not tell.
const PATIENCE: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
pub(crate) struct Commands {
    field: Vec<u8>,
    fields: Vec<String>,
    pipeline: Option<Begun>,
    open: Option<Begun>,
    told: u32,
    silent: bool,
    /// Whether the shell has begun at all.
    pub(crate) ready: bool,
    evidence: Vec<CommandEvidence>,
}

#[derive(Debug)]
struct Begun {
    title: String,
    at: Instant,
}

/// One line of the trace.
#[derive(Debug)]
struct Line {
    status: i32,
    pipes: u32,
    command: String,
}

impl Commands {
    /// Those of a next phase, which count on.
    pub(crate) fn after(before: &Self) -> Self {
        Self { told: before.told, ..Self::default() }
    }

    /// Bytes of the trace, in any pieces. Gives what they tell.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        for byte in bytes {
            if *byte != 0 {
                if self.field.len() < LONGEST {
                    self.field.push(*byte);
                }
                continue;
            }
            self.fields.push(String::from_utf8_lossy(&std::mem::take(&mut self.field)).into_owned());
            if let [status, pipes, command] = self.fields.as_slice() {
                let line = Line {
                    status: status.parse().unwrap_or(0),
                    pipes: pipes.parse().unwrap_or(0),
                    command: command.trim().to_owned(),
                };
                self.fields.clear();
                self.line(line, now, &mut events);
            }
        }
        events
    }

    /// Time has passed.
    pub(crate) fn settle(&mut self, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        if self.pipeline.as_ref().is_some_and(|begun| now.duration_since(begun.at) > PATIENCE) {
            self.open_pipeline(&mut events);
        }
        events
    }

    /// The shell is gone.
    pub(crate) fn finish(&mut self, exit_code: Option<i32>, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        self.open_pipeline(&mut events);
        self.close(exit_code, now, &mut events);
        events
    }

    /// A shell without a trace ran it as a whole.
    pub(crate) fn whole(&mut self, script: &str, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        if let Some(first) = script.lines().find(|line| !line.trim().is_empty()) {
            self.open(Begun { title: first.to_owned(), at: now }, &mut events);
        }
        events
    }

    /// Whether the shell tells something of this phase still.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(crate) fn take_evidence(&mut self) -> Vec<CommandEvidence> {
        std::mem::take(&mut self.evidence)
    }

    fn line(&mut self, line: Line, now: Instant, events: &mut Vec<EventBody>) {
        if !self.ready {
            self.ready = line.command == "ready";
            return;
        }
        if matches!(line.pipes, 1 | 3)
            && let Some(pipeline) = &mut self.pipeline
        {
            pipeline.title = format!("{} | {}", pipeline.title, line.command);
            if line.pipes == 1
                && let Some(whole) = self.pipeline.take()
            {
                self.open(whole, events);
            }
            return;
        }
        self.open_pipeline(events);
        self.close(Some(line.status), now, events);
        let begun = Begun { title: line.command, at: now };
        match line.pipes {
            SILENT => self.be_silent(events),
            // The head of a loop or a choice is no command.
            _ if ["for ", "case ", "select "].iter().any(|head| begun.title.starts_with(head)) => {}
            2 => {
                self.pipeline = Some(begun);
            }
            1 => self.open(Begun { title: format!("… | {}", begun.title), ..begun }, events),
            _ => self.open(begun, events),
        }
    }

    /// A pipeline whose last part the shell did not tell.
    fn open_pipeline(&mut self, events: &mut Vec<EventBody>) {
        if let Some(begun) = self.pipeline.take() {
            self.close(None, begun.at, events);
            self.open(Begun { title: format!("{} | …", begun.title), ..begun }, events);
        }
    }

    fn open(&mut self, begun: Begun, events: &mut Vec<EventBody>) {
        if self.evidence.len() >= MOST {
            return self.be_silent(events);
        }
        let title: String = begun.title.chars().take(LONGEST).collect();
        self.told += 1;
        events.push(EventBody::Tool { command: self.told, title: title.clone() });
        self.open = Some(Begun { title, ..begun });
    }

    fn be_silent(&mut self, events: &mut Vec<EventBody>) {
        if !self.silent {
            self.silent = true;
            let text = format!("Only the first {} commands are listed.", self.evidence.len());
            events.push(EventBody::Notice { text });
        }
    }

    fn close(&mut self, exit_code: Option<i32>, now: Instant, events: &mut Vec<EventBody>) {
        let Some(open) = self.open.take() else { return };
        let ms = u64::try_from(now.duration_since(open.at).as_millis()).unwrap_or(u64::MAX);
        if let Some(exit_code) = exit_code {
            events.push(EventBody::ToolFinished { command: self.told, exit_code, ms });
        }
        self.evidence.push(CommandEvidence { command: open.title, exit_code, ms });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(trace: &[(i32, u32, &str)], exit_code: i32) -> Vec<(String, Option<i32>)> {
        let mut commands = Commands::default();
        let now = Instant::now();
        commands.push(b"0\x000\x00ready\x00", now);
        for (status, pipes, command) in trace {
            commands.push(format!("{status}\0{pipes}\0{command}\0").as_bytes(), now);
        }
        commands.finish(Some(exit_code), now);
        commands.take_evidence().into_iter().map(|one| (one.command, one.exit_code)).collect()
    }

    fn expected(list: &[(&str, i32)]) -> Vec<(String, Option<i32>)> {
        list.iter().map(|(command, code)| ((*command).to_owned(), Some(*code))).collect()
    }

    #[test]
    fn a_command_ends_with_the_status_that_the_next_one_tells() {
        let trace = [(0, 0, "echo one"), (0, 0, "false"), (1, 0, "exit 3")];
        assert_eq!(commands(&trace, 3), expected(&[("echo one", 0), ("false", 1), ("exit 3", 3)]));
    }

    #[test]
    fn a_pipeline_is_one_command() {
        let trace =
            [(0, 0, "a"), (0, 2, "b"), (0, 3, "c"), (0, 1, "d"), (2, 2, "e"), (2, 1, "f"), (0, 0, "g")];
        assert_eq!(commands(&trace, 0), expected(&[("a", 0), ("b | c | d", 2), ("e | f", 0), ("g", 0)]));
    }

    #[test]
    fn what_the_shell_does_not_tell_is_an_ellipsis() {
        let trace = [(0, 2, "printf x"), (0, 0, "wait"), (0, 1, "cat")];
        assert_eq!(commands(&trace, 0), expected(&[("printf x | …", 0), ("wait", 0), ("… | cat", 0)]));
    }

    #[test]
    fn a_loop_is_its_commands() {
        let trace = [(0, 0, "for i in 1 2"), (0, 0, "echo $i"), (0, 0, "for i in 1 2"), (0, 0, "echo $i")];
        assert_eq!(commands(&trace, 0), expected(&[("echo $i", 0), ("echo $i", 0)]));
    }

    #[test]
    fn endless_loops_are_told_once() {
        let trace = vec![(0, 0, "true"); MOST * 2];
        assert_eq!(commands(&trace, 0).len(), MOST);
    }
}
