//! What comes out of a run, byte for byte, and what is told about it.

use crate::support::Machine;
use agents::outcome::{Phase, derive};
use domain::executions::{EventBody, ExecutionStatus, OutcomeClass, Stream};

#[tokio::test]
async fn both_streams_come_apart_and_exact() {
    let machine = Machine::new().await;
    let script = r"echo out; echo err >&2; printf 'no end'; printf '\xff\xfe\0 raw' >&2";
    let (said, _) = machine.run(script).await;
    assert_eq!(said.bytes(Stream::Stdout), b"out\nno end", "{said:?}");
    assert_eq!(said.bytes(Stream::Stderr), b"err\n\xff\xfe\0 raw");
    assert_eq!(said.facts().exit_code, Some(0));
    assert_eq!((said.facts().stdout_bytes, said.facts().stderr_bytes), (10, 11));
}

#[tokio::test]
async fn a_run_tells_its_commands_with_their_exit_codes() {
    let machine = Machine::new().await;
    let (said, _) =
        machine.run("echo one\necho two | tr a-z A-Z | cat\nfalse || true\nls /nowhere\necho never").await;
    let commands: Vec<_> =
        said.facts().commands.iter().map(|command| (command.command.as_str(), command.exit_code)).collect();
    assert_eq!(
        commands,
        [
            ("echo one", Some(0)),
            ("echo two | tr a-z A-Z | cat", Some(0)),
            ("false", Some(1)),
            ("true", Some(0)),
            ("ls /nowhere", Some(2)),
        ]
    );
    assert_eq!(said.text(Stream::Stdout), "one\nTWO\n");
    assert!(said.text(Stream::Stderr).contains("/nowhere"), "the trace is not in stderr, its errors are");
    assert_eq!(said.facts().exit_code, Some(2));
    let tools = said.events().filter(|event| matches!(event, EventBody::Tool { .. })).count();
    let finished = said.events().filter(|event| matches!(event, EventBody::ToolFinished { .. })).count();
    assert_eq!((tools, finished), (5, 5));
    assert_eq!(derive(said.facts(), 0).class, OutcomeClass::Failed);
}

#[tokio::test]
async fn an_empty_script_is_accepted_and_ends_empty() {
    let machine = Machine::new().await;
    for script in ["", "  \n", "# nothing to do\n"] {
        let (said, checkout) = machine.run(script).await;
        let changes = machine.store.diff(&checkout).await.unwrap();
        assert!(changes.diff.files.is_empty());
        assert_eq!(derive(said.facts(), 0).class, OutcomeClass::Empty, "{said:?}");
    }
}

#[tokio::test]
async fn the_set_up_script_is_a_phase_of_its_own() {
    let machine = Machine::new().await;
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "cat made");
    spec.setup_script = "echo set up > made; echo working".to_owned();
    let said = machine.run_spec(&spec).await;
    assert_eq!(said.text(Stream::Stdout), "working\nset up\n");
    let details: Vec<_> = said
        .events()
        .filter_map(|event| match event {
            EventBody::Status { status: ExecutionStatus::Running, detail } => Some(detail.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(details, ["running the set-up script", "running the script"]);
    assert_eq!(said.facts().commands.len(), 1, "the evidence is the script's alone");

    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, "echo never");
    spec.setup_script = "exit 7".to_owned();
    let said = machine.run_spec(&spec).await;
    assert_eq!((said.facts().phase, said.facts().exit_code), (Phase::Setup, Some(7)));
    assert!(!said.text(Stream::Stdout).contains("never"));
}

#[tokio::test]
async fn a_line_of_16_mebibytes_passes() {
    let machine = Machine::new().await;
    let (said, _) = machine.run("head -c 16777216 /dev/zero | tr '\\0' x; echo").await;
    let bytes = said.bytes(Stream::Stdout);
    assert_eq!(bytes.len(), 16 * 1024 * 1024 + 1);
    assert!(bytes.iter().rev().skip(1).all(|byte| *byte == b'x'));
    assert_eq!(said.facts().exit_code, Some(0));
}

#[tokio::test]
async fn a_flood_is_cut_once_and_the_run_goes_on() {
    let machine = Machine::new().await;
    let (said, _) = machine.run("head -c 200000000 /dev/zero | tr '\\0' x; echo done > finished").await;
    assert_eq!(said.bytes(Stream::Stdout).len(), 64 * 1024 * 1024);
    let facts = said.facts();
    assert_eq!((facts.exit_code, facts.stdout_bytes), (Some(0), 200_000_000));
    assert_eq!(facts.dropped_bytes, 200_000_000 - 64 * 1024 * 1024);
    assert_eq!(said.events().filter(|event| matches!(event, EventBody::Notice { .. })).count(), 1);
    assert!(said.records.len() < 10_000, "{} records", said.records.len());
}

#[tokio::test]
async fn what_scripts_usually_do_works() {
    let machine = Machine::new().await;
    let script = r#"
        cat <<< "here" | tee >(cat > copy) > /dev/null
        diff <(echo a) <(echo a)
        echo err > /dev/stderr
        file=$(mktemp); echo x > "$file"; rm "$file"
        [ "$(pwd)" = /work ] && [ "$PWD" = /work ] && [ "$HOME" = /home/agent ] && [ "$CI" = 1 ]
        [ "$(whoami)" = agent ]
        touch ~/.cache
        sleep 0.01 & wait
        git checkout -q -b feature; echo more >> README.md; git commit -qam More; git log -1 --format=%an
        trap 'echo bye' EXIT
        f() { local x=1; return 0; }; f
        while read -r line; do echo "$line"; done < <(printf 'l1\nl2\n')
        set -u; exec 200>&-; true
        perl -e 'print "perl\n"'
    "#;
    let (said, _) = machine.run(script).await;
    assert_eq!(said.facts().exit_code, Some(0), "{said:?}");
    assert_eq!(said.text(Stream::Stdout), "Tester\nl1\nl2\nperl\nbye\n");
    assert_eq!(said.text(Stream::Stderr), "err\n");
}
