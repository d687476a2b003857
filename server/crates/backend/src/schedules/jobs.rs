//! Running a schedule when it is due. Each run orders the next.

use super::{Schedule, ScheduleError, make, rules, sql};
use crate::tasks::{self, TaskRef};
use crate::tools::Tools;
use domain::{DateTime, ScheduleId};
use jobs::{Job, JobCx, JobError, Order, Retry};
use serde::{Deserialize, Serialize};
use tenancy::{StoreError, TenantTx};

/// The longest sentence on why a run made no task.
const PROBLEM_LIMIT: usize = 500;

/// Makes a schedule's task, if `due` is still the time that is meant.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunSchedule {
    pub(super) schedule: ScheduleId,
    pub(super) due: DateTime,
}

/// Orders the next run. It takes the place of the one that was ordered before.
pub(super) async fn arm(tx: &mut TenantTx, schedule: &Schedule) -> Result<(), StoreError> {
    let Some(due) = schedule.next_runs.first().copied() else {
        return Ok(());
    };
    let job = RunSchedule { schedule: schedule.id, due };
    Order::new(&job).at(due).keyed(&schedule.id.to_string()).enqueue(tx).await
}

impl Job for RunSchedule {
    type State = Tools;
    const NAME: &'static str = "schedules.run";
    /// Only the database being away fails it, and no schedule may end for that.
    const RETRY: Retry = Retry::attempts(25);

    async fn run(self, cx: JobCx<Tools>) -> Result<(), JobError> {
        let mut tx = cx.begin().await?;
        if run_due(&mut tx, &self).await? {
            cx.commit(tx).await?;
        }
        Ok(())
    }
}

/// Makes the task and orders the next run, both or neither. `false` where this time is not meant any more.
pub(super) async fn run_due(tx: &mut TenantTx, job: &RunSchedule) -> Result<bool, StoreError> {
    let Some((mut schedule, _)) = sql::lock(tx, job.schedule).await? else {
        return Ok(false);
    };
    if !schedule.enabled || sql::next_run(tx, job.schedule).await? != Some(job.due) {
        return Ok(false);
    }
    let now = tx.now();
    match open_task(tx, &schedule).await? {
        Some(number) => {
            schedule.last_run_at = Some(now);
            schedule.last_problem =
                format!("task {number}, which it made before, has not ended; none was made");
        }
        None => match make(tx, &schedule).await {
            Ok(made) => rules::note_made(&mut schedule, &made, now),
            Err(ScheduleError::Store(cause)) => return Err(cause),
            Err(refused) => {
                schedule.last_run_at = Some(now);
                schedule.last_problem = refused.to_string().chars().take(PROBLEM_LIMIT).collect();
            }
        },
    }
    // From now, not from when it was due: what was missed meanwhile is not made up for.
    let schedule = rules::upcoming(schedule, now);
    sql::note_run(tx, &schedule, schedule.next_runs.first().copied()).await?;
    arm(tx, &schedule).await?;
    Ok(true)
}

/// The number of the task that it made last, while that is under way: tasks must not pile up.
async fn open_task(tx: &mut TenantTx, schedule: &Schedule) -> Result<Option<i64>, StoreError> {
    let Some(last) = schedule.last_task_id else {
        return Ok(None);
    };
    match tasks::get(tx, TaskRef::Id(last)).await {
        Ok(task) => Ok(Some(task.number).filter(|_| !task.status.is_settled())),
        Err(tasks::TaskError::Store(cause)) => Err(cause),
        Err(_) => Ok(None),
    }
}
