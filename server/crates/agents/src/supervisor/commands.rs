//! The script's top-level commands, put together from the shell's trace.
//!
//! The shell tells a command before it runs it, with the status of the one before and how many pipes it holds: so
//! the elements of a pipeline are known to belong together, and a command has ended when the next one begins. It waits
//! for an answer, so that the output of the one before is read by then and that of the next has not begun.
//! A script can forge all of this; what is built here is shown as the shell's own word, never as proof.

use domain::executions::{CommandEvidence, EventBody};
use std::time::{Duration, Instant};

/// The most commands that are told. The shell stops telling by itself soon after.
const MOST: usize = 500;
/// What the shell says in place of pipes when it tells no more of a command that comes again and again …
const AGAIN: u32 = 8;
/// … and when it tells no more at all.
const SILENT: u32 = 9;
/// What stands for the parts of a pipeline that are not known.
const MORE: &str = " | …";
/// The longest that is kept of one command.
const LONGEST: usize = 2_000;
/// A pipeline whose end does not show within this ends in a loop or a group, which the shell does not tell.
const PATIENCE: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
pub(crate) struct Commands {
    line: Vec<u8>,
    pipeline: Option<Begun>,
    open: Option<Begun>,
    told: u32,
    noticed: Option<Reason>,
    /// Rounds that the shell did not tell, and commands beyond the most.
    skipped: u64,
    beyond: u64,
    /// Whether the shell has begun at all.
    pub(crate) ready: bool,
    evidence: Vec<CommandEvidence>,
}

/// Why not every command is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Reason {
    Loop,
    Many,
}

#[derive(Debug)]
struct Begun {
    title: String,
    at: Instant,
}

/// What follows from one line of the trace.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Goes before the output that is in the pipes now.
    pub(crate) before_output: Vec<EventBody>,
    /// Whether the output that is in the pipes now belongs to what came before.
    pub(crate) ends_output: bool,
    pub(crate) after_output: Vec<EventBody>,
    /// The shell waits to read this.
    pub(crate) mark: u64,
}

/// One line of the trace.
#[derive(Debug)]
struct Line {
    status: i32,
    pipes: u32,
    mark: u64,
    skipped: u64,
    command: String,
}

impl Line {
    /// `None` where somebody else wrote it.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let mut fields = text.splitn(5, ' ');
        Some(Self {
            status: fields.next()?.parse().ok()?,
            pipes: fields.next()?.parse().ok()?,
            mark: fields.next()?.parse().ok()?,
            skipped: fields.next()?.parse().ok()?,
            command: fields.next()?.trim().to_owned(),
        })
    }
}

impl Commands {
    /// Those of a next phase, which count on.
    pub(crate) fn after(before: &Self) -> Self {
        Self { told: before.told, ..Self::default() }
    }

