//! One phase: a script in a sandbox, from its first process to the end of its last.

use super::pipes::{BUFFER, Pipes, drain, read, write};
use super::proxy::Proxy;
use super::socket::Order;
use super::{Ended, Supervision};
use crate::outcome::{Cause, Phase};
use crate::sandbox::{self, Marks};
use crate::spec::Control;
use domain::executions::{EventBody, ExecutionStatus, Stream};
use domain::repositories::Network;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::unistd::pipe2;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// How often waiting output is written and limits are looked at.
const TICK: Duration = Duration::from_millis(50);

enum Turn {
    Order(Option<Order>),
    Wrote,
    Output(Stream, usize),
    Trace(usize),
    Tick,
    Shutdown,
    Ended(io::Result<ExitStatus>),
}

impl Supervision {
    pub(super) async fn phase(&mut self, phase: Phase) -> io::Result<Ended> {
        let spec = &self.assignment.spec;
        let (name, text) = match phase {
            Phase::Setup => ("setup", spec.setup_script.clone()),
            Phase::Script | Phase::Agent => ("script", spec.script.clone()),
        };
        let script = self.directory.join(name);
        sandbox::write_readable(&script, &text)?;
        let (mut child, mut pipes) = match self.spawn(&script, phase) {
            Ok(spawned) => spawned,
            Err(error) => {
                self.cause = Some(Cause::Sandbox { reason: error.to_string() });
                return Ok(Ended { exit_code: None, signal: None });
            }
        };
        let root = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or(0);
        let status = self.follow(&mut child, &mut pipes, root).await?;

        self.end_all().await;
        self.drain_trace(&mut pipes)?;
        let events = self.commands.open_now();
        self.journal.events(events)?;
        self.drain_output(&mut pipes)?;
        if self.cause.is_none() && !status.success() {
            self.cause = self.watch.check_ended(&self.group);
        }
        let ended = self.ended(status);
        if !self.commands.ready && self.cause.is_none() {
            let reason = self.journal.first_complaint();
            self.cause = Some(Cause::Sandbox { reason });
        }
        if phase != Phase::Agent && !Path::new("/bin/bash").exists() && self.commands.ready {
            let events = self.commands.whole(&text, Instant::now());
            self.journal.events(events)?;
        }
        let events = self.commands.finish(ended.exit_code, Instant::now());
        self.journal.events(events)?;
        self.notices(self.ledger.close())?;
        self.journal.finish_output()?;
        self.journal.publish()?;
        Ok(ended)
    }

