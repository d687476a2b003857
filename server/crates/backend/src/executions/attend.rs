//! Attending one execution: from its lease to its outcome, over restarts of this server.

mod hearing;

use super::record::{self, Ending, Held};
use super::{ExecutionError, Watchers, WorkerId, prepare, sql};
use agents::launcher::ControlError;
use agents::{
    AttachError, Attachment, Changes, Control, Facts, GitStore, Launcher, Limits, Record, RecordBody,
    RepositoryError, outcome,
};
use domain::ExecutionId;
use domain::executions::{Evidence, Execution, ExecutionStatus, Outcome, OutcomeClass};
use ipnet::IpNet;
use std::path::PathBuf;
use std::time::Duration;
use tenancy::leases::{Desired, Lease, Wanted};
use tenancy::{Caller, Database, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

/// What every attendant of this process shares.
#[derive(Debug)]
pub(super) struct House {
    pub(super) database: Database,
    pub(super) launcher: Launcher,
    pub(super) repositories: GitStore,
    pub(super) watchers: Watchers,
    pub(super) worker: WorkerId,
    pub(super) limits: Limits,
    pub(super) readable: Vec<PathBuf>,
    pub(super) custom_agent: Option<PathBuf>,
    pub(super) reachable: Vec<IpNet>,
}

/// Records that are stored in one transaction at most, and how long the first of them waits for others.
const BATCH: usize = 500;
const GATHER: Duration = Duration::from_millis(15);
/// Between tries to store, while the database is away. What was said waits in the spool.
const RETRY: Duration = Duration::from_millis(500);

/// One execution and the right to work for it.
pub(super) struct Attendant<'a> {
    pub(super) house: &'a House,
    pub(super) caller: Caller,
    pub(super) execution: Execution,
    pub(super) wanted: watch::Receiver<Wanted>,
    pub(super) stop: &'a CancellationToken,
}

/// Why attending ended before the execution did.
pub(super) enum Leave {
    /// The server stops; the execution goes on without it.
    Stop,
    /// Another worker holds it now.
    Lost,
    Error(ExecutionError),
}

impl From<ExecutionError> for Leave {
    fn from(error: ExecutionError) -> Self {
        Self::Error(error)
    }
}

impl From<StoreError> for Leave {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

pub(super) async fn attend(
    house: &House,
    lease: &Lease,
    wanted: watch::Receiver<Wanted>,
    stop: &CancellationToken,
) -> Result<(), ExecutionError> {
    let caller = lease.caller();
    let mut tx = house.database.begin(&caller).await?;
    let execution = sql::find(&mut tx, lease.execution()).await?.ok_or(ExecutionError::NotFound)?;
    drop(tx);
    let mut attendant = Attendant { house, caller, execution, wanted, stop };
    match attendant.run().await {
        Ok(()) | Err(Leave::Stop | Leave::Lost) => Ok(()),
        Err(Leave::Error(error)) => Err(error),
    }
}

impl Attendant<'_> {
    pub(super) fn id(&self) -> ExecutionId {
        self.execution.id
    }

    async fn run(&mut self) -> Result<(), Leave> {
        let spool_seq = self.stored().await?;
        let attached = self.house.launcher.attach(self.id(), spool_seq).await;
        let attachment = match attached {
            Ok(attachment) => attachment,
            Err(AttachError::Unknown) if spool_seq == 0 => {
                if !prepare::launch(self).await? {
                    return Ok(());
                }
                match self.house.launcher.attach(self.id(), 0).await {
                    Ok(attachment) => attachment,
                    Err(error) => return self.lose(&error).await,
                }
            }
            Err(error) => return self.lose(&error).await,
        };
        match self.follow(attachment).await? {
            Followed::Ended(facts) => self.conclude(&facts).await,
            Followed::Lost(error) => self.lose(&error).await,
        }
    }

