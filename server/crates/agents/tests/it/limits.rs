//! Scripts that take too much, or won't end.

use crate::support::{Machine, Said, gone, running};
use agents::outcome::derive;
use agents::{Cause, Control, Limits};
use domain::executions::OutcomeClass;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

fn class(said: &Said) -> OutcomeClass {
    derive(said.facts(), 1).class
}

#[tokio::test]
async fn one_that_hangs_is_cancelled() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, "echo ready; sleep 7301.01");
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    machine.launcher.control(spec.execution, Control::Cancel).await.unwrap();
    said.rest(&mut attachment).await;
    assert_eq!(said.facts().cause, Some(Cause::Cancelled));
    assert_eq!(class(&said), OutcomeClass::Cancelled);
    assert!(!running("7301.01"));
}

#[tokio::test]
async fn term_is_asked_before_kill_is_done() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec =
        machine.spec(&checkout, "trap 'echo tidying; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    spec.limits.grace = Duration::from_secs(60);
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    machine.launcher.control(spec.execution, Control::Cancel).await.unwrap();
    said.rest(&mut attachment).await;
    assert!(said.text(domain::executions::Stream::Stdout).contains("tidying"));
    assert_eq!((said.facts().exit_code, class(&said)), (Some(3), OutcomeClass::Cancelled));
}

#[tokio::test]
async fn one_that_ignores_term_is_killed_after_its_grace() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let script =
        "trap '' TERM; (trap '' TERM; sleep 7302.01) & echo ready; while :; do sleep 7302.02 || :; done";
    let spec = machine.spec(&checkout, script);
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    machine.launcher.control(spec.execution, Control::Cancel).await.unwrap();
    said.rest(&mut attachment).await;
    assert_eq!(said.facts().cause, Some(Cause::Cancelled));
    assert!(!running("7302.01") && !running("7302.02"));
}

#[tokio::test]
async fn a_grandchild_in_the_background_ends_with_the_script() {
    let machine = Machine::new().await;
    let script = "(setsid sleep 7303.01 & setsid sh -c 'sleep 7303.02 & sleep 7303.03' &) ; echo over";
    let (said, _) = machine.run(script).await;
    assert_eq!(said.facts().exit_code, Some(0));
    // By the last record nothing is left, and not a moment later.
    assert!(!running("7303.0"));
}

#[tokio::test]
async fn a_fork_bomb_is_held_and_cleared() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec =
        machine.spec(&checkout, "bomb() { bomb 7304.01 | bomb 7304.01 & }; bomb; while :; do :; done");
    spec.limits = Limits { processes: 64, wall: Duration::from_secs(2), ..spec.limits };
    let said = machine.run_spec(&spec).await;
    assert_ne!(class(&said), OutcomeClass::Succeeded, "{:?}", said.facts());
    gone(&spec.execution.to_string()).await;
}

#[tokio::test]
async fn a_memory_hog_is_out_of_memory() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "echo ready; tail /dev/zero");
    spec.limits.memory_bytes = 96 * MIB;
    let said = machine.run_spec(&spec).await;
    assert_eq!(said.facts().cause, Some(Cause::Memory { limit_bytes: 96 * MIB }), "{:?}", said.facts());
    assert_eq!(class(&said), OutcomeClass::OutOfMemory);
}

#[tokio::test]
async fn filling_the_disk_ends_it_and_says_so() {
    let machine = Machine::new().await;
    let scripts = [
        "i=0; while :; do head -c 4000000 /dev/zero > file$i; i=$((i + 1)); done",
        "head -c 900000000 /dev/zero > one",
        "i=0; while :; do head -c 4000000 /dev/zero > /tmp/file$i; i=$((i + 1)); done",
        "i=0; while :; do head -c 4000000 /dev/zero > /dev/shm/file$i; i=$((i + 1)); done",
        // Folders that can't be listed, or are too deep to be named.
        "mkdir d; cd d; i=0; while :; do head -c 4000000 /dev/zero > file$i; i=$((i + 1)); chmod 300 .; done",
        "for i in $(seq 1 30); do n=$(printf 'x%.0s' $(seq 1 200)); mkdir $n; cd $n; done
         i=0; while :; do head -c 4000000 /dev/zero > file$i; i=$((i + 1)); done",
        // Files that have no name any more.
        "for i in $(seq 1 100); do exec {file}> gone; rm gone; head -c 4000000 /dev/zero >&$file; done; sleep 7306.01",
    ];
    for script in scripts {
        let checkout = machine.check_out().await;
        let mut spec = machine.spec(&checkout, script);
        spec.limits.disk_bytes = 24 * MIB;
        let said = machine.run_spec(&spec).await;
        assert_eq!(
            said.facts().cause,
            Some(Cause::Disk { limit_bytes: 24 * MIB }),
            "{script}: {:?}",
            said.facts()
        );
        let outcome = derive(said.facts(), 1);
        assert_eq!(outcome.class, OutcomeClass::Failed);
        assert!(outcome.reason.contains("disk"), "{}", outcome.reason);
        machine.store.remove(checkout.execution).await.unwrap();
    }
}

#[tokio::test]
async fn time_is_up_at_the_wall_limit_or_when_nothing_comes() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "sleep 7305.01");
    spec.limits.wall = Duration::from_millis(1000);
    let said = machine.run_spec(&spec).await;
    assert_eq!(class(&said), OutcomeClass::TimedOut);

    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "while :; do sleep 7305.02; done");
    spec.limits.stall = Some(Duration::from_millis(500));
    let said = machine.run_spec(&spec).await;
    assert_eq!(class(&said), OutcomeClass::Stalled);
    assert!(!running("7305.0"));
}
