//! What a schedule's fields may be, and when it is due. Pure.

use super::ScheduleError;
use super::cron::Cron;
use crate::patch::Wish;
use chrono_tz::Tz;
use domain::tasks::Task;
use domain::templates::{LEAST_MINUTES, NAME_LIMIT, Schedule, SchedulePatch};
use domain::{DateTime, text};
use serde_json::json;

/// So many of the next times are told.
const TOLD: usize = 3;
/// So many of the next times are looked at for the least time between two.
const COMPARED: usize = 50;
/// The longest text of five fields.
const CRON_LIMIT: usize = 200;

pub(super) fn name(name: &str) -> Result<String, ScheduleError> {
    text::line(name, NAME_LIMIT).map_err(|reason| ScheduleError::invalid("name", reason))
}

pub(super) fn apply(schedule: &mut Schedule, patch: SchedulePatch) -> Result<(), ScheduleError> {
    if let Some(text) = patch.name {
        schedule.name = name(&text)?;
    }
    if let Some(text) = patch.cron {
        schedule.cron = text.trim().to_owned();
    }
    if let Some(text) = patch.time_zone {
        schedule.time_zone = text.trim().to_owned();
    }
    schedule.enabled = patch.enabled.unwrap_or(schedule.enabled);
    schedule.start = patch.start.unwrap_or(schedule.start);
    Ok(())
}

/// Whether its times can be read, come at all, and not too often.
pub(super) fn check(schedule: &Schedule, now: DateTime) -> Result<(), ScheduleError> {
    let refuse = |reason: String| ScheduleError::invalid("cron", reason);
    text::line(&schedule.cron, CRON_LIMIT).map_err(|reason| refuse(reason.to_string()))?;
    let cron = Cron::parse(&schedule.cron).map_err(refuse)?;
    let zone = zone(&schedule.time_zone)
        .ok_or_else(|| ScheduleError::invalid("time_zone", "is not one, such as Europe/Copenhagen"))?;
    let times = cron.upcoming(zone, now, COMPARED);
    if times.is_empty() {
        return Err(refuse("names a time that never comes".to_owned()));
    }
    let close = |pair: &[DateTime]| match pair {
        [one, two] => (*two - *one).num_minutes() < LEAST_MINUTES,
        _ => false,
    };
    if times.windows(2).any(close) {
        return Err(refuse(format!("comes more often than every {LEAST_MINUTES} minutes")));
    }
    Ok(())
}

/// With its next times.
pub(super) fn upcoming(schedule: Schedule, now: DateTime) -> Schedule {
    let cron = Cron::parse(&schedule.cron).ok().zip(zone(&schedule.time_zone));
    let next_runs = match cron.filter(|_| schedule.enabled) {
        Some((cron, zone)) => cron.upcoming(zone, now, TOLD),
        None => Vec::new(),
    };
    Schedule { next_runs, ..schedule }
}

/// It made a task.
pub(super) fn note_made(schedule: &mut Schedule, made: &Task, now: DateTime) {
    schedule.last_run_at = Some(now);
    schedule.last_task_id = Some(made.id);
    schedule.last_problem.clear();
}

fn zone(name: &str) -> Option<Tz> {
    name.parse().ok()
}

pub(super) fn wishes(before: &Schedule, after: &Schedule) -> Vec<Wish> {
    let wish = |field, now, wanted| Wish { field, now, wanted };
    vec![
        wish("name", json!(before.name), json!(after.name)),
        wish("template_id", json!(before.template_id), json!(after.template_id)),
        wish("cron", json!(before.cron), json!(after.cron)),
        wish("time_zone", json!(before.time_zone), json!(after.time_zone)),
        wish("enabled", json!(before.enabled), json!(after.enabled)),
        wish("start", json!(before.start), json!(after.start)),
    ]
}
