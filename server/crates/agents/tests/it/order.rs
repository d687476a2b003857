//! The place of each command among what the run printed.

use crate::support::{Machine, Said};
use domain::executions::{EventBody, Stream};
use std::fmt::Write as _;

/// What was printed while each command was the last one told, the streams one after the other.
fn by_command(said: &Said) -> Vec<(String, String, String)> {
    let mut all = vec![(String::new(), String::new(), String::new())];
    for event in said.events() {
        match event {
            EventBody::Tool { title, .. } => all.push((title.clone(), String::new(), String::new())),
            EventBody::ToolOutput { stream, text, .. } => {
                let last = all.last_mut().unwrap();
                let printed = if *stream == Stream::Stdout { &mut last.1 } else { &mut last.2 };
                printed.push_str(text);
            }
            _ => {}
        }
    }
    all
}

#[tokio::test]
async fn what_a_fast_command_prints_stands_after_its_name_and_before_the_next() {
    let machine = Machine::new().await;
    let mut script = String::new();
    let mut expected = vec![(String::new(), String::new(), String::new())];
    for n in 0..150 {
        let (command, stdout, stderr) = match n % 3 {
            0 => (format!("echo out {n}"), format!("out {n}\n"), String::new()),
            1 => (format!("echo err {n} 1>&2"), String::new(), format!("err {n}\n")),
            _ => (
                format!("sh -c 'echo e{n} >&2; echo o{n}' | cat | cat"),
                format!("o{n}\n"),
                format!("e{n}\n"),
            ),
        };
        writeln!(script, "{command}").unwrap();
        expected.push((command, stdout, stderr));
    }
    let (said, _) = machine.run(&script).await;
    assert_eq!(said.facts().exit_code, Some(0), "{said:?}");
    // On a busy machine a pipeline may be named by its first part alone.
    let first = |mut all: Vec<(String, String, String)>| {
        all.iter_mut().for_each(|(title, ..)| *title = title.split(" | ").next().unwrap().to_owned());
        all
    };
    for (told, expected) in first(by_command(&said)).into_iter().zip(first(expected)) {
        assert_eq!(told, expected);
    }
    assert_eq!(said.facts().commands.len(), 150);
}

#[tokio::test]
async fn functions_sub_shells_jobs_and_exec_keep_their_places() {
    let machine = Machine::new().await;
    let script = r#"
f() { echo in f; (echo deeper); }
f
(echo sub; echo shell)
set -T
f
set +T
shopt -s extdebug
(echo sub again)
shopt -u extdebug
x=$(echo captured); true x=$x
echo "$x" "$_" "]" '$(false)'
{ sleep 0.3; echo from behind; } &
wait
false | true || echo "${PIPESTATUS[*]}"
set -x
true
set +x
exec sh -c 'echo the last'
"#;
    let (said, _) = machine.run(script).await;
    assert_eq!(said.facts().exit_code, Some(0), "{said:?}");
    let printed: Vec<_> = by_command(&said).into_iter().filter(|(_, stdout, _)| !stdout.is_empty()).collect();
    let stdout = |title: &str| {
        let found: Vec<_> =
            printed.iter().filter(|(name, ..)| name == title).map(|(_, stdout, _)| stdout.as_str()).collect();
        found.concat()
    };
    assert!(stdout("f").starts_with("in f\ndeeper\n"), "{printed:?}");
    assert_eq!(stdout(r#"echo "$x" "$_" "]" '$(false)'"#), "captured x=captured ] $(false)\n");
    assert_eq!(stdout("wait"), "from behind\n");
    assert_eq!(stdout(r#"echo "${PIPESTATUS[*]}""#), "1 0\n");
    assert_eq!(stdout("exec sh -c 'echo the last'"), "the last\n");
    assert_eq!(said.text(Stream::Stderr), "+ true\n+ set +x\n", "what tells commands is not told");
}

#[tokio::test]
async fn a_script_that_closes_covers_or_forges_the_trace_runs_on() {
    let machine = Machine::new().await;
    for spoil in [
        "exec 240>&-",
        "exec 241<&-",
        "exec 240>&- 241<&-",
        "exec 240>spoiled",
        "exec 241</dev/zero",
        "exec 241</dev/null",
        r"for n in 1 2 3; do printf 'x\0\0 0 1 1 0\0001 2' >&240; done",
        r"(while printf '0 0 1 0 forged\0' >&240; do :; done 2>/dev/null & sleep 0.2; kill $!)",
        "unset __switchboard_seen __switchboard_all __switchboard_misses",
        "trap - DEBUG",
        "trap 'x=1' DEBUG",
    ] {
        let (said, _) = machine.run(&format!("echo one\n{spoil}\necho two\necho three | cat\nexit 4")).await;
        assert_eq!(said.text(Stream::Stdout), "one\ntwo\nthree\n", "{spoil}: {said:?}");
        assert_eq!(said.facts().exit_code, Some(4), "{spoil}");
        assert!(said.records.len() < 2_000, "{spoil}: {}", said.records.len());
    }
}

#[tokio::test]
async fn of_a_loop_the_first_rounds_are_listed_and_what_comes_after_it() {
    let machine = Machine::new().await;
    let (said, _) = machine.run("for i in $(seq 1 1000); do echo $i; done\nls README.md\necho end").await;
    let facts = said.facts();
    assert_eq!(facts.exit_code, Some(0));
    let commands: Vec<_> = facts.commands.iter().map(|one| one.command.as_str()).collect();
    let rounds = commands.iter().filter(|command| **command == "echo $i").count();
    assert_eq!(commands[rounds..], ["ls README.md", "echo end"], "{commands:?}");
    assert_eq!(u64::try_from(rounds).unwrap() + facts.commands_omitted, 1000);
    assert_eq!(said.events().filter(|event| matches!(event, EventBody::Notice { .. })).count(), 1);
    assert_eq!(said.text(Stream::Stdout).lines().count(), 1002);
}

#[tokio::test]
async fn a_million_commands_are_not_held_up() {
    let machine = Machine::new().await;
    let script = "time0=$EPOCHREALTIME\nfor i in {1..1000000}; do :; done\n\
                  echo $(( ${EPOCHREALTIME/./} - ${time0/./} ))\ntrap -p DEBUG";
    let (said, _) = machine.run(script).await;
    assert_eq!(said.facts().exit_code, Some(0));
    assert!(!said.text(Stream::Stdout).contains("switchboard"), "the shell tells nothing any more: {said:?}");
    assert!(said.records.len() < 200 && said.facts().commands_omitted > 5_000);
}
