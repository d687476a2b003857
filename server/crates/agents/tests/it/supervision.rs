//! A supervisor and those who come, go, and die around it.

use crate::support::{Machine, Said, gone, groups, running, supervisor};
use agents::{AttachError, Cause, Control, LaunchError};
use domain::executions::{EventBody, ExecutionStatus, Stream};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::Duration;

const COUNTING: &str = "for i in $(seq 1 2000); do echo line $i; done; sleep 0.3; echo last";

#[tokio::test]
async fn a_reader_that_comes_back_reads_on_without_loss_or_double() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, COUNTING);
    let mut said = Said::default();
    let mut attachment = machine.start(&spec).await;
    // Three readers, one after the other, each dropped in the middle; `Said` refuses a gap and a double.
    for wanted in ["line 1\n", "line 500\n", "line 2000\n"] {
        said.until(&mut attachment, wanted).await;
        let after = said.records.last().unwrap().seq;
        attachment = machine.launcher.attach(spec.execution, after).await.unwrap();
    }
    said.rest(&mut attachment).await;
    let expected: String = (1..=2000).map(|i| format!("line {i}\n")).collect::<String>() + "last\n";
    assert_eq!(said.text(Stream::Stdout), expected);

    // Once the supervisor is gone the same is read from what it left.
    gone(&spec.execution.to_string()).await;
    assert!(!machine.launcher.is_alive(spec.execution));
    let mut later = machine.launcher.attach(spec.execution, 2).await.unwrap();
    let mut rest = Vec::new();
    while let Some(record) = later.next().await.unwrap() {
        rest.push(record);
    }
    assert_eq!(rest, said.records[2..]);
}

#[tokio::test]
async fn launching_again_does_nothing() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, "echo once >> count; sleep 0.2");
    let both = tokio::join!(machine.launcher.launch(&spec), machine.launcher.launch(&spec));
    both.0.unwrap();
    both.1.unwrap();
    let said = machine.run_spec(&spec).await;
    assert_eq!(said.facts().exit_code, Some(0));
    let again = machine.run_spec(&spec).await;
    assert_eq!(again.records, said.records);
    assert_eq!(std::fs::read_to_string(checkout.worktree.join("count")).unwrap(), "once\n");
    gone(&spec.execution.to_string()).await;
    machine.launcher.forget(spec.execution).await.unwrap();
    assert!(matches!(machine.launcher.attach(spec.execution, 0).await, Err(AttachError::Unknown)));
}

#[tokio::test]
async fn a_killed_supervisor_takes_the_sandbox_with_it_and_is_lost() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let script =
        "setsid sleep 7401.01 & trap '' TERM HUP INT; echo ready; while :; do sleep 7401.02 || :; done";
    let spec = machine.spec(&checkout, script);
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    assert!(running("7401.01"));
    kill(Pid::from_raw(supervisor(spec.execution)), Signal::SIGKILL).unwrap();
    loop {
        match attachment.next().await {
            Ok(Some(record)) => said.records.push(record),
            Ok(None) => panic!("it had no last word"),
            Err(AttachError::Lost) => break,
            Err(other) => panic!("{other}"),
        }
    }
    gone("7401.0").await;
    assert!(matches!(
        machine.launcher.control(spec.execution, Control::Cancel).await,
        Err(agents::launcher::ControlError::Ended)
    ));
    // What it said stays readable, as often as one likes.
    let mut again = machine.launcher.attach(spec.execution, 0).await.unwrap();
    for record in &said.records {
        assert_eq!(again.next().await.unwrap().as_ref(), Some(record));
    }
    assert!(matches!(again.next().await, Err(AttachError::Lost)));
    machine.launcher.forget(spec.execution).await.unwrap();
    assert_eq!(groups(spec.execution), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn paused_it_does_not_move_and_waits_for_its_server() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "echo ready; sleep 0.5; echo moved");
    spec.limits.orphan_after = Duration::from_secs(3);
    spec.limits.wall = Duration::from_secs(3);
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    machine.launcher.control(spec.execution, Control::Pause).await.unwrap();
    let is = |said: &Said, wanted| {
        said.events().any(|event| matches!(event, EventBody::Status { status, .. } if *status == wanted))
    };
    while !is(&said, ExecutionStatus::Paused) {
        assert!(said.next(&mut attachment).await);
    }
    // No server is there for longer than the limits allow a run that is not paused.
    drop(attachment);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut attachment =
        machine.launcher.attach(spec.execution, said.records.last().unwrap().seq).await.unwrap();
    machine.launcher.control(spec.execution, Control::Resume).await.unwrap();
    said.rest(&mut attachment).await;
    assert_eq!((said.facts().exit_code, &said.facts().cause), (Some(0), &None));
    let order: Vec<_> = said
        .events()
        .filter_map(|event| match event {
            EventBody::Status { detail, .. } => Some(detail.clone()),
            EventBody::ToolOutput { text, .. } => Some(text.trim().to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["running the script", "ready", "paused", "running again", "moved"]);
}

#[tokio::test]
async fn without_a_server_it_stops() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "sleep 7402.01");
    spec.limits.orphan_after = Duration::from_millis(300);
    machine.launcher.launch(&spec).await.unwrap();
    gone(&spec.execution.to_string()).await;
    assert!(!running("7402.01"));
    let mut attachment = machine.launcher.attach(spec.execution, 0).await.unwrap();
    let mut said = Said::default();
    said.rest(&mut attachment).await;
    assert_eq!(said.facts().cause, Some(Cause::Orphaned { seconds: 0 }));
}

