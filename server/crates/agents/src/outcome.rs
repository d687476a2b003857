//! How an execution ended, from facts alone. A supervisor states [`Facts`]; what they mean is decided here,
//! once the host knows what changed.

mod facts;

pub use facts::{Cause, Facts, Phase};

use domain::executions::{Outcome, OutcomeClass};

/// The rule. `files_changed` is in how many files the worktree differs from the commit it began from.
pub fn derive(facts: &Facts, files_changed: u64) -> Outcome {
    let summary = summary(facts, files_changed);
    let (class, retryable, reason) = match &facts.cause {
        Some(cause) => of_cause(cause),
        None => of_exit(facts, files_changed),
    };
    Outcome { class, reason, retryable, summary }
}

/// What stands where a supervisor is gone without its last word.
pub fn lost() -> Outcome {
    Outcome {
        class: OutcomeClass::Lost,
        reason: "its supervisor ended without saying how the execution ended".to_owned(),
        retryable: true,
        summary: String::new(),
    }
}

fn of_cause(cause: &Cause) -> (OutcomeClass, bool, String) {
    match cause {
        Cause::Cancelled => (OutcomeClass::Cancelled, true, "it was cancelled".to_owned()),
        Cause::WallTime { seconds } => {
            (OutcomeClass::TimedOut, true, format!("it ran longer than its limit of {}", duration(*seconds)))
        }
        Cause::Stalled { seconds } => {
            (OutcomeClass::Stalled, true, format!("it printed nothing for {}", duration(*seconds)))
        }
        Cause::Memory { limit_bytes } => (
            OutcomeClass::OutOfMemory,
            false,
            format!("it used more memory than its limit of {}", bytes(*limit_bytes)),
        ),
        Cause::Disk { limit_bytes } => (
            OutcomeClass::Failed,
            false,
            format!("it wrote more to disk than its limit of {}", bytes(*limit_bytes)),
        ),
        Cause::DiskReserve => (
            OutcomeClass::Failed,
            true,
            "it was stopped because the disk of the machine is nearly full".to_owned(),
        ),
        Cause::Orphaned { seconds } => (
            OutcomeClass::Killed,
            true,
            format!("it was stopped because no server followed it for {}", duration(*seconds)),
        ),
        Cause::Shutdown => {
            (OutcomeClass::Killed, true, "it was stopped because its machine was shutting down".to_owned())
        }
        Cause::Sandbox { reason } => {
            (OutcomeClass::Failed, true, format!("its sandbox could not be made: {reason}"))
        }
    }
}

fn of_exit(facts: &Facts, files_changed: u64) -> (OutcomeClass, bool, String) {
    let what = match facts.phase {
        Phase::Setup => "the set-up script",
        Phase::Script => "the script",
        Phase::Agent => "the agent",
    };
    if facts.signal == Some(libc::SIGKILL) {
        return (OutcomeClass::Killed, true, format!("{what} was killed"));
    }
    if let Some(signal) = facts.signal {
        return (OutcomeClass::Failed, false, format!("{what} was ended by signal {signal}"));
    }
    match facts.exit_code {
        Some(0)
            if facts.commands.is_empty() && facts.stdout_bytes + facts.stderr_bytes + files_changed == 0 =>
        {
            (OutcomeClass::Empty, false, "it ran no command, printed nothing and changed nothing".to_owned())
        }
        Some(0) => (OutcomeClass::Succeeded, false, format!("{what} ended with exit code 0")),
        Some(code) => (OutcomeClass::Failed, false, format!("{what} ended with exit code {code}")),
        None => (OutcomeClass::Lost, true, format!("{what} ended without an exit code")),
    }
}

fn summary(facts: &Facts, files_changed: u64) -> String {
    let commands = match facts.commands.len() {
        listed if facts.commands_omitted > 0 => format!("More than {listed} commands"),
        0 => "No command".to_owned(),
        1 => "1 command".to_owned(),
        many => format!("{many} commands"),
    };
    let files = match files_changed {
        0 => "no file changed".to_owned(),
        1 => "1 file changed".to_owned(),
        many => format!("{many} files changed"),
    };
    format!("{commands}, {files}.")
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        _ => format!("{} min", seconds / 60),
    }
}

fn bytes(count: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    match count {
        0..MIB => format!("{count} bytes"),
        _ if count.is_multiple_of(1024 * MIB) => format!("{} GiB", count / (1024 * MIB)),
        _ => format!("{} MiB", count / MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OutcomeClass as Class;
    use domain::executions::CommandEvidence;

    fn ended(exit_code: i32) -> Facts {
        Facts { exit_code: Some(exit_code), ..Facts::default() }
    }

    fn command() -> CommandEvidence {
        CommandEvidence { command: "true".to_owned(), exit_code: Some(0), ms: 1 }
    }

    #[test]
    fn every_kind_of_end_has_its_class() {
        let because = |cause| Facts { cause: Some(cause), ..ended(0) };
        let table: Vec<(Facts, u64, Class)> = vec![
            (ended(0), 0, Class::Empty),
            (ended(0), 3, Class::Succeeded),
            (Facts { stdout_bytes: 1, ..ended(0) }, 0, Class::Succeeded),
            (Facts { stderr_bytes: 1, ..ended(0) }, 0, Class::Succeeded),
            (Facts { commands: vec![command()], ..ended(0) }, 0, Class::Succeeded),
            (ended(1), 3, Class::Failed),
            (Facts { phase: Phase::Setup, ..ended(2) }, 0, Class::Failed),
            (Facts { signal: Some(9), ..ended(137) }, 3, Class::Killed),
            (Facts { signal: Some(11), ..ended(139) }, 3, Class::Failed),
            (Facts { exit_code: None, ..Facts::default() }, 3, Class::Lost),
            (because(Cause::Cancelled), 3, Class::Cancelled),
            (because(Cause::WallTime { seconds: 1800 }), 3, Class::TimedOut),
            (because(Cause::Stalled { seconds: 60 }), 3, Class::Stalled),
            (because(Cause::Memory { limit_bytes: 1 << 31 }), 3, Class::OutOfMemory),
            (because(Cause::Disk { limit_bytes: 1 << 31 }), 3, Class::Failed),
            (because(Cause::DiskReserve), 3, Class::Failed),
            (because(Cause::Shutdown), 3, Class::Killed),
            (because(Cause::Orphaned { seconds: 60 }), 3, Class::Killed),
            (because(Cause::Sandbox { reason: "x".to_owned() }), 0, Class::Failed),
        ];
        for (facts, files, class) in table {
            assert_eq!(derive(&facts, files).class, class, "{facts:?}, {files} files");
        }
    }

    #[test]
    fn a_limit_is_named_in_the_reason() {
        let disk = Facts { cause: Some(Cause::Disk { limit_bytes: 2 << 30 }), ..ended(1) };
        assert_eq!(derive(&disk, 0).reason, "it wrote more to disk than its limit of 2 GiB");
        assert!(derive(&Facts { phase: Phase::Setup, ..ended(7) }, 0).reason.contains("set-up script"));
    }
}
