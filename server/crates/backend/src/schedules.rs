//! Schedules: tasks made from templates at set times.
//!
//! It owns when; what is made is the template's, and a task that was made is a task like any other. Each schedule has
//! one job in the queue for its next time. However long nobody worked, a schedule that is overdue runs once and goes on
//! from now.
//! Start reading at [`create`], then [`run`]; the arithmetic is in `schedules/cron.rs`.

mod cron;
pub mod jobs;
mod rules;
mod sql;
#[cfg(test)]
mod tests;

use crate::{tasks, templates};
use domain::permission::Permission;
use domain::tasks::{NewTask, Task};
use domain::templates::{NewSchedule, SCHEDULES_LIMIT, Schedule, SchedulePatch};
use domain::{ScheduleId, TemplateId};
use tenancy::{StoreError, TenantTx};

crate::error::capability_error! {
    /// Why something could not be done with a schedule.
    ScheduleError, "schedule"
}

/// Makes a schedule. The same id again returns the one that is there.
pub async fn create(tx: &mut TenantTx, new: NewSchedule) -> Result<Schedule, ScheduleError> {
    tx.caller().require(Permission::ScheduleWrite)?;
    if let Some(id) = new.id
        && let Some(existing) = sql::find(tx, id).await?
    {
        return Ok(rules::upcoming(existing, tx.now()));
    }
    if sql::count(tx).await? >= SCHEDULES_LIMIT {
        let reason =
            format!("a workspace has at most {SCHEDULES_LIMIT} schedules; remove one that nobody needs");
        return Err(ScheduleError::Conflict(reason));
    }
    let now = tx.now();
    let schedule = Schedule {
        id: new.id.unwrap_or_else(|| tx.ids().make()),
        name: rules::name(&new.name)?,
        template_id: template(tx, new.template_id).await?,
        cron: new.cron.trim().to_owned(),
        time_zone: new.time_zone.filter(|zone| !zone.trim().is_empty()).unwrap_or_else(|| "UTC".to_owned()),
        enabled: new.enabled.unwrap_or(true),
        start: new.start.unwrap_or(true),
        next_runs: Vec::new(),
        last_run_at: None,
        last_task_id: None,
        last_task_number: None,
        last_problem: String::new(),
        created_by: tx.caller().user(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    rules::check(&schedule, now)?;
    let schedule = rules::upcoming(schedule, now);
    sql::insert(tx, &schedule).await.map_err(name_taken)?;
    jobs::arm(tx, &schedule).await?;
    Ok(schedule)
}

/// The workspace's schedules, by name.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Schedule>, ScheduleError> {
    tx.caller().require(Permission::ScheduleRead)?;
    let now = tx.now();
    Ok(sql::list(tx).await?.into_iter().map(|schedule| rules::upcoming(schedule, now)).collect())
}

pub async fn get(tx: &mut TenantTx, id: ScheduleId) -> Result<Schedule, ScheduleError> {
    tx.caller().require(Permission::ScheduleRead)?;
    let now = tx.now();
    let found = sql::find(tx, id).await?.ok_or(ScheduleError::NotFound)?;
    Ok(rules::upcoming(found, now))
}

/// Changes some fields. With `version`, a field that another changed since then to something else is a conflict.
pub async fn update(
    tx: &mut TenantTx,
    id: ScheduleId,
    patch: SchedulePatch,
) -> Result<Schedule, ScheduleError> {
    tx.caller().require(Permission::ScheduleWrite)?;
    let (before, mut versions) = sql::lock(tx, id).await?.ok_or(ScheduleError::NotFound)?;
    let seen = patch.version;
    let now = tx.now();
    let mut schedule = before.clone();
    if let Some(named) = patch.template_id {
        schedule.template_id = template(tx, named).await?;
    }
    rules::apply(&mut schedule, patch)?;
    rules::check(&schedule, now)?;
    let wishes = rules::wishes(&before, &schedule);
    let conflicts = crate::patch::conflicts(&wishes, &versions, seen);
    if !conflicts.is_empty() {
        return Err(ScheduleError::Changed(conflicts));
    }
    let mut schedule = rules::upcoming(schedule, now);
    if crate::patch::note(&wishes, &mut versions, before.version + 1) {
        schedule.version = before.version + 1;
        schedule.updated_at = now;
        sql::update(tx, &schedule, &versions).await.map_err(name_taken)?;
        jobs::arm(tx, &schedule).await?;
    }
    Ok(schedule)
}

/// Removes a schedule. The tasks that it made stay.
pub async fn remove(tx: &mut TenantTx, id: ScheduleId) -> Result<(), ScheduleError> {
    tx.caller().require(Permission::ScheduleWrite)?;
    if sql::delete(tx, id).await? { Ok(()) } else { Err(ScheduleError::NotFound) }
}

/// Makes its task now, whatever the time is. The next time stays as it is.
pub async fn run(tx: &mut TenantTx, id: ScheduleId) -> Result<Task, ScheduleError> {
    tx.caller().require(Permission::ScheduleWrite)?;
    let (mut schedule, _) = sql::lock(tx, id).await?.ok_or(ScheduleError::NotFound)?;
    let made = make(tx, &schedule).await?;
    let next = sql::next_run(tx, id).await?;
    rules::note_made(&mut schedule, &made, tx.now());
    sql::note_run(tx, &schedule, next).await?;
    Ok(made)
}

/// Makes the task of a schedule.
async fn make(tx: &mut TenantTx, schedule: &Schedule) -> Result<Task, ScheduleError> {
    let template = templates::get(tx, schedule.template_id).await.map_err(|error| match error {
        templates::TemplateError::Store(cause) => ScheduleError::Store(cause),
        other => ScheduleError::Conflict(other.to_string()),
    })?;
    let new = NewTask { start: schedule.start, ..templates::filled(&template) };
    tasks::create(tx, new).await.map_err(|error| match error {
        tasks::TaskError::Store(cause) => ScheduleError::Store(cause),
        tasks::TaskError::Forbidden(refusal) => ScheduleError::Forbidden(refusal),
        other => ScheduleError::Conflict(other.to_string()),
    })
}

async fn template(tx: &mut TenantTx, id: TemplateId) -> Result<TemplateId, ScheduleError> {
    match templates::get(tx, id).await {
        Ok(template) => Ok(template.id),
        Err(templates::TemplateError::Store(cause)) => Err(cause.into()),
        Err(_) => Err(ScheduleError::invalid("template_id", "names no template that is here")),
    }
}

fn name_taken(error: StoreError) -> ScheduleError {
    match error.constraint() {
        Some("task_schedules_name") => {
            ScheduleError::Conflict("another schedule has this name; choose another name".to_owned())
        }
        Some("task_schedules_pkey") => ScheduleError::Conflict("this id is taken".to_owned()),
        _ => error.into(),
    }
}
