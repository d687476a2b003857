//! A worker on a database, a data folder and a repository of the test's own.

use agents::{GitStore, Launcher, Limits};
use backend::executions::{self, Runner, Settings, Watchers, WorkerId};
use backend::{repositories, tasks};
use domain::executions::{EventBody, Execution, ExecutionEvent};
use domain::repositories::{NewRepository, Repository};
use domain::tasks::{Agent, NewTask, Task};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use testkit::{Signed, TestDatabase};
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes, also on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Workshop {
    pub(crate) house: TestDatabase,
    pub(crate) owner: Signed,
    pub(crate) data: TempDir,
    pub(crate) roots: TempDir,
    pub(crate) watchers: Watchers,
}

/// A worker that is at work until it is told to stop, or dropped as if it were killed.
pub(crate) struct AtWork {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl AtWork {
    /// Ends at once, with everything it was doing, and gives nothing up.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Stops as a server does that ends in order.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

impl Workshop {
    pub(crate) async fn open() -> Self {
        let house = TestDatabase::new().await;
        let owner = house.owner_of("a").await;
        let (data, roots) = (folder(), folder());
        Self { house, owner, data, roots, watchers: Watchers::default() }
    }

    pub(crate) fn store(&self) -> GitStore {
        GitStore::new(self.data.path().to_owned(), vec![self.roots.path().to_owned()])
    }

    /// Starts a worker with as many slots.
    #[expect(clippy::disallowed_methods, reason = "`AtWork` waits for it")]
    pub(crate) fn work(&self, slots: usize) -> AtWork {
        let ids = self.house.database.ids().clone();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_switchboard"));
        let runner = Runner::new(Settings {
            database: self.house.database.clone(),
            launcher: Launcher::new(program, self.data.path().to_owned(), agents::isolation::detect()),
            repositories: self.store(),
            watchers: self.watchers.clone(),
            worker: WorkerId::take(self.data.path(), || ids.make()).unwrap(),
            slots,
            memory_reserve: 0,
            limits: Limits {
                wall: Duration::from_secs(120),
                grace: Duration::from_millis(500),
                ..Limits::default()
            },
            readable: Vec::new(),
            custom_agent: Some(scripted_agent()),
            reachable: vec!["127.0.0.77/32".parse().unwrap()],
        });
        let stop = CancellationToken::new();
        AtWork { stop: stop.clone(), task: tokio::spawn(runner.run(stop)) }
    }

    /// A repository with one commit, known to the workspace.
    pub(crate) async fn repository(&self, setup_script: &str) -> Repository {
        let path = self.roots.path().join("web");
        std::fs::create_dir(&path).unwrap();
        std::fs::write(path.join("README.md"), "# Web\n").unwrap();
        git(&path, &["init", "--quiet", "--initial-branch", "main"]);
        git(&path, &["add", "--all"]);
        git(&path, &["commit", "--quiet", "--message", "First"]);
        let url = path.to_str().unwrap().to_owned();
        let found = repositories::inspect(&self.store(), &self.owner.caller, &url).await.unwrap();
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        let new =
            NewRepository { url, setup_script: Some(setup_script.to_owned()), ..NewRepository::default() };
        let repository = repositories::create(&mut tx, new, found).await.unwrap();
        tx.commit().await.unwrap();
        repository
    }

    /// Queues a script.
    pub(crate) async fn start(&self, script: &str, repository: Option<&Repository>) -> (Task, Execution) {
        self.start_agent(Agent::Shell, script, repository).await
    }

    /// Queues steps of the scripted agent.
    pub(crate) async fn start_scripted(&self, steps: &str) -> (Task, Execution) {
        self.start_agent(Agent::Custom, steps, None).await
    }

    async fn start_agent(
        &self,
        agent: Agent,
        script: &str,
        repository: Option<&Repository>,
    ) -> (Task, Execution) {
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        let new = NewTask {
            title: script.lines().next().unwrap_or("nothing").chars().take(50).collect::<String>() + ".",
            script: Some(script.to_owned()),
            agent: Some(agent),
            repository: repository.map(|repository| repository.id.to_string()),
            start: true,
            ..NewTask::default()
        };
        let task = tasks::create(&mut tx, new).await.unwrap();
        let execution = executions::list(&mut tx, task.id).await.unwrap().remove(0);
        tx.commit().await.unwrap();
        (task, execution)
    }

    pub(crate) async fn execution(&self, of: &Execution) -> Execution {
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        executions::get(&mut tx, of.id).await.unwrap()
    }

    pub(crate) async fn task(&self, of: &Task) -> Task {
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        tasks::get(&mut tx, of.id.into()).await.unwrap()
    }

    /// The task's last execution.
    pub(crate) async fn newest(&self, task: &Task) -> Execution {
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        executions::list(&mut tx, task.id).await.unwrap().remove(0)
    }

    /// The process that supervises an execution.
    pub(crate) fn supervisor(&self, of: &Execution) -> Option<i32> {
        let folder = self.data.path().join("executions").join(of.id.to_string());
        std::fs::read_dir("/proc").unwrap().flatten().find_map(|process| {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let ours = line.contains(" supervise ") && line.contains(folder.to_str().unwrap());
            ours.then(|| process.file_name().to_str().unwrap().parse().unwrap())
        })
    }

