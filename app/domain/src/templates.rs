//! Templates of tasks, and schedules that make tasks from them.

use crate::edit::given;
use crate::tasks::{Agent, Priority};
use crate::{DateTime, Edit, RepositoryId, ScheduleId, TaskId, TemplateId, UserId};
use serde::{Deserialize, Serialize};

/// The longest name of a template or a schedule.
pub const NAME_LIMIT: usize = 100;
/// The most templates and schedules of a workspace.
pub const TEMPLATES_LIMIT: usize = 200;
pub const SCHEDULES_LIMIT: usize = 50;
/// The least time between two runs of a schedule, in minutes.
pub const LEAST_MINUTES: i64 = 5;

/// What a new task begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    pub id: TemplateId,
    pub name: String,
    pub title: String,
    pub description: String,
    pub script: String,
    pub agent: Agent,
    pub repository_id: Option<RepositoryId>,
    pub labels: Vec<String>,
    pub priority: Priority,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub version: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTemplate {
    /// Made by the client (UUID v7), so that the same request twice makes one template.
    #[serde(default)]
    pub id: Option<TemplateId>,
    pub name: String,
    pub title: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub script: Option<String>,
    #[serde(default)]
    pub agent: Option<Agent>,
    /// Id or name.
    #[serde(default)]
    pub repository: Option<String>,
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    #[serde(default)]
    pub priority: Option<Priority>,
}

/// The fields to change; what is absent stays, and `null` takes a value off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplatePatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Edit<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub script: Edit<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub agent: Option<Agent>,
    #[serde(default, alias = "repository_id", skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub repository: Edit<String>,
    #[serde(default, skip_serializing_if = "Edit::is_kept")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub labels: Edit<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub priority: Option<Priority>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// Makes a task from a template at set times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    pub id: ScheduleId,
    pub name: String,
    pub template_id: TemplateId,
    /// Five fields: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// A name of the IANA database, such as `Europe/Copenhagen`.
    pub time_zone: String,
    /// It makes tasks only while this is true.
    pub enabled: bool,
    /// The task is queued at once, and is a draft otherwise.
    pub start: bool,
    /// The next times, soonest first; none while it is not enabled.
    pub next_runs: Vec<DateTime>,
    pub last_run_at: Option<DateTime>,
    pub last_task_id: Option<TaskId>,
    /// The number of the task that it made last.
    pub last_task_number: Option<i64>,
    /// One sentence where the last run made no task, else empty.
    pub last_problem: String,
    pub created_by: Option<UserId>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSchedule {
    #[serde(default)]
    pub id: Option<ScheduleId>,
    pub name: String,
    pub template_id: TemplateId,
    pub cron: String,
    /// Default: `UTC`.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Default: true.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Default: true.
    #[serde(default)]
    pub start: Option<bool>,
}

/// The fields to change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulePatch {
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub template_id: Option<TemplateId>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub cron: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub time_zone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub start: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}
