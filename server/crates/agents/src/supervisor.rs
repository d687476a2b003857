//! The supervisor of one execution: a process and session of its own, which outlives the server and owns the sandbox.
//!
//! It reads `spec.json` in its folder, runs the set-up script and the script, enforces the limits, spools all that
//! happens and answers on a socket in the folder. When it dies, the sandbox dies with it.

mod agent;
mod clock;
mod commands;
mod journal;
mod output;
mod phase;
mod pipes;
mod proxy;
pub(crate) mod socket;
mod standstill;
mod watch;

use crate::cgroup::Cgroup;
use crate::isolation::Isolation;
use crate::outcome::{Cause, Facts, Phase};
use crate::spec::ExecutionSpec;
use crate::{lock, processes, sandbox};
use agent::Talk;
use clock::Clock;
use commands::Commands;
use domain::executions::{EventBody, ExecutionStatus};
use journal::Journal;
use nix::sys::signal::Signal;
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use proxy::Ledger;
use serde::{Deserialize, Serialize};
use socket::{Door, Order, Presence};
use standstill::{Standstill, own_id};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use watch::Watch;

/// What a launcher leaves for the supervisor.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assignment {
    pub(crate) spec: ExecutionSpec,
    pub(crate) isolation: Isolation,
    /// The binary that the sandbox's inner stages are roles of.
    pub(crate) program: PathBuf,
}

pub(crate) const ASSIGNMENT: &str = "spec.json";
/// How long followers may take to read the last records from us; they are in the spool in any case.
const FAREWELL: Duration = Duration::from_secs(5);
/// The kernel ends killed processes at once, but for those in a stuck file system.
const REAPING: Duration = Duration::from_secs(30);

