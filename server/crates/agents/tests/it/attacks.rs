//! Attacks from inside a real sandbox. Each must fail; where it matters the same attempt is shown to work outside,
//! so that a test which can't fail does not pass for one that holds.

use crate::support::{Machine, Said, git};
use agents::Checkout;
use domain::executions::Stream;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The probe, built with the machine's C compiler.
fn probe(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/probe.c");
    let program = folder.join("probe");
    let built = Command::new("cc").arg("-o").arg(&program).arg(source).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    program
}

/// Names of what the probe could do.
fn possible(output: &str) -> Vec<&str> {
    let lines: Vec<_> = output.lines().filter_map(|line| line.split_once(' ')).collect();
    lines.into_iter().filter(|(_, result)| !result.starts_with("-1 ")).map(|(name, _)| name).collect()
}

/// Runs a script that prints `broken` for each attack that worked, as a plain word on a line.
async fn attack(machine: &Machine, checkout: &Checkout, script: &str) -> Said {
    let said = machine.run_spec(&machine.spec(checkout, script)).await;
    let output = said.text(Stream::Stdout);
    assert!(output.contains("over"), "it did not come to its end: {said:?}");
    assert!(!output.contains("broken"), "{output}");
    said
}

#[tokio::test]
async fn system_calls_and_sockets_are_refused() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let program = probe(machine.folder.path());
    let socket = machine.folder.path().join(".s.PGSQL.5432");
    let listener = UnixListener::bind(&socket).unwrap();
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o777)).unwrap();
    let name = format!("switchboard-test-{}", checkout.execution);
    let hidden = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    hidden.set_nonblocking(true).unwrap();
    tcp.set_nonblocking(true).unwrap();
    let port = tcp.local_addr().unwrap().port();

    // Outside the same program finds all three, and is a stranger to none.
    let outside =
        Command::new(&program).arg(&socket).arg(format!("@{name}")).arg(port.to_string()).output().unwrap();
    let outside = String::from_utf8_lossy(&outside.stdout).into_owned();
    for name in ["unix", "abstract", "tcp", "ptrace_attach", "keyctl", "inet", "netlink", "process_vm_readv"]
    {
        assert!(possible(&outside).contains(&name), "{name} should work outside: {outside}");
    }
    listener.accept().unwrap();
    hidden.accept().unwrap();
    tcp.accept().unwrap();

    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::copy(&program, checkout.worktree.join("probe")).unwrap();
    let script =
        format!("./probe {} @{name} {port}; (exec 5<>/dev/tcp/127.0.0.1/{port}) || true", socket.display());
    let said = machine.run_spec(&machine.spec(&checkout, &script)).await;
    let inside = said.text(Stream::Stdout);
    assert_eq!(possible(&inside), Vec::<&str>::new(), "{inside}");
    assert!(inside.lines().count() > 30, "the probe did not come to its end: {inside}");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(hidden.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(tcp.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn nothing_of_the_host_can_be_read() {
    let machine = Machine::new().await;
    let other = machine.check_out().await;
    std::fs::write(other.worktree.join("other.txt"), "another's work").unwrap();
    let secret = machine.folder.path().join("data/secret.key");
    std::fs::write(&secret, "the server's secret").unwrap();
    for path in [&secret, &other.worktree.join("other.txt")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o666)).unwrap();
    }
    // A key that is really there, where the one who runs the tests has none of their own.
    let checkout = machine.check_out().await;
    let home = std::env::home_dir().unwrap();
    let script = format!(
        "set +e
         for path in {secret} {other}/other.txt {other} {data} {data}/executions {data}/mirrors /etc/shadow /etc/gshadow \
             /etc/ssh /etc/postgresql {home}/.ssh {home}/.cargo /root/.ssh /root /home/postgres /var/run /var/lib /var/log \
             /run/postgresql /sys /mnt /opt /boot /proc/1/environ /proc/1/root/etc /proc/1/mem /proc/kcore \
             /dev/vda /dev/sda /dev/mem /dev/kmsg; do
           if [ -d $path ]; then ls $path/* >/dev/null 2>&1 && [ -n \"$(ls -A $path)\" ] && echo broken $path
           else head -c1 $path >/dev/null 2>&1 && [ -n \"$(head -c1 $path | tr -d '\\0')\" ] && echo broken $path; fi
         done
         cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n' | grep -E 'CARGO|RUST|{user}' && echo broken environ
         env | grep -E 'CARGO|RUST|DATABASE' && echo broken env
         ls /proc | grep -c '^[0-9]' | (read count; [ $count -lt 12 ] || echo broken processes $count)
         [ $(id -u) != 0 ] || echo broken root
         echo over",
        secret = secret.display(),
        other = other.worktree.display(),
        data = machine.folder.path().join("data").display(),
        user = "SWITCHBOARD_SECRET",
        home = home.display(),
    );
    attack(&machine, &checkout, &script).await;
}

#[tokio::test]
async fn nothing_of_the_host_can_be_written() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mirror = checkout.objects.parent().unwrap().to_path_buf();
    let before = std::fs::read_dir(&mirror).unwrap().count();
    let script = format!(
        "set +e
         for path in /mirror/objects/x /mirror/hooks/post-checkout /mirror/objects/../hooks/pre-receive \
             /mirror/config /usr/bin/x /etc/x /etc/passwd /x /run/x \
             /run/switchboard/script /run/switchboard/sandbox /home/x /dev/x /proc/sys/kernel/core_pattern \
             /proc/sysrq-trigger /proc/self/oom_score_adj; do
           (mkdir -p $(dirname $path); echo x > $path) 2>/dev/null && echo broken $path
         done
         # Inside these are paths of a private /tmp: that they come to nothing is seen outside.
         for path in {mirror}/hooks/update {mirror}/x {data}/x; do
           (mkdir -p $(dirname $path); echo x > $path) 2>/dev/null
         done
         rm -rf /mirror/objects/* /usr/bin/env 2>/dev/null
         [ -e /usr/bin/env ] || echo broken usr
         git log --oneline | grep -q First || echo broken history
         echo change >> README.md; git add . && git commit -qm Inside || echo broken commit
         echo over",
        mirror = mirror.display(),
        data = machine.folder.path().join("data").display(),
    );
    attack(&machine, &checkout, &script).await;
    assert_eq!(std::fs::read_dir(&mirror).unwrap().count(), before);
    assert!(!machine.folder.path().join("data/x").exists());
    git(&mirror, &["-c", "safe.directory=*", "--git-dir=.", "fsck", "--strict"]);
    // What was committed inside is in the diff as any other change, and the mirror knows nothing of it.
    let changes = machine.store.diff(&checkout).await.unwrap();
    assert_eq!(changes.diff.files.len(), 1);
    assert_eq!(git(&mirror, &["-c", "safe.directory=*", "--git-dir=.", "rev-parse", "main"]), checkout.base);
}

#[tokio::test]
async fn links_out_of_the_worktree_lead_nowhere_inside_or_for_the_diff() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let outside = machine.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("main.txt"), "a secret outside\n").unwrap();
    let script = format!(
        "set +e
         ln -s {outside}/main.txt file; ln -s ../../../../outside/main.txt up; ln -s /etc/shadow shadow
         rm -r src; ln -s {outside} src; ln -s /proc/self/root/etc/passwd proc
         ln -sf {outside}/main.txt .gitignore; mkfifo pipe
         cat file up shadow src/main.txt 2>/dev/null && echo broken
         echo over",
        outside = outside.display(),
    );
    attack(&machine, &checkout, &script).await;
    let changes = machine.store.diff(&checkout).await.unwrap();
    let text = format!("{:?}", changes.diff);
    assert!(!text.contains("a secret outside") && !text.contains("root:"), "{text}");
    let paths: Vec<_> = changes.diff.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [".gitignore", "file", "proc", "shadow", "src", "src/main.txt", "up"], "{text}");
    assert!(text.contains("+/etc/shadow"));
}

#[tokio::test]
async fn nothing_that_a_tree_configures_is_run_by_the_host() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let canary = machine.folder.path().join("canary");
    // What git adds to a command is swallowed by the comment.
    let evil = format!("touch {} #", canary.display());
    let script = format!(
        "set +e
         hostile() {{
           for key in core.fsmonitor core.sshCommand core.pager core.editor diff.external diff.x.command diff.x.textconv \
               filter.x.clean filter.x.smudge filter.x.process uploadpack.packObjectsHook core.gitProxy core.askPass \
               gc.auto alias.diff-files credential.helper; do
             git -C $1 config $key '{evil}'
           done
           git -C $1 config filter.x.required true
           mkdir -p $1/.git/hooks; git -C $1 config core.hooksPath .git/hooks
           for hook in post-checkout pre-commit post-index-change reference-transaction fsmonitor-watchman; do
             printf '#!/bin/sh\\n{evil}\\n' > $1/.git/hooks/$hook; chmod +x $1/.git/hooks/$hook
           done
         }}
         printf '* filter=x diff=x merge=x ident\\n*.txt text eol=crlf working-tree-encoding=UTF-16\\n' > .gitattributes
         hostile .
         git init -q nested; hostile nested; echo inner > nested/inner.txt; (cd nested; git add .; git commit -qm In)
         git init -q hollow
         mkdir .GIT 'git~1' 'a\\b'; touch .GIT/x 'git~1/x' 'a\\b/c'
         mkdir fake; echo 'gitdir: {data}/mirrors' > fake/.git; echo f > fake/f.txt
         printf '[submodule \"s\"]\\n path = s\\n url = ext::sh -c {touch}\\n update = !{evil}\\n' > .gitmodules
         echo 'changed' >> src/main.txt; echo new > 'new file.txt'
         echo over",
        data = machine.folder.path().join("data").display(),
        touch = evil.replace(' ', "% "),
    );
    attack(&machine, &checkout, &script).await;
    let changes = machine.store.diff(&checkout).await.unwrap();
    assert!(!canary.exists());
    // An unguarded git in that tree does run what it configures.
    let unguarded = ["-c", "safe.directory=*", "status"];
    Command::new("git").args(unguarded).current_dir(&checkout.worktree).output().unwrap();
    assert!(canary.exists());
    let paths: Vec<_> = changes.diff.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            ".gitattributes",
            ".gitmodules",
            "a\\b/c",
            "fake/f.txt",
            "nested/inner.txt",
            "new file.txt",
            "src/main.txt"
        ]
    );
    let main = changes.diff.files.iter().find(|file| file.path == "src/main.txt").unwrap();
    assert_eq!((main.insertions, main.patch.as_str()), (1, "@@ -1 +1,2 @@\n hello\n+changed\n"));
}
