//! Workers that die, and workers that were only thought dead. The worker is a process of its own: this test binary,
//! started again with `another_process` as its only test.

use crate::kinds::{Hold, Linger, Poison, Say};
use crate::support::{PATIENCE, builder, enqueue, start, start_alone, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Stdio;
use std::time::Duration;
use tenancy::{Clock, Database, Options};
use testkit::TestDatabase;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio_util::sync::CancellationToken;

const URL: &str = "JOBS_TEST_URL";
/// What is promised: a dead worker's job runs again within this time.
const PROMISE: Duration = Duration::from_secs(15);

/// The other process: a worker that tells what its jobs say, and opens the gate at each line it reads.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "the other tests start it as a process of its own"]
#[expect(
    clippy::disallowed_methods,
    reason = "the test that starts this process says where, and this process ends by being killed"
)]
async fn another_process() {
    let Ok(url) = std::env::var(URL) else { return };
    let options = Options { url, max_connections: 5, clock: Clock::default() };
    let database = Database::connect(options).await.expect("the database answers");
    let (builder, mut said, gate) = builder(&database);
    tokio::spawn(builder.concurrency(1).build().expect("a worker").run(CancellationToken::new()));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        tokio::select! {
            Some(said) = said.recv() => println!("\nsaid {}", said.word),
            Ok(line) = lines.next_line() => match line {
                Some(_) => gate.add_permits(1),
                None => return,
            },
        }
    }
}

struct Other {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(test: &TestDatabase) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["--exact", "takeover::another_process", "--ignored", "--nocapture"])
            .env(URL, test.app_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the other process starts");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Self { child, input, output }
    }

    /// Waits until its job says this word.
    async fn hear(&mut self, word: &str) {
        let wanted = format!("said {word}");
        let heard = tokio::time::timeout(PATIENCE, async {
            while let Some(line) = self.output.next_line().await.expect("its output is text") {
                if line == wanted {
                    return true;
                }
            }
            false
        });
        assert!(heard.await.expect("it says something in time"), "it ended without saying {word}");
    }

    fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it runs").try_into().expect("a process id");
        kill(Pid::from_raw(id), signal).expect("it can be signalled");
    }
}

async fn repositories(test: &TestDatabase) -> i64 {
    let mut owner = test.owner().await;
    let (count,) = sqlx::query_as("SELECT count(*) FROM repositories").fetch_one(&mut owner).await.unwrap();
    count
}

#[tokio::test]
async fn a_dead_workers_job_is_taken_over() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut first = Other::start(&test);
    enqueue(&test.database, &ada.caller, &Hold { name: "one".to_owned() }).await;
    first.hear("holding").await;
    let mut second = start(&test.database);
    second.gate.add_permits(1);
    first.signal(Signal::SIGKILL);
    let said = second.hear_within(PROMISE).await;
    assert_eq!((said.word.as_str(), said.attempt), ("holding", 2));
    let caller = said.caller.unwrap();
    assert_eq!((caller.workspace(), caller.user()), (ada.workspace.id, Some(ada.person.user())));
    assert_eq!(second.hear().await.word, "written");
    until(&test.database, 0, 0, 0).await;
    assert_eq!(repositories(&test).await, 1);
    second.stop().await;
}

#[tokio::test]
async fn a_frozen_worker_that_thaws_writes_nothing() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut first = Other::start(&test);
    enqueue(&test.database, &ada.caller, &Hold { name: "one".to_owned() }).await;
    first.hear("holding").await;
    let mut second = start(&test.database);
    first.signal(Signal::SIGSTOP);
    assert_eq!(second.hear().await.attempt, 2);
    // While the second one is still at it, the first one goes on: too late.
    first.input.write_all(b"go\n").await.unwrap();
    first.signal(Signal::SIGCONT);
    first.hear("refused").await;
    assert_eq!(repositories(&test).await, 0);
    until(&test.database, 0, 1, 0).await;
    second.gate.add_permits(1);
    assert_eq!(second.hear().await.word, "written");
    until(&test.database, 0, 0, 0).await;
    assert_eq!(repositories(&test).await, 1);
    second.stop().await;
}

#[tokio::test]
async fn a_frozen_worker_that_thaws_ends_no_job_of_another() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut first = Other::start(&test);
    enqueue(&test.database, &ada.caller, &Linger).await;
    first.hear("holding").await;
    let mut second = start_alone(&test.database);
    first.signal(Signal::SIGSTOP);
    assert_eq!(second.hear().await.attempt, 2);
    first.input.write_all(b"go\n").await.unwrap();
    first.signal(Signal::SIGCONT);
    first.hear("done").await;
    // Each does one job at a time, so the first one takes this when it has told the queue about the other.
    enqueue(&test.database, &ada.caller, &Say { word: "free".to_owned() }).await;
    first.hear("free").await;
    until(&test.database, 0, 1, 0).await;
    second.gate.add_permits(1);
    assert_eq!(second.hear().await.word, "done");
    until(&test.database, 0, 0, 0).await;
    second.stop().await;
}

#[tokio::test]
async fn a_job_that_kills_its_worker_does_so_no_oftener_than_it_has_attempts() {
    let test = TestDatabase::new().await;
    let ada = test.owner_of("ada").await;
    let mut first = Other::start(&test);
    enqueue(&test.database, &ada.caller, &Poison).await;
    first.hear("holding").await;
    let second = start(&test.database);
    first.signal(Signal::SIGKILL);
    until(&test.database, 0, 0, 1).await;
    let mut tx = test.database.begin(&ada.caller).await.unwrap();
    let listed = jobs::failed_of(&mut tx).await.unwrap();
    assert_eq!(
        listed.first().map(|failed| (failed.name.as_str(), failed.attempts)),
        Some(("tests.poison", 1))
    );
    drop(tx);
    second.stop().await;
}
