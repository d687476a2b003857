//! A repository with a commit, a machine to run executions on it, and what they said.

use agents::{
    Attachment, Author, Checkout, ExecutionSpec, Facts, GitStore, Isolation, Launcher, Limits, Record,
    RecordBody,
};
use domain::executions::{EventBody, Stream};
use domain::repositories::Network;
use domain::tasks::Agent;
use domain::{ExecutionId, RepositoryId, TaskId};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) struct Machine {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: GitStore,
    pub(crate) launcher: Launcher,
    pub(crate) repository: RepositoryId,
    data: PathBuf,
}

/// Ids that no two tests share, in the form of the real ones.
pub(crate) fn id() -> uuid::Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    uuid::Uuid::from_u64_pair(now, (u64::from(std::process::id()) << 32) | count)
}

pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository with one commit on `main`.
pub(crate) fn repository(path: &Path) {
    std::fs::create_dir_all(path.join("src")).unwrap();
    git(path, &["init", "--quiet"]);
    std::fs::write(path.join("README.md"), "# Example\n\none\ntwo\nthree\n").unwrap();
    std::fs::write(path.join("src/main.txt"), "hello\n").unwrap();
    git(path, &["add", "."]);
    git(path, &["commit", "--quiet", "-m", "First"]);
}

impl Machine {
    pub(crate) async fn new() -> Self {
        Self::at("data").await
    }

    pub(crate) async fn at(data: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("repositories");
        repository(&root.join("example"));
        let data = folder.path().join(data);
        let isolation = agents::isolation::detect();
        assert!(isolation.bubblewrap.is_some(), "these tests need bubblewrap");
        let store = GitStore::new(data.clone(), vec![root.clone()]);
        let repository = RepositoryId(id());
        store.fetch_mirror(repository, root.join("example").to_str().unwrap()).await.unwrap();
        let program = PathBuf::from(env!("CARGO_BIN_EXE_agents-test-roles"));
        Self { folder, store, launcher: Launcher::new(program, data.clone(), isolation), repository, data }
    }

    /// The same machine with less to hold executions.
    pub(crate) fn weaken(&mut self, isolation: Isolation) {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_agents-test-roles"));
        self.launcher = Launcher::new(program, self.data.clone(), isolation);
    }

    pub(crate) async fn check_out(&self) -> Checkout {
        self.store.check_out(self.repository, ExecutionId(id()), "main").await.unwrap()
    }

    pub(crate) fn spec(&self, checkout: &Checkout, script: &str) -> ExecutionSpec {
        ExecutionSpec {
            execution: checkout.execution,
            task: TaskId(id()),
            agent: Agent::Shell,
            program: None,
            title: String::new(),
            description: String::new(),
            setup_script: String::new(),
            script: script.to_owned(),
            worktree: checkout.worktree.clone(),
            objects: checkout.objects.clone(),
            base: checkout.base.clone(),
            network: Network::None,
            reachable: Vec::new(),
            author: Author { name: "Tester".to_owned(), email: "tester@example.com".to_owned() },
            readable: Vec::new(),
            limits: Limits { grace: Duration::from_millis(500), ..Limits::default() },
        }
    }

    /// Launches it and gives its execution, running.
    pub(crate) async fn start(&self, spec: &ExecutionSpec) -> Attachment {
        self.launcher.launch(spec).await.unwrap();
        self.launcher.attach(spec.execution, 0).await.unwrap()
    }

    /// Runs a script to its end in a fresh worktree.
    pub(crate) async fn run(&self, script: &str) -> (Said, Checkout) {
        let checkout = self.check_out().await;
        let said = self.run_spec(&self.spec(&checkout, script)).await;
        (said, checkout)
    }

    pub(crate) async fn run_spec(&self, spec: &ExecutionSpec) -> Said {
        let mut attachment = self.start(spec).await;
        let mut said = Said::default();
        said.rest(&mut attachment).await;
        said
    }
}

/// All that an execution said.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) records: Vec<Record>,
}

impl Said {
    /// The next record; `false` after the last.
    pub(crate) async fn next(&mut self, attachment: &mut Attachment) -> bool {
        let next =
            tokio::time::timeout(Duration::from_secs(120), attachment.next()).await.expect("it says nothing");
        match next.unwrap() {
            Some(record) => {
                assert_eq!(
                    record.seq,
                    self.records.last().map_or(0, |last| last.seq) + 1,
                    "no gap and none twice"
                );
                self.records.push(record);
                true
            }
            None => false,
        }
    }

    pub(crate) async fn rest(&mut self, attachment: &mut Attachment) {
        while self.next(attachment).await {}
    }

    /// Reads on until the output so far has this in it.
    pub(crate) async fn until(&mut self, attachment: &mut Attachment, text: &str) {
        while !self.text(Stream::Stdout).contains(text) {
            assert!(self.next(attachment).await, "it ended without {text:?}: {self:?}");
        }
    }

    pub(crate) fn bytes(&self, wanted: Stream) -> Vec<u8> {
        use base64::Engine;
        let mut bytes = Vec::new();
        for event in self.events() {
            if let EventBody::ToolOutput { stream, text, base64 } = event
                && *stream == wanted
            {
                match base64 {
                    Some(exact) => {
                        bytes.extend(base64::engine::general_purpose::STANDARD.decode(exact).unwrap());
                    }
                    None => bytes.extend_from_slice(text.as_bytes()),
                }
            }
        }
        bytes
    }

    pub(crate) fn text(&self, stream: Stream) -> String {
        String::from_utf8_lossy(&self.bytes(stream)).into_owned()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &EventBody> {
        self.records.iter().filter_map(|record| match &record.body {
            RecordBody::Event(event) => Some(event),
            _ => None,
        })
    }

    pub(crate) fn facts(&self) -> &Facts {
        match &self.records.last().expect("it said nothing").body {
            RecordBody::Ended(facts) => facts,
            other => panic!("it did not end: {other:?}"),
        }
    }
}

/// Whether a process has this in its arguments.
pub(crate) fn running(text: &str) -> bool {
    processes(text).next().is_some()
}

/// Waits until no process has this in its arguments.
pub(crate) async fn gone(text: &str) {
    let wait = async {
        while running(text) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("it is still there");
}

/// The process of the execution's supervisor.
pub(crate) fn supervisor(execution: ExecutionId) -> i32 {
    let found: Vec<_> = processes("supervise")
        .filter(|(_, arguments)| {
            arguments.contains(&execution.to_string()) && !arguments.contains("sandbox-exec")
        })
        .collect();
    let [(pid, _)] = found.as_slice() else { panic!("{found:?}") };
    *pid
}

fn processes(text: &str) -> impl Iterator<Item = (i32, String)> {
    std::fs::read_dir("/proc").unwrap().flatten().filter_map(move |entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let arguments = std::fs::read(entry.path().join("cmdline")).ok()?;
        let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
        arguments.contains(text).then_some((pid, arguments))
    })
}

/// The control groups that an execution has.
pub(crate) fn groups(execution: ExecutionId) -> Vec<PathBuf> {
    let mut queue = vec![PathBuf::from("/sys/fs/cgroup")];
    let mut found = Vec::new();
    while let Some(folder) = queue.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().unwrap().is_dir() {
                if entry.file_name().to_string_lossy().contains(&execution.to_string()) {
                    found.push(entry.path());
                }
                queue.push(entry.path());
            }
        }
    }
    found
}
