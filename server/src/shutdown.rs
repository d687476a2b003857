//! The end of the process: everyone is told, and waited for, but not for ever.

use std::future::Future;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long what is under way may take to end.
pub const DRAIN: Duration = Duration::from_secs(10);

/// Handed to everything that runs beside a request.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tracker: TaskTracker,
}

/// Whether everything ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    Whole,
    /// Time ran out, with this many tasks still at work.
    CutShort(usize),
}

impl Shutdown {
    /// Nothing has begun to end.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancelled when the process is to end.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Whether the process is about to end.
    pub fn has_begun(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Tells everyone.
    pub fn begin(&self) {
        self.token.cancel();
    }

    /// Runs a task that the end of the process waits for. It must watch the token.
    pub fn spawn<F>(&self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(task);
    }

    /// SIGTERM and SIGINT begin the end; a second one is immediate.
    ///
    /// # Errors
    /// When the handlers can't be installed.
    pub fn listen_to_signals(&self) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT")?;
        let begin = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "it waits for a second signal until the process is gone"
        )]
        tokio::spawn(async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("shutting down; a second signal ends at once");
            begin.begin();
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("ended at once by a second signal");
            std::process::exit(130);
        });
        Ok(())
    }

    /// Waits for every task, [`DRAIN`] at most.
    pub async fn drain(&self) -> Drained {
        self.tracker.close();
        match tokio::time::timeout(DRAIN, self.tracker.wait()).await {
            Ok(()) => Drained::Whole,
            Err(_) => Drained::CutShort(self.tracker.len()),
        }
    }
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
