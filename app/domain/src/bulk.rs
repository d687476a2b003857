//! One change to many tasks, each with a result of its own.

use crate::tasks::{Priority, Task};
use crate::{Problem, TaskId, UserId};
use serde::{Deserialize, Deserializer, Serialize};

/// The most tasks in one request.
pub const BULK_LIMIT: usize = 200;

/// What is done with a task as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BulkAction {
    Start,
    Pause,
    Resume,
    Cancel,
    Retry,
    /// Removes it, with its executions.
    Delete,
}

/// What is changed in each task. With an action nothing else may be given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<BulkAction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Absent: stays. `null`: nobody.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UserId>))]
    pub assignee_id: Option<Option<UserId>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_labels: Vec<String>,
}

/// One change to up to 200 tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkRequest {
    pub ids: Vec<TaskId>,
    pub change: BulkChange,
}

/// What became of one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResult {
    pub id: TaskId,
    pub ok: bool,
    /// As it is now; absent where it is gone or was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The results, in the order of the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkAnswer {
    pub results: Vec<BulkResult>,
}

/// A field that is there, though it may be `null`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl BulkChange {
    pub fn of(action: BulkAction) -> Self {
        Self { action: Some(action), ..Self::default() }
    }

    /// Whether any field is changed.
    pub fn has_fields(&self) -> bool {
        self.priority.is_some()
            || self.assignee_id.is_some()
            || !self.add_labels.is_empty()
            || !self.remove_labels.is_empty()
    }

    /// The labels of a task after the change: those taken off go, those added stand behind.
    pub fn labels(&self, before: &[String]) -> Vec<String> {
        let mut labels: Vec<String> =
            before.iter().filter(|label| !self.remove_labels.contains(label)).cloned().collect();
        for label in self.add_labels.iter().map(|label| label.trim()) {
            if !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_from_not_said() {
        let read = |json: &str| serde_json::from_str::<BulkChange>(json).unwrap();
        assert_eq!(read("{}").assignee_id, None);
        assert_eq!(read(r#"{"assignee_id":null}"#).assignee_id, Some(None));
        assert_eq!(
            serde_json::to_string(&read(r#"{"assignee_id":null}"#)).unwrap(),
            r#"{"assignee_id":null}"#
        );
    }

    #[test]
    fn labels_are_added_once_and_taken_off() {
        let change = BulkChange {
            add_labels: vec!["b".to_owned(), " c ".to_owned()],
            remove_labels: vec!["a".to_owned()],
            ..BulkChange::default()
        };
        assert_eq!(change.labels(&["a".to_owned(), "b".to_owned()]), ["b", "c"]);
    }
}