/// The role `supervise --directory D`.
pub fn run(directory: &Path) -> ExitCode {
    // A group leader already is what this would make it.
    let _ = nix::unistd::setsid();
    umask(Mode::from_bits_truncate(0o077));
    let supervised = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(supervise(directory)));
    match supervised {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the supervisor failed");
            let _ = io::Write::write_all(&mut io::stderr(), format!("supervisor: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

async fn supervise(directory: &Path) -> io::Result<()> {
    let Some(_lock) = lock::take(directory)? else {
        return Ok(());
    };
    let assignment: Assignment = serde_json::from_slice(&fs::read(directory.join(ASSIGNMENT))?)?;
    let listener = socket::bind(directory)?;
    // An execution runs once: where there is a spool, it has. Whoever sees the spool finds the socket, too.
    let journal = Journal::create(directory, assignment.spec.limits.output_bytes)?;
    nix::sys::prctl::set_child_subreaper(true)?;
    let (orders, receiver) = mpsc::channel(16);
    let presence = Presence::new();
    let (ends, published) = journal.readers();
    let door =
        Door { directory: directory.to_path_buf(), ends, published, orders, presence: Arc::clone(&presence) };
    #[expect(clippy::disallowed_methods, reason = "it answers for as long as this process lives")]
    tokio::spawn(socket::serve(listener, door));

    let mut supervision = Supervision::new(directory, assignment, journal, receiver, Arc::clone(&presence));
    let result = supervision.run().await;
    supervision.end_all().await;
    supervision.group.remove();
    result?;
    // Readers may go at their own pace: the spool stands, and they read on from it.
    let until = Instant::now() + FAREWELL;
    while presence.followers() > 0 && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let _ = fs::remove_dir_all(directory.join("scratch"));
    Ok(())
}

#[derive(Debug)]
struct Supervision {
    directory: PathBuf,
    assignment: Assignment,
    journal: Journal,
    orders: mpsc::Receiver<Order>,
    presence: Arc<Presence>,
    /// The wire to the agent, while there is one.
    talk: Option<Talk>,
    group: Cgroup,
    watch: Watch,
    commands: Commands,
    ledger: Ledger,
    standstill: Standstill,
    clock: Clock,
    /// Why it is being ended, and when by force.
    cause: Option<Cause>,
    force_at: Option<Instant>,
    last_output: Instant,
}

impl Supervision {
    fn new(
        directory: &Path,
        assignment: Assignment,
        journal: Journal,
        orders: mpsc::Receiver<Order>,
        presence: Arc<Presence>,
    ) -> Self {
        let limits = assignment.spec.limits;
        let folders = vec![assignment.spec.worktree.clone(), directory.join("scratch")];
        Self {
            directory: directory.to_path_buf(),
            group: Cgroup::create(assignment.spec.execution, limits.memory_bytes, limits.processes),
            watch: Watch::new(limits, folders),
            assignment,
            journal,
            orders,
            presence,
            talk: None,
            commands: Commands::default(),
            ledger: Ledger::default(),
            standstill: Standstill::default(),
            clock: Clock::start(Instant::now()),
            cause: None,
            force_at: None,
            last_output: Instant::now(),
        }
    }

    async fn run(&mut self) -> io::Result<()> {
        let spec = &self.assignment.spec;
        // What was found at the server's start may not hold here: it is what does hold that is told.
        let bounded = self.group.bounds_memory() && self.group.bounds_processes();
        let isolation = Isolation { cgroup: bounded, ..self.assignment.isolation.clone() };
        self.journal.event(EventBody::Started {
            agent: spec.agent,
            isolation: isolation.layers(),
            base: Some(spec.base.clone()),
        })?;
        let mut ended = Ended { exit_code: Some(0), signal: None };
        let mut phase = Phase::Script;
        if !spec.setup_script.trim().is_empty() {
            phase = Phase::Setup;
            self.status(ExecutionStatus::Running, "running the set-up script")?;
            ended = self.phase(phase).await?;
            // Its commands were told; the evidence is about the script.
            self.commands = Commands::after(&self.commands);
        }
        let before = self.journal.seen();
        if self.cause.is_none() && ended.exit_code == Some(0) {
            let (next, detail) = match self.assignment.spec.program {
                Some(_) => (Phase::Agent, "the agent works"),
                None => (Phase::Script, "running the script"),
            };
            phase = next;
            self.status(ExecutionStatus::Running, detail)?;
            ended = self.phase(phase).await?;
        }
        let (stdout, stderr) = self.journal.seen();
        let (commands, commands_omitted) = self.commands.take_evidence();
        let facts = Facts {
            exit_code: ended.exit_code,
            signal: ended.signal,
            cause: self.cause.clone(),
            phase,
            commands,
            commands_omitted,
            stdout_bytes: stdout - before.0,
            stderr_bytes: stderr - before.1,
            dropped_bytes: self.journal.dropped,
        };
        self.journal.end(facts)
    }

    fn status(&mut self, status: ExecutionStatus, detail: &str) -> io::Result<()> {
        self.journal.event(EventBody::Status { status, detail: detail.to_owned() })
    }

    /// Ends all processes, to the last grandchild, and waits until each is reaped. Orphans fall to us.
    async fn end_all(&mut self) {
        self.thaw();
        let until = Instant::now() + REAPING;
        loop {
            self.kill_all();
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Err(_) => return,
                Ok(WaitStatus::StillAlive) if Instant::now() > until => {
                    tracing::error!("a process could not be ended");
                    return;
                }
                Ok(WaitStatus::StillAlive) => tokio::time::sleep(Duration::from_millis(5)).await,
                Ok(_) => {}
            }
        }
    }

    fn kill_all(&self) {
        if !self.group.kill() {
            // What is stopped can't fork away from its end.
            processes::signal(&self.members(), Signal::SIGSTOP);
            processes::signal(&self.members(), Signal::SIGKILL);
        }
    }

    /// Asks everything inside to end, but what holds the sandbox together.
    fn ask_to_end(&self, root: i32) {
        let mut asked = processes::descendants(root);
        if self.assignment.isolation.bubblewrap.is_some() {
            let init = processes::children(root);
            asked.retain(|pid| !init.contains(pid));
        } else {
            asked.push(root);
        }
        processes::signal(&asked, Signal::SIGTERM);
    }

    fn members(&self) -> Vec<i32> {
        processes::descendants(own_id())
    }

    fn plan<'a>(&'a self, script: &'a Path, phase: Phase) -> sandbox::Plan<'a> {
        sandbox::Plan {
            spec: &self.assignment.spec,
            isolation: &self.assignment.isolation,
            program: &self.assignment.program,
            directory: &self.directory,
            script,
            agent: self.assignment.spec.program.as_deref().filter(|_| phase == Phase::Agent),
            entrances: self.group.entrances(),
            bounded: self.group.bounds_memory() && self.group.bounds_processes(),
        }
    }
}

/// How the process of a phase ended.
#[derive(Debug, Clone, Copy)]
struct Ended {
    exit_code: Option<i32>,
    signal: Option<i32>,
}