#[tokio::test]
async fn a_folder_with_a_long_name_is_no_hindrance() {
    let machine = Machine::at(&"long".repeat(40)).await;
    let (said, _) = machine.run("echo fine").await;
    assert_eq!(said.text(Stream::Stdout), "fine\n");
}

#[tokio::test]
async fn without_namespaces_it_starts_only_where_the_operator_allows_it() {
    let mut machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, "git log --format=%s; cat /etc/shadow; echo never");
    let mut isolation = machine.launcher.isolation().clone();
    isolation.bubblewrap = None;
    machine.weaken(isolation.clone());
    assert!(matches!(machine.launcher.launch(&spec).await, Err(LaunchError::Weak)));
    isolation.allow_weak = true;
    machine.weaken(isolation);
    if nix::unistd::geteuid().is_root() {
        assert!(matches!(machine.launcher.launch(&spec).await, Err(LaunchError::WeakAsRoot)));
        return;
    }
    let mut networked = machine.spec(&checkout, "true");
    networked.network = domain::repositories::Network::Full;
    assert!(matches!(machine.launcher.launch(&networked).await, Err(LaunchError::Network)));
    let said = machine.run_spec(&spec).await;
    assert_eq!(said.text(Stream::Stdout), "First\n", "{said:?}");
    let elsewhere = machine.check_out().await;
    let escape = format!(
        "setsid sleep 7403.01 & cat {} || echo refused; echo x > {}/x || echo refused",
        machine.folder.path().join("repositories/example/README.md").display(),
        elsewhere.worktree.display()
    );
    let checkout = machine.check_out().await;
    let said = machine.run_spec(&machine.spec(&checkout, &escape)).await;
    assert_eq!(said.text(Stream::Stdout), "refused\nrefused\n", "{said:?}");
    assert!(!running("7403.01"));
}

#[tokio::test]
async fn a_shutdown_is_said_before_it_is_done() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, "echo ready; sleep 7404.01");
    let mut attachment = machine.start(&spec).await;
    let mut said = Said::default();
    said.until(&mut attachment, "ready").await;
    kill(Pid::from_raw(supervisor(spec.execution)), Signal::SIGTERM).unwrap();
    said.rest(&mut attachment).await;
    assert_eq!(said.facts().cause, Some(Cause::Shutdown));
    assert!(!running("7404.01"));
}

#[tokio::test]
async fn a_sandbox_that_can_not_be_made_says_why() {
    let mut machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let spec = machine.spec(&checkout, "echo never");
    let mut isolation = machine.launcher.isolation().clone();
    isolation.bubblewrap = Some("/nowhere/bwrap".into());
    machine.weaken(isolation);
    let said = machine.run_spec(&spec).await;
    let Some(Cause::Sandbox { reason }) = &said.facts().cause else { panic!("{said:?}") };
    assert!(reason.contains("/nowhere/bwrap"), "{reason}");
}