    pub(crate) fn kill_supervisor(&self, of: &Execution) {
        let pid = self.supervisor(of).expect("it lives").to_string();
        assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    }

    /// Waits until none of these processes is there, but as one that nobody has asked about yet.
    pub(crate) async fn gone(&self, pids: &[i32]) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while stats().iter().any(|(pid, fields)| pids.contains(pid) && fields[0] != "Z") {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        waited.await.expect("its processes are gone");
    }

    pub(crate) async fn act(&self, task: &Task, action: Action) {
        let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
        match action {
            Action::Cancel => tasks::cancel(&mut tx, task.id).await.unwrap(),
            Action::Pause => tasks::pause(&mut tx, task.id).await.unwrap(),
            Action::Resume => tasks::resume(&mut tx, task.id).await.unwrap(),
            Action::Retry => tasks::retry(&mut tx, task.id).await.unwrap(),
        };
        tx.commit().await.unwrap();
    }

    /// All events so far.
    pub(crate) async fn events(&self, of: &Execution) -> Vec<ExecutionEvent> {
        let mut all = Vec::new();
        loop {
            let mut tx = self.house.database.begin(&self.owner.caller).await.unwrap();
            let after = all.len().try_into().unwrap();
            let page = executions::events(&mut tx, of.id, after, 1_000).await.unwrap();
            if page.items.is_empty() {
                return all;
            }
            all.extend(page.items);
        }
    }

    /// Waits until the events say so.
    pub(crate) async fn until(
        &self,
        of: &Execution,
        said: impl Fn(&EventBody) -> bool,
    ) -> Vec<ExecutionEvent> {
        let mut told = self.watchers.watch(of.id);
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let events = self.events(of).await;
                if events.iter().any(|event| said(&event.body)) {
                    return events;
                }
                // A worker of another process tells nobody here.
                drop(tokio::time::timeout(Duration::from_millis(300), told.changed()).await);
            }
        });
        match waited.await {
            Ok(events) => events,
            Err(_) => panic!("not said in time: {:#?}", self.events(of).await),
        }
    }

    /// Waits for the end; checks that the sequence has no gap.
    pub(crate) async fn ended(&self, of: &Execution) -> (Execution, Vec<ExecutionEvent>) {
        let events = self.until(of, |body| matches!(body, EventBody::Finished { .. })).await;
        assert!(events.iter().zip(1..).all(|(event, seq)| event.seq == seq), "gapless");
        assert!(
            matches!(events.last().unwrap().body, EventBody::Finished { .. }),
            "nothing comes after the end"
        );
        (self.execution(of).await, events)
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Cancel,
    Pause,
    Resume,
    Retry,
}

/// The processes of an execution, its supervisor excepted.
pub(crate) fn processes_of(shop: &Workshop, of: &Execution) -> Vec<i32> {
    let Some(supervisor) = shop.supervisor(of) else { return Vec::new() };
    let (mut found, mut queue) = (Vec::new(), vec![supervisor]);
    let all: Vec<(i32, Vec<String>)> = stats();
    while let Some(parent) = queue.pop() {
        let children = all.iter().filter(|(_, fields)| fields.get(1) == Some(&parent.to_string()));
        let children: Vec<i32> = children.map(|(pid, _)| *pid).collect();
        found.extend(&children);
        queue.extend(children);
    }
    found
}

/// The processor time that the processes of an execution have had, by the kernel's count.
pub(crate) fn cpu_ticks(shop: &Workshop, of: &Execution) -> u64 {
    let inside = processes_of(shop, of);
    let times = stats().into_iter().filter(|(pid, _)| inside.contains(pid));
    // Own time in user and kernel, and that of children who have ended.
    times
        .map(|(_, fields)| fields[11..15].iter().map(|field| field.parse::<u64>().unwrap()).sum::<u64>())
        .sum()
}

/// What the kernel tells of each process, from its state on.
fn stats() -> Vec<(i32, Vec<String>)> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().map(str::to_owned).collect();
        Some((pid, fields))
    })
    .collect()
}

/// What a stream said, whole.
pub(crate) fn output(events: &[ExecutionEvent], wanted: domain::executions::Stream) -> String {
    let pieces = events.iter().filter_map(|event| match &event.body {
        EventBody::ToolOutput { stream, text, .. } if *stream == wanted => Some(text.as_str()),
        _ => None,
    });
    pieces.collect()
}

/// The program of the scripted agent: Cargo builds it with these tests, as an example of this crate.
fn scripted_agent() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(Path::parent).unwrap().join("examples/scripted-agent");
    assert!(program.exists(), "build it: cargo build -p server --example scripted-agent");
    program
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("switchboard-").tempdir().unwrap()
}

fn git(at: &Path, arguments: &[&str]) {
    let author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    let done = Command::new("git").arg("-C").arg(at).args(author).args(arguments).status().unwrap();
    assert!(done.success(), "git {arguments:?}");
}
