//! The server is killed together with what it supervised, or while that stands still.

use super::burst::{ask, finished, key, kill};
use super::{Path, get_as, serve, signal};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// By then everything is in its place again.
const RECOVERY: Duration = Duration::from_secs(15);

fn start(address: &str, key: &str, script: &str) -> (u64, String) {
    let new = json!({ "title": "Crash", "script": script, "start": true });
    let (status, task) = ask(address, key, "POST", "/tasks", Some(&new)).unwrap();
    assert_eq!(status, 201, "{task}");
    let number = task["number"].as_u64().unwrap();
    let (_, runs) = ask(address, key, "GET", &format!("/tasks/{number}/executions"), None).unwrap();
    (number, runs["items"][0]["id"].as_str().unwrap().to_owned())
}

/// Waits, for a bounded time, until the resource has this in this field.
fn until(address: &str, key: &str, target: &str, field: &str, wanted: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (_, found) = ask(address, key, "GET", target, None).unwrap();
        if found[field].as_str().is_some_and(|text| text.contains(wanted)) {
            return found;
        }
        assert!(Instant::now() < end, "{target} has no {wanted:?} in {field}: {found}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Processes whose arguments name the execution.
fn processes(execution: &str) -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(execution)
    })
    .map(|entry| entry.file_name().to_str().unwrap().to_owned())
    .collect()
}

fn left_on_disk(data: &Path, execution: &str) -> Vec<std::path::PathBuf> {
    let (mut found, mut queue) = (Vec::new(), vec![data.to_path_buf()]);
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains(execution) {
                found.push(entry.path());
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                queue.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn what_died_with_the_server_is_lost_with_all_it_said_and_the_queue_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let (child, address) = serve(data.path());
    let key = key(data.path());
    let script = "for n in 1 2 3; do echo said $n; done\n(while :; do sleep 1; done) &\nsleep 600";
    let (_, first) = start(&address, &key, script);
    let (_, second) = start(&address, &key, script);
    let (_, queued) = start(&address, &key, "echo at last");
    for execution in [&first, &second] {
        until(&address, &key, &format!("/executions/{execution}"), "stdout", "said 3");
    }
    kill(child);
    for pid in [&first, &second].iter().flat_map(|execution| processes(execution)) {
        // Some end with the others before their turn.
        drop(
            std::process::Command::new("kill")
                .args(["-9", &pid])
                .stderr(std::process::Stdio::null())
                .status(),
        );
    }
    let (child, address) = serve(data.path());
    let back = Instant::now();
    for execution in [&first, &second] {
        let events = finished(&address, &key, execution);
        assert_eq!(events.last().unwrap()["outcome"]["class"], "lost");
        let said = get_as(&address, &key, &format!("/executions/{execution}/log/download"));
        assert!(said.ends_with("said 1\nsaid 2\nsaid 3\n"), "{said}");
    }
    assert!(back.elapsed() < RECOVERY, "{:?}", back.elapsed());
    let events = finished(&address, &key, &queued);
    assert_eq!(events.last().unwrap()["outcome"]["class"], "succeeded");
    for execution in [&first, &second, &queued] {
        let end = Instant::now() + Duration::from_secs(60);
        while !left_on_disk(data.path(), execution).is_empty() || !processes(execution).is_empty() {
            let left = (left_on_disk(data.path(), execution), processes(execution));
            assert!(Instant::now() < end, "{left:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    signal(&child, "TERM");
    let mut child = child;
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_paused_execution_outlives_a_killed_server_and_its_log_is_whole() {
    let data = tempfile::tempdir().unwrap();
    let (child, address) = serve(data.path());
    let key = key(data.path());
    let script = "for n in $(seq 1 200); do echo line $n; sleep 0.01; done\nprintf '\\377\\000' >&2";
    let (task, execution) = start(&address, &key, script);
    let resource = format!("/executions/{execution}");
    until(&address, &key, &resource, "stdout", "line 3");
    let act = |address: &str, action: &str| {
        let (status, answer) =
            ask(address, &key, "POST", &format!("/tasks/{task}/{action}"), Some(&json!({}))).unwrap();
        assert_eq!(status, 202, "{answer}");
    };
    act(&address, "pause");
    let paused = until(&address, &key, &resource, "status", "paused");
    kill(child);
    let (mut child, address) = serve(data.path());
    let still = until(&address, &key, &resource, "status", "paused");
    assert_eq!(still["last_seq"], paused["last_seq"]);
    let (status, refused) =
        ask(&address, &key, "POST", &format!("/tasks/{task}/pause"), Some(&json!({}))).unwrap();
    assert_eq!((status, refused["code"].as_str()), (409, Some("conflict")));
    act(&address, "resume");
    let events = finished(&address, &key, &execution);
    assert_eq!(events.last().unwrap()["outcome"]["class"], "succeeded");
    let lines: String = (1..=200).map(|n| format!("line {n}\n")).collect();
    let stdout = get_as(&address, &key, &format!("{resource}/log/download?stream=stdout"));
    let (head, body) = stdout.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: text/plain; charset=utf-8"), "{head}");
    assert!(head.contains("attachment; filename=\"execution-1.log\""), "{head}");
    assert_eq!(body, lines);
    let stderr = get_as(&address, &key, &format!("{resource}/log/download?stream=stderr"));
    assert!(stderr.ends_with("\r\n\r\n\u{fffd}\0"), "byte for byte, but for the reading here: {stderr:?}");
    let all = get_as(&address, &key, &format!("{resource}/log/download"));
    assert!(all.ends_with("line 200\n\u{fffd}\0"), "{all:?}");
    let (status, refused) =
        ask(&address, &key, "GET", &format!("{resource}/log/download?stream=both"), None).unwrap();
    assert_eq!(status, 422, "{refused}");
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}
