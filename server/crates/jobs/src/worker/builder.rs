//! What a worker runs, said before it starts.

use super::Worker;
use super::attempt::{OneJob, OneUpkeep};
use crate::{Job, Upkeep};
use graphile_worker::{CronJobKeyMode, Crontab, CrontabFill, JobDefinition, TaskHandler, parse_crontab};
use std::collections::HashSet;
use tenancy::Database;

const USUAL_CONCURRENCY: u16 = 4;
/// An upkeep that failed is due again at its next time anyway.
const UPKEEP_ATTEMPTS: u16 = 3;
/// An upkeep whose time passed while no worker ran is made up for, if it is not longer ago than this.
const MADE_UP_FOR_DAYS: u32 = 1;

/// Says what a worker runs.
#[must_use = "a builder runs nothing"]
pub struct Builder<State> {
    database: Database,
    state: State,
    concurrency: u16,
    registrations: Vec<Registration>,
    schedules: Vec<(&'static str, String)>,
}

/// The worker can't be built: a mistake of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    #[error("two jobs have the name {0}")]
    SameName(&'static str),
    #[error("the upkeep {name} has the schedule {schedule:?}, which is no five fields of cron")]
    Schedule { name: &'static str, schedule: String },
}

pub(super) struct Registration {
    pub(super) name: &'static str,
    define: fn() -> JobDefinition,
}

impl Registration {
    pub(super) fn definition(&self) -> JobDefinition {
        (self.define)()
    }
}

impl<State> std::fmt::Debug for Builder<State> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Builder").finish_non_exhaustive()
    }
}

impl<State: Clone + Send + Sync + 'static> Builder<State> {
    pub(super) fn new(database: Database, state: State) -> Self {
        Self {
            database,
            state,
            concurrency: USUAL_CONCURRENCY,
            registrations: Vec::new(),
            schedules: Vec::new(),
        }
    }

    /// How many jobs run at once; at least one.
    pub fn concurrency(self, jobs: u16) -> Self {
        Self { concurrency: jobs.max(1), ..self }
    }

    /// Runs jobs of this kind. A kind that no worker knows stays in the queue.
    pub fn register<J: Job<State = State>>(mut self) -> Self {
        self.registrations.push(Registration { name: J::NAME, define: OneJob::<J>::definition });
        self
    }

    /// Runs this at the times of a crontab's five fields, in UTC: once per time, however many workers there are.
    pub fn upkeep<U: Upkeep<State = State>>(mut self, schedule: &str) -> Self {
        self.registrations.push(Registration { name: U::NAME, define: OneUpkeep::<U>::definition });
        self.schedules.push((U::NAME, schedule.to_owned()));
        self
    }

    pub fn build(self) -> Result<Worker<State>, BuildError> {
        let mut names = HashSet::new();
        if let Some(twice) = self.registrations.iter().find(|registration| !names.insert(registration.name)) {
            return Err(BuildError::SameName(twice.name));
        }
        let Self { database, state, concurrency, registrations, schedules } = self;
        let crontabs = schedules.into_iter().map(|(name, schedule)| crontab(name, schedule));
        let crontabs = crontabs.collect::<Result<Vec<_>, _>>()?;
        Ok(Worker { database, state, concurrency, registrations, crontabs })
    }
}

/// The name stands in for a neutral one while parsing: a crontab's grammar allows fewer names than the queue does.
fn crontab(name: &'static str, schedule: String) -> Result<Crontab, BuildError> {
    let one_line = !schedule.contains(['\n', '#']);
    let parsed =
        parse_crontab(&format!("{schedule} upkeep\n")).ok().filter(|lines| one_line && lines.len() == 1);
    let Some(mut crontab) =
        parsed.and_then(|mut lines| lines.pop()).filter(|line| line.task_identifier() == "upkeep")
    else {
        return Err(BuildError::Schedule { name, schedule });
    };
    name.clone_into(&mut crontab.task_identifier);
    crontab.options.fill = Some(CrontabFill::days(MADE_UP_FOR_DAYS));
    crontab.options.max = Some(UPKEEP_ATTEMPTS);
    // Without one the queue stores `null`, and no time.
    crontab.payload = Some(serde_json::json!({}));
    // However many times were missed, one run makes up for them.
    crontab.options.job_key = Some(format!("upkeep:{name}"));
    crontab.options.job_key_mode = Some(CronJobKeyMode::Replace);
    Ok(crontab)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_five_fields() {
        for good in ["* * * * *", "17 3 * * *", "*/5 0-6 1 1,7 *"] {
            let crontab = crontab("feed.trim", good.to_owned()).unwrap();
            assert_eq!(crontab.task_identifier(), "feed.trim");
        }
        for bad in [
            "",
            "* * * *",
            "61 * * * *",
            "every minute",
            "* * * * *\n* * * * *",
            "* * * * * x",
            "# * * * * *",
        ] {
            let expected = BuildError::Schedule { name: "feed.trim", schedule: bad.to_owned() };
            assert_eq!(crontab("feed.trim", bad.to_owned()).unwrap_err(), expected, "{bad:?}");
        }
    }
}
