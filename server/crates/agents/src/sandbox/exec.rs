//! The hidden role `sandbox-exec`: two stages that each tighten something and become the next program.
//!
//! They are a program of their own because between fork and exec of a threaded process almost nothing may be called.

use super::policy::{Entry, Restriction};
use super::{hand, landlock, seccomp};
use nix::fcntl::{FcntlArg, fcntl};
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, getppid, setgroups, setresgid, setresuid};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

type Refusal = Box<dyn std::error::Error>;

/// The numbers of the pipes to the supervisor inside, out of the way of what scripts open: 200 and the last few are
/// usual for locks. `prelude.sh` names them too.
const TRACE: i32 = 240;
const ACKNOWLEDGED: i32 = 241;
/// Exit code where the sandbox could not be made.
const REFUSED: u8 = 125;

/// `arguments` are those after `sandbox-exec`. Returns only if something failed.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let refusal = match arguments.as_slice() {
        [stage, policy, program, rest @ ..] if stage == "enter" => enter(policy, program, rest),
        [stage, policy] if stage == "restrict" => restrict(policy),
        _ => Refusal::from("it is started by the supervisor of an execution only"),
    };
    let _ = writeln!(std::io::stderr(), "sandbox: {refusal}");
    ExitCode::from(REFUSED)
}

/// Outside: joins the groups and dies with the supervisor from here on.
fn enter(policy: &OsString, program: &OsString, rest: &[OsString]) -> Refusal {
    let prepared = || -> Result<(), Refusal> {
        let entry: Entry = serde_json::from_slice(policy.as_encoded_bytes())?;
        prctl::set_pdeathsig(Signal::SIGKILL)?;
        // Had it died before the line above, its signal would never come.
        if getppid().as_raw().unsigned_abs() != entry.parent {
            return Err("its supervisor is gone".into());
        }
        // Where the machine runs out of memory it is this that goes, and never the server.
        fs::write("/proc/self/oom_score_adj", "500")?;
        for entrance in &entry.entrances {
            fs::write(entrance, "0").map_err(|error| format!("{}: {error}", entrance.display()))?;
        }
        Ok(())
    };
    match prepared() {
        Ok(()) => Command::new(program).args(rest).exec().into(),
        Err(refusal) => refusal,
    }
}

/// Inside: becomes the unprivileged user, shuts what it does not need, and becomes the shell.
fn restrict(policy: &OsString) -> Refusal {
    match prepare(policy) {
        Ok(mut shell) => shell.exec().into(),
        Err(refusal) => refusal,
    }
}

fn prepare(policy: &OsString) -> Result<Command, Refusal> {
    let restriction: Restriction = serde_json::from_slice(policy.as_encoded_bytes())?;
    let (mut trace, shell) = shell(&restriction)?;
    if let Some(to) = restriction.hand {
        hand::hand_out(to)?;
    }
    if let Some(user) = restriction.user {
        become_user(user)?;
    }
    std::env::set_current_dir(&restriction.directory)?;
    limit(&restriction)?;
    prctl::set_no_new_privs()?;
    if !landlock::restrict(&restriction)? && restriction.landlock {
        return Err("landlock is not enforced".into());
    }
    for filter in seccomp::filters(restriction.network)? {
        seccompiler::apply_filter(&filter)?;
    }
    // The supervisor knows by this that from here on it is the script that speaks.
    trace.write_all(b"0 0 0 0 ready\x00")?;
    Ok(shell)
}

fn become_user(user: u32) -> Result<(), Refusal> {
    let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
    setgroups(&[])?;
    setresgid(gid, gid, gid)?;
    setresuid(uid, uid, uid)?;
    Ok(())
}

fn limit(restriction: &Restriction) -> Result<(), Refusal> {
    let mut limits = vec![
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_NOFILE, 4096),
        (Resource::RLIMIT_MEMLOCK, 64 * 1024),
        (Resource::RLIMIT_MSGQUEUE, 0),
        (Resource::RLIMIT_FSIZE, restriction.file_bytes),
    ];
    limits.extend(restriction.processes.map(|count| (Resource::RLIMIT_NPROC, count)));
    // Counted by the supervisor; this only stops one process from outrunning it.
    limits.extend(restriction.memory_bytes.map(|bytes| (Resource::RLIMIT_DATA, bytes.saturating_mul(2))));
    for (resource, value) in limits {
        // Where the machine allows less than we would, that holds.
        let (_, hard) = nix::sys::resource::getrlimit(resource)?;
        setrlimit(resource, value.min(hard), value.min(hard))?;
    }
    Ok(())
}

/// Moves an inherited open file to where the script will not stumble over it.
fn place(inherited: i32, number: i32, options: &mut OpenOptions) -> Result<File, Refusal> {
    let file = options.open(Path::new("/proc/self/fd").join(inherited.to_string()))?;
    nix::unistd::close(inherited)?;
    if fcntl(&file, FcntlArg::F_DUPFD(number))? != number {
        return Err("the place of the trace is taken".into());
    }
    Ok(file)
}

/// The agent, and the trace: on that it has nothing to say.
fn agent_of(restriction: &Restriction, agent: &Path) -> Result<(File, Command), Refusal> {
    let inherited = Path::new("/proc/self/fd").join(restriction.trace.to_string());
    let trace = File::options().write(true).open(inherited)?;
    nix::unistd::close(restriction.trace)?;
    nix::unistd::close(restriction.acknowledged)?;
    let mut program = Command::new(agent);
    program.env_clear().envs(restriction.environment.iter().map(|(name, value)| (name, value)));
    Ok((trace, program))
}

/// The shell, and the trace.
fn shell(restriction: &Restriction) -> Result<(File, Command), Refusal> {
    if let Some(agent) = &restriction.agent {
        return agent_of(restriction, agent);
    }
    let trace = place(restriction.trace, TRACE, File::options().write(true))?;
    place(restriction.acknowledged, ACKNOWLEDGED, File::options().read(true))?;
    let bash = Path::new("/bin/bash").exists();
    let mut shell = Command::new(if bash { "/bin/bash" } else { "/bin/sh" });
    shell.env_clear().envs(restriction.environment.iter().map(|(name, value)| (name, value)));
    shell.arg("-e");
    if bash {
        shell.args(["-o", "pipefail"]).env("BASH_ENV", &restriction.prelude);
    }
    shell.arg(&restriction.script);
    Ok((trace, shell))
}
