//! The worker: takes executions from the queue, as many as it has slots for, and attends each until it has ended.
//!
//! Nothing is held in memory that a restart would miss. Who works is a lease, what is wanted is a row, what was said is
//! in the supervisor's spool; a worker that comes back finds all three.

use super::attend::{self, House};
use super::memory::Memory;
use super::{ExecutionError, Watchers, WorkerId, collect};
use agents::{GitStore, Launcher, Limits};
use domain::{DateTime, ExecutionId};
use ipnet::IpNet;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tenancy::leases::{self, Desired, Lease, Wanted};
use tenancy::{Database, StoreError, WorkerTx};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long a lease lasts unless renewed; a dead worker's executions are taken over after this.
const LEASE: Duration = Duration::from_secs(12);
/// How often leases are renewed and what is wanted of them is read, also when nothing wakes the worker.
const BEAT: Duration = Duration::from_secs(2);

/// How this worker works.
#[derive(Debug)]
pub struct Settings {
    pub database: Database,
    pub launcher: Launcher,
    pub repositories: GitStore,
    pub watchers: Watchers,
    pub worker: WorkerId,
    /// Executions at once.
    pub slots: usize,
    /// Memory that is left to everything else on this machine, in bytes.
    pub memory_reserve: u64,
    pub limits: Limits,
    /// Folders of the machine that executions may read, such as toolchains.
    pub readable: Vec<PathBuf>,
    /// The operator's own agent: a program that speaks the agents' wire.
    pub custom_agent: Option<PathBuf>,
    /// What executions with a network may reach although it is not public.
    pub reachable: Vec<IpNet>,
}

/// A worker of this process.
#[derive(Debug)]
pub struct Runner {
    house: Arc<House>,
    slots: usize,
    memory: Memory,
    attended: HashMap<ExecutionId, watch::Sender<Wanted>>,
    attendants: JoinSet<ExecutionId>,
}

impl Runner {
    pub fn new(settings: Settings) -> Self {
        let house = House {
            database: settings.database,
            launcher: settings.launcher,
            repositories: settings.repositories,
            watchers: settings.watchers,
            worker: settings.worker,
            limits: settings.limits,
            readable: settings.readable,
            custom_agent: settings.custom_agent,
            reachable: settings.reachable,
        };
        Self {
            house: Arc::new(house),
            slots: settings.slots,
            memory: Memory::new(settings.memory_reserve, settings.limits.memory_bytes),
            attended: HashMap::new(),
            attendants: JoinSet::new(),
        }
    }

    /// Works until it is told to stop. Executions that run go on without it: their supervisors spool what they say.
    pub async fn run(mut self, stop: CancellationToken) {
        if let Err(error) = collect::collect(&self.house).await {
            tracing::warn!(%error, "what ended executions left could not be collected; the next start tries again");
        }
        while !stop.is_cancelled() {
            // Armed before looking, so that what is committed meanwhile wakes it at once.
            let work = self.house.database.work_arrives();
            if let Err(error) = self.look(&stop).await {
                tracing::warn!(%error, "the queue could not be read; it is tried again");
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = work => {}
                () = tokio::time::sleep(BEAT) => {}
                Some(ended) = self.attendants.join_next() => self.forget(ended.ok()),
            }
        }
        while self.attendants.join_next().await.is_some() {}
    }

    /// Renews what it holds, passes on what is wanted of it, and takes more where a slot is free.
    async fn look(&mut self, stop: &CancellationToken) -> Result<(), StoreError> {
        while let Some(ended) = self.attendants.try_join_next() {
            self.forget(ended.ok());
        }
        let mut tx = self.house.database.work().await?;
        let until = tx.now() + chrono::Duration::from_std(LEASE).unwrap_or_default();
        let owner = self.house.worker.id();
        let held = leases::renew(&mut tx, owner, until).await?;
        let busy = held.iter().filter(|lease| lease.wanted().works()).count();
        let free = self.slots.saturating_sub(busy);
        let fresh = self.take(&mut tx, until, free).await?;
        tx.commit().await?;
        let begun = fresh.iter().filter(|lease| lease.desired() == Desired::Run);
        self.memory.note_begun(begun.map(Lease::execution));
        self.attended.retain(|execution, _| held.iter().any(|lease| lease.execution() == *execution));
        for lease in held.into_iter().chain(fresh) {
            self.attend(lease, stop);
        }
        Ok(())
    }

    /// Takes what slots and memory allow. Without a free slot, what is more urgent may have one of those that run.
    async fn take(
        &mut self,
        tx: &mut WorkerTx,
        until: DateTime,
        free: usize,
    ) -> Result<Vec<Lease>, StoreError> {
        let owner = self.house.worker.id();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let room = self.memory.room();
        if free == 0 {
            return match self.slots.min(room) {
                0 => Ok(Vec::new()),
                some => leases::preempt(tx, owner, until, count(some)).await,
            };
        }
        let mut taken = leases::go_on(tx, owner, until, count(free)).await?;
        let free = free.saturating_sub(taken.len());
        match free.min(room) {
            0 => {}
            some => taken.extend(leases::claim(tx, owner, until, count(some)).await?),
        }
        if free > room {
            leases::note_short_of_memory(tx, owner, count(free - room)).await?;
        }
        Ok(taken)
    }

    fn attend(&mut self, lease: Lease, stop: &CancellationToken) {
        if let Some(desired) = self.attended.get(&lease.execution()) {
            desired.send_if_modified(|now| std::mem::replace(now, lease.wanted()) != lease.wanted());
            return;
        }
        let (sender, wanted) = watch::channel(lease.wanted());
        self.attended.insert(lease.execution(), sender);
        let (house, stop) = (Arc::clone(&self.house), stop.clone());
        self.attendants.spawn(async move {
            let execution = lease.execution();
            match attend::attend(&house, &lease, wanted, &stop).await {
                Ok(()) => {}
                Err(ExecutionError::Store(error)) => {
                    tracing::warn!(%error, execution.id = %execution, "an execution is left for now and taken up again");
                }
                Err(error) => tracing::error!(%error, execution.id = %execution, "an execution could not be attended"),
            }
            execution
        });
    }

    fn forget(&mut self, ended: Option<ExecutionId>) {
        match ended {
            Some(execution) => {
                self.attended.remove(&execution);
                self.memory.note_ended(execution);
            }
            // One attendant panicked, and nobody knows whose it was: every one that still runs is found again.
            None => self.attended.retain(|_, desired| !desired.is_closed()),
        }
    }
}
