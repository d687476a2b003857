//! What is mounted inside: the system read-only, a few files of /etc, the worktree, and nothing else of the machine.

use super::{HOME, OBJECTS, Plan, RUN, WORK, scratch};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What programs need of /etc and what tells nothing of the machine.
pub(super) const ETC: [&str; 12] = [
    "alternatives",
    "ca-certificates",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "pki",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
];

pub(super) fn arguments(plan: &Plan<'_>, program: &Path) -> io::Result<Vec<OsString>> {
    let mut list = Arguments::default();
    for folder in ["/etc", "/etc/ssl", "/home", "/mirror", "/run", RUN] {
        // Made on the way they would be the maker's alone, who may be another user than the one inside.
        list.push(["--perms", "0755", "--dir", folder]);
    }
    system(&mut list);
    etc(&mut list, plan)?;
    for folder in &plan.spec.readable {
        list.bind("--ro-bind", folder, folder);
    }
    list.push(["--proc", "/proc", "--dev", "/dev"]);
    list.bind("--bind", &scratch(plan.directory, "shm"), "/dev/shm");
    list.bind("--bind", &scratch(plan.directory, "tmp"), "/tmp");
    list.bind("--bind", &scratch(plan.directory, "home"), HOME);
    list.bind("--bind", &plan.spec.worktree, WORK);
    list.bind("--ro-bind", &plan.spec.objects, OBJECTS);
    list.bind("--ro-bind", program, Path::new(RUN).join("sandbox"));
    list.bind("--ro-bind", plan.script, Path::new(RUN).join("script"));
    list.bind("--ro-bind", &plan.directory.join("prelude.sh"), Path::new(RUN).join("prelude.sh"));
    if let Some(agent) = plan.agent {
        list.bind("--ro-bind", agent, Path::new(RUN).join("agent"));
    }
    list.push(["--remount-ro", "/", "--chdir", "/", "--hostname", "sandbox", "--clearenv"]);
    Ok(list.0)
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn push<const N: usize>(&mut self, words: [&str; N]) {
        self.0.extend(words.map(OsString::from));
    }

    fn bind(&mut self, how: &str, from: &Path, to: impl AsRef<Path>) {
        self.0.extend([how.into(), from.into(), to.as_ref().into()]);
    }
}

/// On a merged /usr the others are links into it; they are made again, not followed.
fn system(list: &mut Arguments) {
    list.push(["--ro-bind", "/usr", "/usr"]);
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] {
        match fs::read_link(name) {
            Ok(target) => list.bind("--symlink", &target, name),
            Err(_) if Path::new(name).exists() => list.bind("--ro-bind", Path::new(name), name),
            Err(_) => {}
        }
    }
}

fn etc(list: &mut Arguments, plan: &Plan<'_>) -> io::Result<()> {
    for name in ETC {
        let path = PathBuf::from("/etc").join(name);
        if path.exists() {
            list.bind("--ro-bind", &path, &path);
        }
    }
    let made = plan.directory.join("etc");
    for (name, text) in made_files(plan) {
        let path = made.join(name);
        super::write_readable(&path, &text)?;
        list.bind("--ro-bind", &path, Path::new("/etc").join(name));
    }
    Ok(())
}

/// Files that are written for the execution, in place of the machine's own.
fn made_files(plan: &Plan<'_>) -> [(&'static str, String); 4] {
    let user = super::owner(plan.spec.execution).unwrap_or_else(|| nix::unistd::geteuid().as_raw());
    let group = super::owner(plan.spec.execution).unwrap_or_else(|| nix::unistd::getegid().as_raw());
    [
        (
            "passwd",
            format!(
                "root:x:0:0:root:/nonexistent:/bin/false\nagent:x:{user}:{group}:agent:{HOME}:/bin/bash\n"
            ),
        ),
        ("group", format!("root:x:0:\nagent:x:{group}:\n")),
        ("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n".to_owned()),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n".to_owned()),
    ]
}
