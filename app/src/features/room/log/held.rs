//! What a page holds of a log: some pages of lines, how many there are in all, and where it goes on. Pure.
//!
//! Pages come from the server, whole and in any order; events go on where the last of them ends. A line is held once,
//! by its number, so that none is doubled; what is not held is asked for, so that none is lost.

use std::collections::BTreeMap;

use domain::executions::{EventBody, ExecutionEvent};
use domain::log::{Line, LogCommand, LogPage, Scan, Step, apply};

/// Lines in a page.
pub const PAGE: i64 = 200;
/// Pages held beside those in sight.
const MOST_PAGES: usize = 30;

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Appended,
    /// It was there already.
    Known,
    /// One before it is missing.
    Gap,
}

/// Where events go on after a page was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoesOn {
    AsBefore,
    /// They are to be heard again from the place where the log now stands.
    Again,
}

#[derive(Debug, Clone, Default)]
pub struct Held {
    scan: Scan,
    pages: BTreeMap<i64, Vec<Line>>,
    commands: Vec<LogCommand>,
    finished: bool,
}

/// The page that a line is in.
fn page_of(line: i64) -> i64 {
    (line - 1).max(0) / PAGE
}

fn place_in_page(line: i64) -> usize {
    usize::try_from((line - 1).max(0) % PAGE).unwrap_or_default()
}

/// Whether nothing can be added to a page any more.
fn is_whole(page: i64, scan: &Scan) -> bool {
    let last = (page + 1) * PAGE;
    last < scan.lines || (last == scan.lines && scan.open.is_none())
}

impl Held {
    pub fn of(page: LogPage) -> Self {
        let mut held = Self::default();
        held.insert(page);
        held
    }

    /// How many lines there are, held or not.
    pub fn count(&self) -> i64 {
        self.scan.lines
    }

    pub fn last_seq(&self) -> i64 {
        self.scan.seq
    }

    pub fn is_finished(&self) -> bool {
        self.finished
    }

    pub fn line(&self, number: i64) -> Option<&Line> {
        self.pages.get(&page_of(number))?.get(place_in_page(number))
    }

    pub fn commands(&self) -> &[LogCommand] {
        &self.commands
    }

    /// The first and last line of the last run of pages held.
    pub fn run(&self) -> (i64, i64) {
        let Some(last) = self.pages.keys().next_back().copied() else { return (1, 0) };
        let mut first = last;
        while self.pages.contains_key(&(first - 1)) {
            first -= 1;
        }
        let lines = self.pages.get(&last).map_or(0, Vec::len);
        (first * PAGE + 1, last * PAGE + i64::try_from(lines).unwrap_or_default())
    }

    /// The commands as the server knew them; what was heard since is kept: begins, and ends.
    pub fn know(&mut self, commands: Vec<LogCommand>) {
        let mut all: BTreeMap<u32, LogCommand> =
            commands.into_iter().map(|command| (command.command, command)).collect();
        for heard in self.commands.drain(..) {
            let known = all.entry(heard.command).or_insert_with(|| heard.clone());
            if known.last_line.is_none() {
                *known = heard;
            }
        }
        self.commands = all.into_values().collect();
    }

    /// Takes a page that the server gave.
    pub fn insert(&mut self, read: LogPage) -> GoesOn {
        let LogPage { items, scan, finished } = read;
        let mut fresh: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
        for line in items {
            let (page, place) = (page_of(line.number), place_in_page(line.number));
            if place == 0 {
                fresh.insert(page, vec![line]);
            } else if let Some(lines) = fresh.get_mut(&page).filter(|lines| lines.len() == place) {
                lines.push(line);
            }
        }
        let known = self.scan.seq;
        let tail = |page: i64| !is_whole(page, &scan);
        fresh.retain(|page, lines| tail(*page) || i64::try_from(lines.len()) == Ok(PAGE));
        let adopts = self.pages.is_empty() && scan.seq >= known || fresh.keys().any(|page| tail(*page));
        if adopts {
            // What was open before this reading, and whatever lies behind it, is no longer what it was.
            let (old, new) = (page_of(self.scan.lines), page_of(scan.lines));
            self.pages.retain(|page, _| *page <= new && (*page != old || is_whole(old, &self.scan)));
            self.scan = scan;
            self.finished = finished;
        }
        self.pages.append(&mut fresh);
        if self.scan.seq < known { GoesOn::Again } else { GoesOn::AsBefore }
    }

    /// Takes the next event. Its lines are kept where those before them are held; else they are only counted.
    pub fn append(&mut self, event: &ExecutionEvent) -> Taken {
        if event.seq <= self.scan.seq {
            return Taken::Known;
        }
        if event.seq > self.scan.seq + 1 {
            return Taken::Gap;
        }
        let Self { scan, pages, commands, finished } = self;
        let mut last = scan.lines;
        scan.take(event, |step| {
            if let Step::Begin(line) = &step {
                last = line.number;
                note(commands, line);
                *finished |= matches!(line.body, EventBody::Finished { .. });
                if place_in_page(last) == 0 {
                    pages.insert(page_of(last), Vec::new());
                }
            }
            let begins = matches!(step, Step::Begin(_));
            let held = pages.get_mut(&page_of(last));
            let wanted = place_in_page(last) + usize::from(!begins);
            if let Some(lines) = held.filter(|lines| lines.len() == wanted) {
                apply(lines, step);
            }
        });
        Taken::Appended
    }

    /// The first page between two lines that is not held, as its first line.
    pub fn missing(&self, first: i64, last: i64) -> Option<i64> {
        let last = last.min(self.count());
        if first > last {
            return None;
        }
        (page_of(first)..=page_of(last)).find(|page| !self.holds(*page)).map(|page| page * PAGE + 1)
    }

    fn holds(&self, page: i64) -> bool {
        let wanted = (self.scan.lines - page * PAGE).clamp(0, PAGE);
        self.pages.get(&page).is_some_and(|lines| i64::try_from(lines.len()).is_ok_and(|held| held >= wanted))
    }

    /// Lets go of what is far from the lines in sight. The end is kept, where events go on.
    pub fn trim(&mut self, around: i64) {
        let (middle, end) = (page_of(around), page_of(self.scan.lines));
        while self.pages.len() > MOST_PAGES {
            let far = self.pages.keys().copied().filter(|page| *page != end);
            let Some(far) = far.max_by_key(|page| page.abs_diff(middle)) else { return };
            self.pages.remove(&far);
        }
    }
}

fn note(commands: &mut Vec<LogCommand>, line: &Line) {
    match &line.body {
        EventBody::Tool { command, title } => commands.push(LogCommand {
            command: *command,
            title: title.clone(),
            first_line: line.number,
            last_line: None,
            exit_code: None,
            ms: None,
        }),
        EventBody::ToolFinished { command, exit_code, ms } => {
            if let Some(begun) = commands.iter_mut().rev().find(|begun| begun.command == *command) {
                (begun.last_line, begun.exit_code, begun.ms) =
                    (Some(line.number), Some(*exit_code), Some(*ms));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
