//! The jobs of the tests. They say what they see to a channel that the test listens to.

use jobs::{Job, JobCx, JobError, Retry, Upkeep, UpkeepCx};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tenancy::Caller;
use tokio::sync::{Semaphore, mpsc};

/// What a job says.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) word: String,
    pub(crate) attempt: u16,
    pub(crate) caller: Option<Caller>,
}

#[derive(Debug, Clone)]
pub(crate) struct Listener {
    pub(crate) said: mpsc::UnboundedSender<Said>,
    /// What `Hold` waits for.
    pub(crate) gate: Arc<Semaphore>,
}

impl Listener {
    fn hear(&self, word: &str, cx: &JobCx<Self>) {
        let said = Said { word: word.to_owned(), attempt: cx.attempt(), caller: Some(cx.caller()) };
        self.said.send(said).ok();
    }
}

/// Says its word.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Say {
    pub(crate) word: String,
}

impl Job for Say {
    type State = Listener;
    const NAME: &'static str = "tests.say";
    const RETRY: Retry = Retry::USUAL;

    async fn run(self, cx: JobCx<Listener>) -> Result<(), JobError> {
        cx.state().hear(&self.word, &cx);
        Ok(())
    }
}

/// Fails as often as it is told, of two attempts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fail {
    pub(crate) times: u16,
}

impl Job for Fail {
    type State = Listener;
    const NAME: &'static str = "tests.fail";
    const RETRY: Retry = Retry::attempts(2);

    async fn run(self, cx: JobCx<Listener>) -> Result<(), JobError> {
        cx.state().hear("tried", &cx);
        if cx.attempt() > self.times {
            Ok(())
        } else {
            Err(JobError::failed("the host \"mail\" said no\n(twice)"))
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Panic;

impl Job for Panic {
    type State = Listener;
    const NAME: &'static str = "tests.panic";
    const RETRY: Retry = Retry::attempts(1);

    async fn run(self, _: JobCx<Listener>) -> Result<(), JobError> {
        panic!("what nobody thought of")
    }
}

/// Waits for the gate, then writes a repository of this name.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hold {
    pub(crate) name: String,
}

impl Job for Hold {
    type State = Listener;
    const NAME: &'static str = "tests.hold";
    const RETRY: Retry = Retry::attempts(3);

    async fn run(self, cx: JobCx<Listener>) -> Result<(), JobError> {
        cx.state().hear("holding", &cx);
        cx.state().gate.acquire().await.expect("the gate stays").forget();
        let mut tx = cx.begin().await?;
        write_repository(&mut tx, &self.name).await?;
        let written = cx.commit(tx).await;
        cx.state().hear(if written.is_ok() { "written" } else { "refused" }, &cx);
        written.map(drop)
    }
}

/// Waits for the gate, and does nothing.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Linger;

impl Job for Linger {
    type State = Listener;
    const NAME: &'static str = "tests.linger";
    const RETRY: Retry = Retry::attempts(3);

    async fn run(self, cx: JobCx<Listener>) -> Result<(), JobError> {
        cx.state().hear("holding", &cx);
        cx.state().gate.acquire().await.expect("the gate stays").forget();
        cx.state().hear("done", &cx);
        Ok(())
    }
}

/// Has one attempt, in which its worker dies.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Poison;

impl Job for Poison {
    type State = Listener;
    const NAME: &'static str = "tests.poison";
    const RETRY: Retry = Retry::attempts(1);

    async fn run(self, cx: JobCx<Listener>) -> Result<(), JobError> {
        cx.state().hear("holding", &cx);
        std::future::pending().await
    }
}

#[derive(Debug)]
pub(crate) struct Tick;

impl Upkeep for Tick {
    type State = Listener;
    const NAME: &'static str = "tests.tick";

    async fn run(cx: UpkeepCx<Listener>) -> Result<(), JobError> {
        let mut tx = cx.work().await?;
        jobs::count(&mut tx).await?;
        tx.commit().await?;
        cx.state().said.send(Said { word: "tick".to_owned(), attempt: cx.attempt(), caller: None }).ok();
        Ok(())
    }
}

async fn write_repository(tx: &mut tenancy::TenantTx, name: &str) -> Result<(), JobError> {
    let (workspace, id, now) = (tx.caller().workspace(), tx.ids().make::<domain::RepositoryId>(), tx.now());
    sqlx::query(
        "INSERT INTO repositories (workspace_id, id, name, url, default_branch, setup_script, network, status,
                                   status_detail, created_at, updated_at, version)
         VALUES ($1, $2, $3, '', 'main', '', 'none', 'empty', '', $4, $4, 1)
         ON CONFLICT DO NOTHING",
    )
    .bind(workspace.0)
    .bind(id.0)
    .bind(name)
    .bind(now)
    .execute(tx.conn())
    .await
    .map_err(tenancy::StoreError::from)?;
    Ok(())
}
