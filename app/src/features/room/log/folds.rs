//! Which lines are folded away, and so which row of the view shows which line. Pure.

use std::collections::BTreeSet;

use domain::log::LogCommand;

/// Ranges of lines that are not shown, in order and apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    commands: BTreeSet<u32>,
    /// The first hidden line, and how many.
    ranges: Vec<(i64, i64)>,
}

impl Folds {
    pub fn has(&self, command: u32) -> bool {
        self.commands.contains(&command)
    }

    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    pub fn toggle(&mut self, command: u32, all: &[LogCommand]) {
        if !self.commands.remove(&command) {
            self.commands.insert(command);
        }
        self.hide(all);
    }

    /// Folds every command that has ended, or none.
    pub fn fold_all(&mut self, all: &[LogCommand]) {
        let ended = all.iter().filter(|command| hidden(command).is_some());
        self.commands =
            if self.is_empty() { ended.map(|command| command.command).collect() } else { BTreeSet::new() };
        self.hide(all);
    }

    /// Shows a line: what folds it away is unfolded.
    pub fn reveal(&mut self, line: i64, all: &[LogCommand]) {
        let within = |command: &&LogCommand| {
            hidden(command).is_some_and(|(first, count)| (first..first + count).contains(&line))
        };
        for command in all.iter().filter(within) {
            self.commands.remove(&command.command);
        }
        self.hide(all);
    }

    fn hide(&mut self, all: &[LogCommand]) {
        self.ranges.clear();
        for command in all.iter().filter(|command| self.commands.contains(&command.command)) {
            let Some((first, count)) = hidden(command) else { continue };
            let end = self.ranges.last().map_or(0, |(first, count)| first + count);
            // Ranges that overlap would count a line twice; the later one gives way.
            let from = first.max(end);
            if first + count > from {
                self.ranges.push((from, first + count - from));
            }
        }
    }

    /// How many rows so many lines have.
    pub fn rows(&self, lines: i64) -> i64 {
        lines - self.ranges.iter().map(|(_, count)| count).sum::<i64>()
    }

    /// The line that a row shows; rows are counted from 0, lines from 1.
    pub fn line_at(&self, row: i64) -> i64 {
        let mut line = row + 1;
        for (first, count) in &self.ranges {
            if *first > line {
                break;
            }
            line += count;
        }
        line
    }

    /// The row of a line, or the row before it where it is hidden.
    pub fn row_of(&self, line: i64) -> i64 {
        let before = self.ranges.iter().take_while(|(first, _)| *first <= line);
        let hidden: i64 = before.map(|(first, count)| (line - first + 1).min(*count)).sum();
        line - 1 - hidden
    }
}

/// What folding a command hides: all behind its own line, to its end.
fn hidden(command: &LogCommand) -> Option<(i64, i64)> {
    let count = command.last_line? - command.first_line;
    (count > 0).then_some((command.first_line + 1, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(command: u32, first_line: i64, last_line: Option<i64>) -> LogCommand {
        LogCommand { command, title: String::new(), first_line, last_line, exit_code: None, ms: None }
    }

    #[test]
    fn rows_and_lines_lead_to_each_other() {
        let all =
            [command(1, 2, Some(5)), command(2, 6, Some(6)), command(3, 8, Some(10)), command(4, 11, None)];
        let cases: [(&[u32], &[i64]); 5] = [
            (&[], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
            (&[1], &[1, 2, 6, 7, 8, 9, 10, 11, 12]),
            (&[3], &[1, 2, 3, 4, 5, 6, 7, 8, 11, 12]),
            (&[1, 2, 3, 4], &[1, 2, 6, 7, 8, 11, 12]),
            (&[9], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ];
        for (folded, shown) in cases {
            let mut folds = Folds::default();
            folded.iter().for_each(|command| folds.toggle(*command, &all));
            let rows = folds.rows(12);
            let lines: Vec<i64> = (0..rows).map(|row| folds.line_at(row)).collect();
            assert_eq!(lines, shown, "{folded:?}");
            for (row, line) in (0..).zip(&lines) {
                assert_eq!(folds.row_of(*line), row, "{folded:?} {line}");
            }
        }
    }

    #[test]
    fn a_hidden_line_is_found_at_its_command_and_can_be_revealed() {
        let all = [command(1, 2, Some(5)), command(2, 6, Some(9))];
        let mut folds = Folds::default();
        folds.fold_all(&all);
        assert_eq!((folds.rows(9), folds.row_of(4), folds.row_of(9)), (3, 1, 2));
        folds.reveal(4, &all);
        assert!(!folds.has(1) && folds.has(2));
        assert_eq!(folds.row_of(4), 3);
        folds.fold_all(&all);
        assert!(folds.is_empty(), "what is folded in part is unfolded first");
    }
}
