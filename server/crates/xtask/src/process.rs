//! Child processes: each leads a group of its own, and no group outlives xtask.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How long a child may take to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(20);

/// Takes the signals that end a program, so that children are ended with it.
pub(crate) fn watch_signals() -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("can't take signals")?;
    std::thread::spawn(move || {
        if signals.forever().next().is_none() {
            return;
        }
        INTERRUPTED.store(true, Ordering::SeqCst);
        signal_all(Signal::SIGTERM);
        // The main thread sees its children end and leaves by itself, tidying up; this is for when it can't.
        std::thread::sleep(GRACE + Duration::from_secs(2));
        signal_all(Signal::SIGKILL);
        std::process::exit(130);
    });
    Ok(())
}

/// Whether somebody has asked xtask to end.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Ends whatever is still running.
pub(crate) fn kill_all() {
    signal_all(Signal::SIGKILL);
}

fn signal_all(signal: Signal) {
    for group in groups().iter() {
        // A group that is gone already is what we want.
        let _ = killpg(Pid::from_raw(*group), signal);
    }
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child that ends with this value, with everything it has started in its group.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    group: i32,
}

impl Running {
    /// Starts it without a terminal to read from: it may run where there is none.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        if interrupted() {
            bail!("interrupted");
        }
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;
        let group = i32::try_from(child.id()).context("a process id out of range")?;
        groups().insert(group);
        Ok(Self { child, group })
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Asks it to end, waits for a while, then ends it.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let _ = killpg(Pid::from_raw(self.group), Signal::SIGTERM);
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() && asked.elapsed() < GRACE {
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.group), Signal::SIGKILL);
        drop(self.child.wait());
        groups().remove(&self.group);
    }
}

/// Runs a command to its end; anything but success is a failure that shows the command.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = Running::start(command)?.wait()?;
    judge(command, status)
}

/// Runs a command, shows its lines and hands each to `see`. Both of its streams count.
pub(crate) fn run_seeing(command: &mut Command, mut see: impl FnMut(&str)) -> anyhow::Result<()> {
    let mut running = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (lines, received) = mpsc::sync_channel(1_024);
    if let Some(stdout) = running.child.stdout.take() {
        forward(stdout, lines.clone());
    }
    if let Some(stderr) = running.child.stderr.take() {
        forward(stderr, lines.clone());
    }
    drop(lines);
    for line in received {
        super::console::say(&line);
        see(&line);
    }
    let status = running.wait()?;
    judge(command, status)
}

/// What a command says on its standard output, trimmed.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("can't start {}", command.get_program().to_string_lossy()))?;
    if !output.status.success() {
        bail!("{}: {}", shown(command), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn forward(stream: impl Read + Send + 'static, lines: mpsc::SyncSender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if lines.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
        }
    });
}

fn judge(command: &Command, status: ExitStatus) -> anyhow::Result<()> {
    if interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let mut shown = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_command() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3"), "{error}");
        assert!(error.contains('3'), "{error}");
    }

    #[test]
    fn both_streams_are_seen() {
        let mut seen = Vec::new();
        run_seeing(Command::new("sh").args(["-c", "echo out; echo err >&2"]), |line| {
            seen.push(line.to_owned())
        })
        .unwrap();
        seen.sort();
        assert_eq!(seen, ["err", "out"]);
    }

    #[test]
    fn a_child_is_asked_before_it_is_ended() {
        watch_signals().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (ready, asked) = (folder.path().join("ready"), folder.path().join("asked"));
        let script = format!(
            "trap 'touch {}; exit' TERM; touch {}; sleep 600 & wait",
            asked.display(),
            ready.display()
        );
        let running = Running::start(Command::new("sh").args(["-c", &script])).unwrap();
        while !ready.exists() {
            std::thread::sleep(LOOK);
        }
        running.stop().unwrap();
        assert!(asked.exists(), "a child that can't be asked loses what it has not stored");
    }

    #[test]
    fn grandchildren_end_with_the_child() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
        let running = Running::start(Command::new("sh").args(["-c", &script])).unwrap();
        let grandchild = loop {
            if let Ok(text) = std::fs::read_to_string(&file) {
                break text.trim().parse::<i32>().unwrap();
            }
            std::thread::sleep(LOOK);
        };
        drop(running);
        // The kernel needs a moment to bury it; without the group's end it would live for ten minutes.
        let alive = || {
            std::fs::read_to_string(format!("/proc/{grandchild}/stat"))
                .is_ok_and(|stat| !stat.contains(") Z "))
        };
        let start = Instant::now();
        while alive() && start.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(LOOK);
        }
        assert!(!alive());
    }
}
