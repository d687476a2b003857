//! What happens to servers, one line each, and the way through all of them.

mod database;
mod disk;
mod program;
mod sockets;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::console::say;
use crate::house::House;
use crate::invariants::{self, Baseline};
use crate::load::Load;

const RECOVER_WITHIN: Duration = Duration::from_secs(60);
/// The small disk that is filled, for PostgreSQL, mirrors and spools together.
const DISK_MEGABYTES: u32 = 400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    KillProgram,
    TerminateProgram,
    PostgresFast,
    PostgresImmediate,
    PostgresKilled,
    PostgresFrozen,
    ConnectionsTerminated,
    DiskFull,
    WorktreeDiskFull,
    SlowReaders,
    ReconnectStorm,
}

/// A fault: its name, what it is, and whether every test run has it.
struct Fault {
    name: &'static str,
    about: &'static str,
    kind: Kind,
    short: bool,
}

const fn fault(name: &'static str, about: &'static str, kind: Kind, short: bool) -> Fault {
    Fault { name, about, kind, short }
}

const FAULTS: [Fault; 11] = [
    fault("kill", "kill -9 of the server, again and again, in a burst of writes", Kind::KillProgram, true),
    fault("terminate", "SIGTERM under load, and a new start", Kind::TerminateProgram, true),
    fault("postgres-fast", "PostgreSQL is restarted, as an operator would", Kind::PostgresFast, false),
    fault("postgres-immediate", "PostgreSQL is ended without a checkpoint", Kind::PostgresImmediate, false),
    fault("postgres-killed", "kill -9 of PostgreSQL's first process", Kind::PostgresKilled, true),
    fault(
        "postgres-frozen",
        "PostgreSQL stands still: accepts, and never answers",
        Kind::PostgresFrozen,
        false,
    ),
    fault(
        "connections",
        "a storm that ends every connection to PostgreSQL",
        Kind::ConnectionsTerminated,
        true,
    ),
    fault("disk", "the disk of the data folder is full", Kind::DiskFull, false),
    fault("worktree-disk", "the disk of worktrees and spools is full", Kind::WorktreeDiskFull, false),
    fault("slow-readers", "sockets that never read", Kind::SlowReaders, false),
    fault("reconnect", "all sockets come back at once after a kill", Kind::ReconnectStorm, true),
];

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measure {
    pub(super) kills: u32,
    pub(super) frozen: Duration,
    pub(super) storm: Duration,
    pub(super) sockets: usize,
}

const WHOLE: Measure =
    Measure { kills: 20, frozen: Duration::from_secs(20), storm: Duration::from_secs(20), sockets: 2_000 };
const SHORT: Measure =
    Measure { kills: 3, frozen: Duration::from_secs(5), storm: Duration::from_secs(3), sockets: 200 };

/// Goes through the chosen ones; false when an invariant is broken.
pub(crate) async fn run(binary: &Path, names: &[String], short: bool) -> anyhow::Result<bool> {
    if let Some(unknown) = names.iter().find(|name| !FAULTS.iter().any(|fault| fault.name == **name)) {
        let known: Vec<&str> = FAULTS.iter().map(|fault| fault.name).collect();
        bail!("there is no fault {unknown:?}; there are: {}", known.join(", "));
    }
    let named = |fault: &Fault| names.iter().any(|name| name == fault.name);
    let chosen = |fault: &&Fault| if names.is_empty() { !short || fault.short } else { named(fault) };
    let measure = if short { SHORT } else { WHOLE };
    let mut kept = true;
    for fault in FAULTS.iter().filter(chosen) {
        kept &= one(binary, fault, measure).await?;
    }
    Ok(kept)
}

async fn one(binary: &Path, fault: &Fault, measure: Measure) -> anyhow::Result<bool> {
    let needs_disk = matches!(fault.kind, Kind::DiskFull | Kind::WorktreeDiskFull);
    if needs_disk && !nix::unistd::geteuid().is_root() {
        say(&format!("==> {}: not tried: a small disk can be mounted by root alone", fault.name));
        return Ok(true);
    }
    say(&format!("==> {}: {}", fault.name, fault.about));
    let mut house = match fault.kind {
        Kind::DiskFull => House::open_on_disk(binary, DISK_MEGABYTES).await?,
        _ => House::open(binary).await?,
    };
    let load = Load::start(&house).await?;
    let baseline = Baseline::of(&house)?;
    let told = strike(fault.kind, &mut house, &load, measure).await?;
    let since = Instant::now();
    house.until_ready(RECOVER_WITHIN).await?;
    load.until_more(20).await?;
    say(&format!("    {told}; ready and writing {:.1} s later", since.elapsed().as_secs_f64()));
    let record = load.finish(house.address, &house.key).await?;
    let mut kept = true;
    for finding in invariants::check(&house, &record, baseline).await? {
        let (mark, seen) = match &finding.seen {
            Ok(seen) => ("kept  ", seen),
            Err(broken) => ("BROKEN", broken),
        };
        kept &= finding.seen.is_ok();
        say(&format!("    {mark} {:<38} {seen}", finding.name));
    }
    house.terminate().await?;
    Ok(kept)
}

/// Does it, and says what was seen meanwhile.
async fn strike(kind: Kind, house: &mut House, load: &Load, measure: Measure) -> anyhow::Result<String> {
    use nix::sys::signal::Signal;
    match kind {
        Kind::KillProgram => program::kill(house, load, measure.kills).await,
        Kind::TerminateProgram => program::terminate(house).await,
        Kind::PostgresFast => database::end(house, Signal::SIGINT).await,
        Kind::PostgresImmediate => database::end(house, Signal::SIGQUIT).await,
        Kind::PostgresKilled => database::end(house, Signal::SIGKILL).await,
        Kind::PostgresFrozen => database::freeze(house, measure.frozen).await,
        Kind::ConnectionsTerminated => database::terminate_connections(house, measure.storm).await,
        Kind::DiskFull => disk::fill(house).await,
        Kind::WorktreeDiskFull => disk::fill_worktrees(house).await,
        Kind::SlowReaders => sockets::slow(house, load).await,
        Kind::ReconnectStorm => sockets::storm(house, measure.sockets).await,
    }
}