    /// Bytes of the trace, in any pieces. Gives what they tell.
    pub(crate) fn push(&mut self, bytes: &[u8], now: Instant) -> Vec<Told> {
        let mut all = Vec::new();
        for byte in bytes {
            if *byte != 0 {
                if self.line.len() < LONGEST {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = Line::read(&std::mem::take(&mut self.line));
            all.extend(line.and_then(|line| self.line(line, now)));
        }
        all
    }

    /// Time has passed.
    pub(crate) fn settle(&mut self, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        if self.pipeline.as_ref().is_some_and(|begun| now.duration_since(begun.at) > PATIENCE) {
            self.open_pipeline(&mut events);
        }
        events
    }

    /// Names a pipeline whose last part was not told.
    pub(crate) fn open_now(&mut self) -> Vec<EventBody> {
        let mut events = Vec::new();
        self.open_pipeline(&mut events);
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

    /// An agent says what it begins to do.
    pub(crate) fn begin(&mut self, title: String, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        self.close(None, now, &mut events);
        self.open(Begun { title, at: now }, &mut events);
        events
    }

    /// An agent says how that ended.
    pub(crate) fn end(&mut self, exit_code: i32, now: Instant) -> Vec<EventBody> {
        let mut events = Vec::new();
        self.close(Some(exit_code), now, &mut events);
        events
    }

    /// Whether a pipeline has begun that has no whole name yet.
    pub(crate) fn is_half_told(&self) -> bool {
        self.pipeline.is_some()
    }

    /// The commands that are listed, and how many more there were at least.
    pub(crate) fn take_evidence(&mut self) -> (Vec<CommandEvidence>, u64) {
        (std::mem::take(&mut self.evidence), self.skipped.saturating_add(self.beyond))
    }

    fn line(&mut self, line: Line, now: Instant) -> Option<Told> {
        if !self.ready {
            self.ready = line.command == "ready";
            return None;
        }
        let mut told = Told { mark: line.mark, ..Told::default() };
        if matches!(line.pipes, 1 | 3)
            && let Some(pipeline) = &mut self.pipeline
        {
            pipeline.title = format!("{} | {}", pipeline.title, line.command);
            if line.pipes == 1
                && let Some(whole) = self.pipeline.take()
            {
                self.open(whole, &mut told.after_output);
            }
            return Some(told);
        }
        if matches!(line.pipes, 1 | 3) && self.add_late(&line) {
            return Some(told);
        }
        self.open_pipeline(&mut told.before_output);
        told.ends_output = true;
        self.skipped = self.skipped.max(line.skipped);
        let events = &mut told.after_output;
        self.close(Some(line.status), now, events);
        let begun = Begun { title: line.command, at: now };
        match line.pipes {
            SILENT => self.be_silent(Reason::Many, events),
            AGAIN => self.be_silent(Reason::Loop, events),
            // The head of a loop or a choice is no command.
            _ if ["for ", "case ", "select "].iter().any(|head| begun.title.starts_with(head)) => {}
            2 => self.pipeline = Some(begun),
            1 => self.open(Begun { title: format!("… | {}", begun.title), ..begun }, events),
            _ => self.open(begun, events),
        }
        Some(told)
    }

    /// A part of a pipeline that was named before all of it was told: the evidence has its name whole all the same.
    fn add_late(&mut self, line: &Line) -> bool {
        let Some(open) = &mut self.open else { return false };
        let Some(title) = open.title.strip_suffix(MORE) else { return false };
        let more = if line.pipes == 1 { "" } else { MORE };
        open.title = format!("{title} | {}{more}", line.command);
        true
    }

    /// A pipeline whose last part the shell did not tell.
    fn open_pipeline(&mut self, events: &mut Vec<EventBody>) {
        if let Some(begun) = self.pipeline.take() {
            self.close(None, begun.at, events);
            self.open(Begun { title: format!("{}{MORE}", begun.title), ..begun }, events);
        }
    }

    fn open(&mut self, begun: Begun, events: &mut Vec<EventBody>) {
        if self.evidence.len() >= MOST {
            self.beyond += 1;
            return self.be_silent(Reason::Many, events);
        }
        let title: String = begun.title.chars().take(LONGEST).collect();
        self.told += 1;
        events.push(EventBody::Tool { command: self.told, title: title.clone() });
        self.open = Some(Begun { title, ..begun });
    }

    /// Each reason is said once.
    fn be_silent(&mut self, reason: Reason, events: &mut Vec<EventBody>) {
        if self.noticed >= Some(reason) {
            return;
        }
        self.noticed = Some(reason);
        let text = match reason {
            Reason::Loop => "The further rounds of a loop are not listed one by one.".to_owned(),
            Reason::Many => format!("Only the first {} commands are listed.", self.evidence.len()),
        };
        events.push(EventBody::Notice { text });
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

    fn traced(trace: &[(i32, u32, &str)], exit_code: i32) -> (Vec<CommandEvidence>, u64) {
        let mut commands = Commands::default();
        let now = Instant::now();
        commands.push(b"0 0 0 0 ready\0", now);
        for ((status, pipes, command), mark) in trace.iter().zip(1..) {
            let told = commands.push(format!("{status} {pipes} {mark} 0 {command}\0").as_bytes(), now);
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].mark, mark, "whoever waits is answered");
        }
        commands.finish(Some(exit_code), now);
        commands.take_evidence()
    }

    fn commands(trace: &[(i32, u32, &str)], exit_code: i32) -> Vec<(String, Option<i32>)> {
        traced(trace, exit_code).0.into_iter().map(|one| (one.command, one.exit_code)).collect()
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
    fn a_part_that_is_told_late_belongs_to_its_pipeline() {
        let mut commands = Commands::default();
        let now = Instant::now();
        commands.push(b"0 0 0 0 ready\x000 2 1 0 a\0", now);
        assert_eq!(commands.settle(now + PATIENCE * 2).len(), 1);
        for part in ["0 3 2 0 b\0", "0 1 3 0 c\0"] {
            let told = commands.push(part.as_bytes(), now).remove(0);
            assert!(!told.ends_output && told.after_output.is_empty());
        }
        commands.push(b"7 0 4 0 d\0", now);
        commands.finish(Some(0), now);
        let names: Vec<_> = commands.take_evidence().0.into_iter().map(|one| one.command).collect();
        assert_eq!(names, ["a | b | c", "d"]);
    }

    #[test]
    fn a_loop_is_its_commands() {
        let trace = [(0, 0, "for i in 1 2"), (0, 0, "echo $i"), (0, 0, "for i in 1 2"), (0, 0, "echo $i")];
        assert_eq!(commands(&trace, 0), expected(&[("echo $i", 0), ("echo $i", 0)]));
    }

    #[test]
    fn what_is_beyond_the_most_is_counted() {
        let (listed, omitted) = traced(&vec![(0, 0, "true"); MOST * 2], 0);
        assert_eq!((listed.len(), omitted), (MOST, MOST as u64));
    }

    #[test]
    fn a_word_of_somebody_else_is_dropped_and_the_next_is_understood() {
        let mut commands = Commands::default();
        let now = Instant::now();
        let bytes = b"0 0 0 0 ready\x00rubbish\x001 2\x00\xff\x00 0 0 1 0 x\x000 0 1 7 echo\x00";
        assert_eq!(commands.push(bytes, now).len(), 1);
        commands.finish(Some(0), now);
        let (listed, omitted) = commands.take_evidence();
        assert_eq!((listed.len(), omitted), (1, 7));
    }

    #[test]
    fn the_name_of_a_pipeline_stands_before_what_it_prints() {
        let mut commands = Commands::default();
        let now = Instant::now();
        commands.push(b"0 0 0 0 ready\0", now);
        let mut tell = |line: &str| commands.push(line.as_bytes(), now).remove(0);
        let first = tell("0 2 1 0 a\0");
        assert!(first.ends_output && first.after_output.is_empty());
        let last = tell("0 1 2 0 b\0");
        assert!(!last.ends_output && last.after_output.len() == 1);
        let half = tell("0 2 3 0 c\0");
        assert!(half.ends_output && half.before_output.is_empty());
        let next = tell("0 0 4 0 d\0");
        assert!(next.ends_output && next.before_output.len() == 1, "c is named before its output is read");
    }
}
