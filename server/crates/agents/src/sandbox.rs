//! The sandbox of one phase of an execution: bubblewrap outside, and inside it our own binary again, which closes
//! what namespaces leave open (landlock, seccomp, rlimits) and becomes the shell.
//!
//! Inside, everything stands at fixed places, so that nothing tells the layout of the machine: the worktree at
//! `/work`, the mirror's objects at `/mirror/objects`, a private home, a private `/tmp`.

pub mod exec;
mod hand;
pub(crate) mod landlock;
mod mounts;
mod places;
pub(crate) mod policy;
mod seccomp;

pub use exec::run as sandbox_exec;

use crate::isolation::Isolation;
use crate::spec::ExecutionSpec;
use domain::ExecutionId;
use domain::repositories::Network;
use places::Places;
use policy::{Entry, Restriction};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

pub(crate) const WORK: &str = "/work";
pub(crate) const HOME: &str = "/home/agent";
/// The mirror's objects as the sandbox's own git finds them.
pub(crate) const OBJECTS: &str = "/mirror/objects";
const RUN: &str = "/run/switchboard";

/// What one phase runs in.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) spec: &'a ExecutionSpec,
    pub(crate) isolation: &'a Isolation,
    /// Our own binary, as it was when the execution was launched.
    pub(crate) program: &'a Path,
    /// The execution's own folder.
    pub(crate) directory: &'a Path,
    /// The script of this phase, in that folder.
    pub(crate) script: &'a Path,
    /// The program that is the agent, in place of the shell.
    pub(crate) agent: Option<&'a Path>,
    /// Groups to join.
    pub(crate) entrances: Vec<PathBuf>,
    /// Whether groups bound memory and processes; if not, rlimits must.
    pub(crate) bounded: bool,
}

/// The user that an execution runs as, where the server is root: one of its own, so that no two executions, and
/// nothing else on the machine, share it. Else the server's user, in a namespace.
pub(crate) fn owner(execution: ExecutionId) -> Option<u32> {
    const FIRST: u32 = 1_900_000_000;
    const COUNT: u32 = 100_000_000;
    let [.., a, b, c, d] = *execution.0.as_bytes();
    nix::unistd::geteuid().is_root().then(|| FIRST + u32::from_be_bytes([a, b, c, d]) % COUNT)
}

/// The namespaces. As root bubblewrap keeps just what our binary needs to become another user inside.
pub(crate) fn namespaces() -> Vec<&'static str> {
    let mut arguments = vec![
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--die-with-parent",
        "--new-session",
    ];
    if nix::unistd::geteuid().is_root() {
        arguments.extend(["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]);
    } else {
        arguments.extend(["--unshare-user", "--disable-userns", "--cap-drop", "ALL"]);
    }
    arguments
}

/// The inner ends of what is open between the shell and its supervisor, inherited under their own numbers.
#[derive(Debug)]
pub(crate) struct Marks {
    /// The shell tells its commands.
    pub(crate) trace: OwnedFd,
    /// It is told that they were heard.
    pub(crate) acknowledged: OwnedFd,
    /// Where the sandbox hands its way to the network out, if it has one.
    pub(crate) hand: Option<OwnedFd>,
}

impl Marks {
    /// Every one of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &OwnedFd> {
        [&self.trace, &self.acknowledged].into_iter().chain(&self.hand)
    }
}

/// The program and arguments that run the phase.
pub(crate) fn command(plan: &Plan<'_>, marks: &Marks) -> io::Result<(PathBuf, Vec<OsString>)> {
    let program = plan.program.to_path_buf();
    write_readable(&plan.directory.join("prelude.sh"), include_str!("sandbox/prelude.sh"))?;
    let restriction = serde_json::to_string(&restriction(plan, marks))?;
    let inner_program = match &plan.isolation.bubblewrap {
        Some(_) => PathBuf::from(RUN).join("sandbox"),
        None => program.clone(),
    };
    let inner: Vec<OsString> =
        vec![inner_program.into(), "sandbox-exec".into(), "restrict".into(), restriction.into()];
    // The server and its people come first on a busy machine.
    let mut argv: Vec<OsString> = ["/usr/bin/nice", "-n", "10"].map(OsString::from).to_vec();
    if let Some(bubblewrap) = &plan.isolation.bubblewrap {
        argv.push(bubblewrap.into());
        argv.extend(namespaces().into_iter().map(OsString::from));
        argv.extend(mounts::arguments(plan, &program)?);
        argv.push("--".into());
    }
    argv.extend(inner);
    let entry = Entry { entrances: plan.entrances.clone(), parent: std::process::id() };
    let mut arguments: Vec<OsString> =
        vec!["sandbox-exec".into(), "enter".into(), serde_json::to_string(&entry)?.into()];
    arguments.extend(argv);
    Ok((program, arguments))
}

