//! The server is killed in a burst of writes and in the middle of an execution: whatever it acknowledged is there
//! afterwards, and what runs is read on without a lost or doubled line.

use super::{Child, Path, Stdio, program, serve, signal};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Times that the server is killed.
const KILLS: u64 = 3;
const WRITERS: usize = 4;

/// One request; `None` where no whole answer came back, so that nothing was acknowledged.
pub(super) fn ask(
    address: &str,
    key: &str,
    method: &str,
    target: &str,
    body: Option<&Value>,
) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} /api/v1{target} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    // Chunked or not, the object is what stands between the outermost braces.
    let body = body.get(body.find('{')?..=body.rfind('}')?)?;
    Some((status, serde_json::from_str(body).ok()?))
}

pub(super) fn key(data: &Path) -> String {
    let made = program(data)
        .args(["key", "create", "--workspace", "burst", "--name", "writer"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(made.status.success());
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

pub(super) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Writes until the server is gone; gives the titles that were acknowledged.
fn write(address: String, key: Arc<String>, name: String, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let title = format!("{name} {number}");
        match ask(&address, &key, "POST", "/tasks", Some(&json!({ "title": title }))) {
            Some((201, task)) => {
                assert_eq!(task["title"], title.as_str());
                acknowledged.push(title);
            }
            Some((429 | 503, _)) => std::thread::sleep(Duration::from_millis(20)),
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    acknowledged
}

fn titles(address: &str, key: &str) -> Vec<String> {
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) =
            ask(address, key, "GET", &format!("/tasks?limit=200&cursor={cursor}"), None).unwrap();
        assert_eq!(status, 200, "{page}");
        titles.extend(
            page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return titles,
        }
    }
}

#[test]
fn every_acknowledged_write_survives_a_kill_in_the_burst() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, mut address) = serve(data.path());
    let key = Arc::new(key(data.path()));
    let mut acknowledged = Vec::new();
    for round in 0..KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (address, key, stop) = (address.clone(), Arc::clone(&key), Arc::clone(&stop));
                std::thread::spawn(move || {
                    write(address, key, format!("round {round} writer {writer}"), stop)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(300 + round * 211));
        kill(child);
        stop.store(true, Ordering::Relaxed);
        acknowledged.extend(writers.into_iter().flat_map(|writer| writer.join().unwrap()));
        (child, address) = serve(data.path());
        let kept = titles(&address, &key);
        let lost: Vec<_> = acknowledged.iter().filter(|title| !kept.contains(title)).collect();
        assert_eq!(lost, Vec::<&String>::new());
        let mut once = kept.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), kept.len(), "none twice");
    }
    assert!(acknowledged.len() > 10, "{} writes prove nothing", acknowledged.len());
    let (_, feed) = ask(&address, &key, "GET", "/changes?after=0&limit=200", None).unwrap();
    let seqs: Vec<i64> =
        feed["items"].as_array().unwrap().iter().map(|change| change["seq"].as_i64().unwrap()).collect();
    assert_eq!(seqs, (1..=i64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>(), "the feed has no gap");
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}

/// All events of an execution that has ended.
pub(super) fn finished(address: &str, key: &str, execution: &str) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(60);
    let (mut events, mut after) = (Vec::new(), 0);
    while Instant::now() < until {
        let target = format!("/executions/{execution}/events?after={after}&limit=1000");
        let (status, page) = ask(address, key, "GET", &target, None).unwrap();
        assert_eq!(status, 200, "{page}");
        events.extend(page["items"].as_array().unwrap().iter().cloned());
        after = page["next_after"].as_i64().unwrap();
        if page["finished"] == true {
            return events;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it did not end in time: {events:#?}");
}

#[test]
fn a_running_execution_is_read_on_after_kills() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, mut address) = serve(data.path());
    let key = key(data.path());
    let script = "for n in $(seq 1 300); do echo line $n; sleep 0.02; done";
    let new = json!({ "title": "Count", "script": script, "start": true });
    let (status, task) = ask(&address, &key, "POST", "/tasks", Some(&new)).unwrap();
    assert_eq!(status, 201, "{task}");
    let (_, runs) = ask(&address, &key, "GET", "/tasks/1/executions", None).unwrap();
    let execution = runs["items"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(1_200));
        kill(child);
        (child, address) = serve(data.path());
    }
    let events = finished(&address, &key, &execution);
    assert!(events.iter().zip(1..).all(|(event, seq)| event["seq"] == seq), "gapless");
    let said: String = events
        .iter()
        .filter(|event| event["kind"] == "tool_output" && event["stream"] == "stdout")
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert_eq!(said, (1..=300).map(|n| format!("line {n}\n")).collect::<String>());
    assert_eq!(events.last().unwrap()["outcome"]["class"], "succeeded");
    signal(&child, "TERM");
    assert!(child.wait().unwrap().success());
}