    fn spawn(&mut self, script: &Path, phase: Phase) -> io::Result<(Child, Pipes)> {
        let (inner, stdin) = if phase == Phase::Agent {
            self.begin_talk()?;
            let (inner, outer) = pipe2(OFlag::O_CLOEXEC)?;
            (Stdio::from(inner), Some(Sender::from_owned_fd(outer)?))
        } else {
            (Stdio::null(), None)
        };
        let (stdout, stdout_end) = pipe2(OFlag::O_CLOEXEC)?;
        let (stderr, stderr_end) = pipe2(OFlag::O_CLOEXEC)?;
        let (trace, trace_end) = pipe2(OFlag::O_CLOEXEC)?;
        let (acknowledged, acknowledge) = pipe2(OFlag::O_CLOEXEC)?;
        fcntl(&acknowledge, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let (hand, proxy) = self.way_out()?;
        let marks = Marks { trace: trace_end, acknowledged, hand };
        // Scripts open /dev/stdout and /dev/stderr by name, which asks who owns the pipe.
        for end in [&stdout_end, &stderr_end] {
            sandbox::hand_over_open(end, self.assignment.spec.execution)?;
        }
        let (program, arguments) = sandbox::command(&self.plan(script, phase), &marks)?;
        // They keep their numbers on the way in. Nothing else is started before they are closed again here.
        for end in marks.all() {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::empty()))?;
        }
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .current_dir("/")
            .stdin(inner)
            .stdout(Stdio::from(stdout_end))
            .stderr(Stdio::from(stderr_end))
            .spawn()?;
        drop(marks);
        let receiver = |end: OwnedFd| -> io::Result<_> { Ok(Some(Receiver::from_owned_fd(end)?)) };
        let (stdout, stderr, trace) = (receiver(stdout)?, receiver(stderr)?, receiver(trace)?);
        Ok((child, Pipes { stdin, stdout, stderr, trace, acknowledge, _proxy: proxy }))
    }

    /// For a run with a network: the inner end of a socket, and the proxy that waits at the outer one.
    fn way_out(&self) -> io::Result<(Option<OwnedFd>, Option<Proxy>)> {
        let spec = &self.assignment.spec;
        if spec.network == Network::None {
            return Ok((None, None));
        }
        let (inner, outer) = UnixStream::pair()?;
        let proxy = Proxy::start(outer, spec.reachable.clone(), self.ledger.clone())?;
        Ok((Some(inner.into()), Some(proxy)))
    }

    /// Until the process has ended.
    async fn follow(&mut self, child: &mut Child, pipes: &mut Pipes, root: i32) -> io::Result<ExitStatus> {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shutdown = signal(SignalKind::terminate())?;
        let mut buffers = [(); 3].map(|()| vec![0_u8; BUFFER]);
        let [stdout, stderr, trace] = &mut buffers;
        self.last_output = Instant::now();
        loop {
            // What the first parts of a pipeline print stands after its name, which is whole with its last part.
            let named = !self.commands.is_half_told();
            // What an agent says while it is stopped is heard when it goes on.
            let hears = named && (self.talk.is_none() || !self.standstill.is_wanted());
            let outgoing = self.talk.as_mut().map(|talk| &mut talk.outgoing);
            let turn = tokio::select! {
                order = self.orders.recv() => Turn::Order(order),
                () = write(&mut pipes.stdin, outgoing) => Turn::Wrote,
                count = read(&mut pipes.stdout, stdout), if hears => Turn::Output(Stream::Stdout, count),
                count = read(&mut pipes.stderr, stderr), if named => Turn::Output(Stream::Stderr, count),
                count = read(&mut pipes.trace, trace) => Turn::Trace(count),
                _ = ticks.tick() => Turn::Tick,
                _ = shutdown.recv() => Turn::Shutdown,
                status = child.wait() => Turn::Ended(status),
            };
            match turn {
                Turn::Order(Some(Order::Control(control))) => self.control(control, root)?,
                Turn::Order(Some(Order::Deliver(delivery))) => self.deliver(delivery)?,
                Turn::Order(None) | Turn::Wrote => {}
                Turn::Output(stream, count) => {
                    let buffer = if stream == Stream::Stdout { &*stdout } else { &*stderr };
                    self.last_output = Instant::now();
                    self.said(stream, buffer.get(..count).unwrap_or_default())?;
                }
                Turn::Trace(count) => self.trace(trace.get(..count).unwrap_or_default(), pipes)?,
                Turn::Tick => self.tick(root).await?,
                Turn::Shutdown => self.stop(Cause::Shutdown, root)?,
                Turn::Ended(status) => return status,
            }
        }
    }

    fn control(&mut self, control: Control, root: i32) -> io::Result<()> {
        match control {
            Control::Cancel => self.stop(Cause::Cancelled, root),
            Control::Pause => self.pause(),
            Control::Resume => self.resume(),
        }
    }

    async fn tick(&mut self, root: i32) -> io::Result<()> {
        let events = self.commands.settle(Instant::now());
        self.journal.events(events)?;
        self.notices(self.ledger.take_notices())?;
        self.press()?;
        self.journal.publish()?;
        if let Some(force_at) = self.force_at {
            if Instant::now() >= force_at {
                self.kill_all();
            }
            return Ok(());
        }
        let met = match self.overdue() {
            None => self.watch.check(&self.group, root).await,
            overdue => overdue,
        };
        met.map_or(Ok(()), |cause| self.stop(cause, root))
    }

    fn notices(&mut self, texts: Vec<String>) -> io::Result<()> {
        texts.into_iter().try_for_each(|text| self.journal.event(EventBody::Notice { text }))
    }

    /// A limit of time that is met.
    fn overdue(&self) -> Option<Cause> {
        let limits = &self.assignment.spec.limits;
        if self.clock.elapsed(Instant::now()) > limits.wall {
            return Some(Cause::WallTime { seconds: limits.wall.as_secs() });
        }
        if self.clock.is_paused() {
            return None;
        }
        if self.presence.absent() > limits.orphan_after && !self.may_wait() {
            return Some(Cause::Orphaned { seconds: limits.orphan_after.as_secs() });
        }
        limits
            .stall
            .filter(|_| !self.clock.is_waiting())
            .filter(|stall| self.last_output.elapsed() > *stall)
            .map(|stall| Cause::Stalled { seconds: stall.as_secs() })
    }

    /// Begins the end: it is asked, and after the grace it is forced. What endangers the machine is forced at once.
    fn stop(&mut self, cause: Cause, root: i32) -> io::Result<()> {
        if self.cause.is_some() {
            return Ok(());
        }
        let at_once = matches!(cause, Cause::Memory { .. } | Cause::Disk { .. } | Cause::DiskReserve);
        self.cause = Some(cause);
        if at_once {
            self.release();
            self.kill_all();
            self.force_at = Some(Instant::now());
            return Ok(());
        }
        self.ask_to_end(root);
        // A signal waits for a frozen process until it is thawed.
        self.release();
        self.force_at = Some(Instant::now() + self.assignment.spec.limits.grace);
        self.status(ExecutionStatus::Running, "ending")
    }

    /// The shell begins a command and waits: what the one before printed is in the pipes by now, and belongs before it.
    fn trace(&mut self, bytes: &[u8], pipes: &mut Pipes) -> io::Result<()> {
        self.last_output = Instant::now();
        for told in self.commands.push(bytes, Instant::now()) {
            self.journal.events(told.before_output)?;
            if told.ends_output {
                self.drain_output(pipes)?;
            }
            self.journal.events(told.after_output)?;
            pipes.acknowledge(told.mark);
        }
        Ok(())
    }

    fn drain_trace(&mut self, pipes: &mut Pipes) -> io::Result<()> {
        let bytes = drain(&mut pipes.trace)?;
        self.trace(&bytes, pipes)
    }

    fn drain_output(&mut self, pipes: &mut Pipes) -> io::Result<()> {
        let bytes = drain(&mut pipes.stdout)?;
        self.said(Stream::Stdout, &bytes)?;
        let bytes = drain(&mut pipes.stderr)?;
        self.said(Stream::Stderr, &bytes)
    }

    /// An agent's stdout is its wire; anything else is output.
    fn said(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        if stream == Stream::Stdout && self.talk.is_some() {
            self.hear(bytes)
        } else {
            self.journal.output(stream, bytes)
        }
    }

    /// bubblewrap tells a signal as 128 and its number, as shells do.
    fn ended(&self, status: ExitStatus) -> Ended {
        let told = status.code().filter(|code| (129..=128 + 64).contains(code)).map(|code| code - 128);
        Ended { exit_code: status.code(), signal: status.signal().or(told) }
    }
}