fn restriction(plan: &Plan<'_>, marks: &Marks) -> Restriction {
    let spec = plan.spec;
    let places = Places::of(plan);
    Restriction {
        user: owner(spec.execution),
        landlock: plan.isolation.landlock,
        network: spec.network == Network::Full,
        processes: (!plan.bounded).then_some(spec.limits.processes),
        memory_bytes: (!plan.bounded).then_some(spec.limits.memory_bytes),
        file_bytes: spec.limits.disk_bytes,
        environment: environment(spec, &places),
        readable: places.readable(&spec.readable),
        writable: places.writable(),
        directory: places.work,
        trace: marks.trace.as_raw_fd(),
        acknowledged: marks.acknowledged.as_raw_fd(),
        hand: marks.hand.as_ref().map(AsRawFd::as_raw_fd),
        agent: places.agent,
        script: places.script,
        prelude: places.prelude,
    }
}

/// All that the execution finds in its environment.
fn environment(spec: &ExecutionSpec, places: &Places) -> Vec<(String, String)> {
    let mut all = basics(spec, places);
    if spec.network == Network::Full {
        all.extend(hand::environment());
    }
    all
}

fn basics(spec: &ExecutionSpec, places: &Places) -> Vec<(String, String)> {
    let show = |path: &Path| path.display().to_string();
    [
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("HOME", show(&places.home)),
        ("USER", "agent".to_owned()),
        ("LOGNAME", "agent".to_owned()),
        ("SHELL", "/bin/bash".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("TERM", "dumb".to_owned()),
        ("PWD", show(&places.work)),
        ("TMPDIR", show(&places.temporary)),
        ("CI", "1".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        ("PAGER", "cat".to_owned()),
        ("GIT_TERMINAL_PROMPT", "0".to_owned()),
        ("GIT_AUTHOR_NAME", spec.author.name.clone()),
        ("GIT_AUTHOR_EMAIL", spec.author.email.clone()),
        ("GIT_COMMITTER_NAME", spec.author.name.clone()),
        ("GIT_COMMITTER_EMAIL", spec.author.email.clone()),
        ("SWITCHBOARD_TASK", spec.task.to_string()),
        ("SWITCHBOARD_EXECUTION", spec.execution.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.replace('\0', "")))
    .to_vec()
}

/// A private folder of the execution, such as its `/tmp`: on disk, so that the disk limit holds there too.
pub(crate) fn scratch(directory: &Path, name: &str) -> PathBuf {
    directory.join("scratch").join(name)
}

pub(crate) const SCRATCH: [&str; 3] = ["home", "tmp", "shm"];

/// Gives a folder to the user that the execution runs as. Links are given, never followed.
pub(crate) fn hand_over(folder: &Path, execution: ExecutionId) -> io::Result<()> {
    let Some(owner) = owner(execution) else {
        return Ok(());
    };
    let mut queue = vec![folder.to_path_buf()];
    while let Some(path) = queue.pop() {
        std::os::unix::fs::lchown(&path, Some(owner), Some(owner))?;
        if fs::symlink_metadata(&path)?.is_dir() {
            for entry in fs::read_dir(&path)? {
                queue.push(entry?.path());
            }
        }
    }
    Ok(())
}

/// Gives an open pipe to the user that the execution runs as.
pub(crate) fn hand_over_open(end: &OwnedFd, execution: ExecutionId) -> io::Result<()> {
    let owner = owner(execution);
    std::os::unix::fs::fchown(end, owner, owner)
}

/// Writes a file for the inside: its user is another one than ours.
pub(crate) fn write_readable(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}