    async fn stored(&self) -> Result<i64, Leave> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        Ok(sql::lock_result(&mut tx, self.id()).await?.spool_seq)
    }

    /// Waits while it is to stand still before it began. False where it has been cancelled, and has ended so.
    pub(super) async fn may_begin(&mut self) -> Result<bool, Leave> {
        let mut told = false;
        loop {
            let wanted = *self.wanted.borrow_and_update();
            match wanted.desired {
                Desired::Run => return Ok(true),
                Desired::Cancel => {
                    let reason = "it was cancelled before it began";
                    self.finish_without_running(OutcomeClass::Cancelled, reason.to_owned()).await?;
                    return Ok(false);
                }
                Desired::Pause if !told => {
                    self.say(ExecutionStatus::Paused, "paused before it began").await?;
                    told = true;
                }
                Desired::Pause => {}
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                changed = self.wanted.changed() => changed.map_err(|_| Leave::Lost)?,
            }
        }
    }

    /// Stores what the supervisor says until it has said how the process ended.
    async fn follow(&mut self, mut attachment: Attachment) -> Result<Followed, Leave> {
        // Who asked for what before a restart is not known here: what is wanted now is said again.
        let house = self.house;
        let mut asked = None;
        let mut heard = 0;
        let mut expiry = self.next_expiry().await?;
        loop {
            let wanted = *self.wanted.borrow_and_update();
            if asked != Some(wanted.desired) && self.control(wanted.desired).await {
                asked = Some(wanted.desired);
            }
            // What people said waits until it has a slot to go on in.
            let may_hear = wanted.desired == Desired::Run && !wanted.waiting;
            if may_hear && heard < wanted.inbox && self.deliver().await? {
                heard = wanted.inbox;
            }
            let again = asked != Some(wanted.desired) || may_hear && heard < wanted.inbox;
            let first = tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                () = sleep(RETRY), if again => continue,
                () = hearing::until(house, expiry) => {
                    expiry = self.expire().await?;
                    continue;
                }
                changed = self.wanted.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return Err(Leave::Lost),
                },
                record = attachment.next() => record,
            };
            let (records, end) = gather(&mut attachment, first).await;
            self.store(&records).await?;
            if records.iter().any(|record| matches!(record.body, RecordBody::Asked { .. })) {
                expiry = self.next_expiry().await?;
            }
            match end {
                Some(End::Ended(facts)) => return Ok(Followed::Ended(facts)),
                Some(End::Failed(error)) => return Ok(Followed::Lost(error)),
                None => {}
            }
        }
    }

    /// False where the supervisor may not have heard it.
    async fn control(&self, wanted: Desired) -> bool {
        let control = match wanted {
            Desired::Run => Control::Resume,
            Desired::Pause => Control::Pause,
            Desired::Cancel => Control::Cancel,
        };
        match self.house.launcher.control(self.id(), control).await {
            Ok(()) | Err(ControlError::Ended) => true,
            Err(error) => {
                tracing::warn!(%error, execution.id = %self.id(), "the supervisor did not take a control yet");
                false
            }
        }
    }

    /// Stores a batch, however long the database is away.
    async fn store(&self, records: &[Record]) -> Result<(), Leave> {
        loop {
            match self.try_store(records).await {
                Err(ExecutionError::Store(StoreError::Unavailable(_) | StoreError::Contended)) => {}
                other => return self.told(other?),
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                () = sleep(RETRY) => {}
            }
        }
    }

    async fn try_store(&self, records: &[Record]) -> Result<Held, ExecutionError> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        let held = record::store(&mut tx, self.id(), self.house.worker.id(), records).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Watchers hear of what is committed.
    pub(super) fn told(&self, held: Held) -> Result<(), Leave> {
        match held {
            Held::Yes { last_seq } => {
                self.house.watchers.tell(self.id(), last_seq);
                Ok(())
            }
            Held::No => Err(Leave::Lost),
        }
    }

    /// The process is gone: what it changed, and what that means.
    async fn conclude(&mut self, facts: &Facts) -> Result<(), Leave> {
        let (changes, complaint) = match self.changes().await {
            Ok(changes) => (changes, None),
            Err(error) => (Changes::default(), Some(error.to_string())),
        };
        let mut outcome = outcome::derive(facts, changes.files_changed);
        if let Some(complaint) = complaint {
            outcome.summary = format!("{} What it changed could not be read: {complaint}", outcome.summary);
        }
        let evidence = Evidence {
            commands: facts.commands.clone(),
            commands_omitted: facts.commands_omitted,
            files_changed: changes.files_changed,
            insertions: changes.insertions,
            deletions: changes.deletions,
        };
        let ending = || Ending {
            outcome: outcome.clone(),
            exit_code: facts.exit_code,
            evidence: evidence.clone(),
            diff: Some(changes.diff.clone()),
        };
        self.finish(ending).await
    }

    async fn changes(&self) -> Result<Changes, RepositoryError> {
        let checkout = self.house.repositories.find(self.id()).ok_or(RepositoryError::Missing)?;
        let changes = self.house.repositories.diff(&checkout).await?;
        if changes.files_changed > 0
            && let Err(error) = self.house.repositories.keep_result(&checkout).await
        {
            // The diff is there all the same; publishing it will say that the result is not kept.
            tracing::warn!(%error, execution.id = %self.id(), "what an execution changed could not be kept");
        }
        Ok(changes)
    }

    async fn lose(&mut self, error: &AttachError) -> Result<(), Leave> {
        tracing::warn!(%error, execution.id = %self.id(), "an execution is lost");
        self.finish(|| Ending {
            outcome: outcome::lost(),
            exit_code: None,
            evidence: Evidence::default(),
            diff: None,
        })
        .await
    }

    /// Ends an execution of which nothing ran, and says why.
    pub(super) async fn finish_without_running(
        &mut self,
        class: OutcomeClass,
        reason: String,
    ) -> Result<(), Leave> {
        self.finish(|| Ending {
            outcome: Outcome { class, reason: reason.clone(), retryable: true, summary: String::new() },
            exit_code: None,
            evidence: Evidence::default(),
            diff: None,
        })
        .await
    }

    async fn finish(&mut self, ending: impl Fn() -> Ending) -> Result<(), Leave> {
        loop {
            match self.try_finish(ending()).await {
                Err(ExecutionError::Store(StoreError::Unavailable(_) | StoreError::Contended)) => {}
                other => {
                    self.told(other?)?;
                    break;
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return Err(Leave::Stop),
                () = sleep(RETRY) => {}
            }
        }
        // All of it is stored; what is left on disk is collected later where this fails.
        if let Err(error) = self.house.repositories.remove(self.id()).await {
            tracing::warn!(%error, execution.id = %self.id(), "a worktree could not be removed");
        }
        if let Err(error) = self.house.launcher.forget(self.id()).await {
            tracing::warn!(%error, execution.id = %self.id(), "a spool could not be removed");
        }
        Ok(())
    }

    async fn try_finish(&self, ending: Ending) -> Result<Held, ExecutionError> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        let held = record::finish(&mut tx, self.id(), self.house.worker.id(), ending).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// A step of the preparation, told to whoever looks.
    pub(super) async fn say(&self, status: ExecutionStatus, detail: &str) -> Result<(), Leave> {
        let mut tx = self.house.database.begin(&self.caller).await?;
        let body = domain::executions::EventBody::Status { status, detail: detail.to_owned() };
        let held = record::say(&mut tx, self.id(), self.house.worker.id(), vec![body]).await?;
        tx.commit().await?;
        self.told(held)
    }
}

enum Followed {
    Ended(Facts),
    Lost(AttachError),
}

enum End {
    Ended(Facts),
    Failed(AttachError),
}

/// What comes within a moment after the first record, so that a flood is stored in few transactions.
async fn gather(
    attachment: &mut Attachment,
    first: Result<Option<Record>, AttachError>,
) -> (Vec<Record>, Option<End>) {
    let mut records = Vec::new();
    let mut next = first;
    let until = Instant::now() + GATHER;
    loop {
        match next {
            Err(error) => return (records, Some(End::Failed(error))),
            Ok(None) => return (records, Some(End::Failed(AttachError::Lost))),
            Ok(Some(record)) => {
                let ended = match &record.body {
                    RecordBody::Ended(facts) => Some(End::Ended(facts.clone())),
                    _ => None,
                };
                records.push(record);
                if ended.is_some() {
                    return (records, ended);
                }
            }
        }
        if records.len() >= BATCH {
            return (records, None);
        }
        match timeout_at(until, attachment.next()).await {
            Ok(more) => next = more,
            Err(_) => return (records, None),
        }
    }
}
