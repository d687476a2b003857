//! Schedules: the list, and the form that adds and changes one.

use domain::tasks::Task;
use domain::templates::{NewSchedule, Schedule, SchedulePatch};
use domain::{Blank, Saved, ScheduleId, TemplateId};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::api::ApiError;

/// One schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleAt {
    pub workspace: String,
    pub id: ScheduleId,
}

/// The form, as a browser posts it with or without script. Without `id` it adds one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleForm {
    pub workspace: String,
    #[serde(default)]
    pub id: Blank<ScheduleId>,
    #[serde(default)]
    pub version: Blank<i64>,
    #[serde(default)]
    pub name: String,
    pub template: TemplateId,
    #[serde(default)]
    pub cron: String,
    #[serde(default)]
    pub time_zone: String,
    /// A box that is not checked is not sent.
    #[serde(default)]
    pub enabled: Blank<bool>,
    #[serde(default)]
    pub start: Blank<bool>,
}

impl From<ScheduleForm> for NewSchedule {
    fn from(form: ScheduleForm) -> Self {
        Self {
            id: None,
            name: form.name,
            template_id: form.template,
            cron: form.cron,
            time_zone: Some(form.time_zone),
            enabled: Some(form.enabled.0.unwrap_or_default()),
            start: Some(form.start.0.unwrap_or_default()),
        }
    }
}

impl From<ScheduleForm> for SchedulePatch {
    fn from(form: ScheduleForm) -> Self {
        Self {
            name: Some(form.name),
            template_id: Some(form.template),
            cron: Some(form.cron),
            time_zone: Some(form.time_zone),
            enabled: Some(form.enabled.0.unwrap_or_default()),
            start: Some(form.start.0.unwrap_or_default()),
            version: form.version.0,
        }
    }
}

#[server(endpoint = "/schedules/list", input = Json)]
pub async fn list_schedules(workspace: String) -> Result<Vec<Schedule>, ApiError> {
    let mut tx = crate::api::request::begin(&workspace).await?;
    Ok(backend::schedules::list(&mut tx).await?)
}

#[server(endpoint = "/schedules/save")]
pub async fn save_schedule(schedule: ScheduleForm) -> Result<Saved<Schedule>, ApiError> {
    let mut tx = crate::api::request::begin(&schedule.workspace).await?;
    let saved = match schedule.id.0 {
        Some(id) => backend::schedules::update(&mut tx, id, schedule.into()).await?,
        None => backend::schedules::create(&mut tx, schedule.into()).await?,
    };
    crate::api::request::save(tx, saved).await
}

#[server(endpoint = "/schedules/remove")]
pub async fn remove_schedule(schedule: ScheduleAt) -> Result<Saved<()>, ApiError> {
    let mut tx = crate::api::request::begin(&schedule.workspace).await?;
    backend::schedules::remove(&mut tx, schedule.id).await?;
    crate::api::request::save(tx, ()).await
}

#[server(endpoint = "/schedules/run")]
pub async fn run_schedule(schedule: ScheduleAt) -> Result<Saved<Task>, ApiError> {
    let mut tx = crate::api::request::begin(&schedule.workspace).await?;
    let made = backend::schedules::run(&mut tx, schedule.id).await?;
    let saved = crate::api::request::save(tx, made).await?;
    crate::api::request::go_to(&format!("/w/{}/tasks/{}", schedule.workspace, saved.value.number));
    Ok(saved)
}
