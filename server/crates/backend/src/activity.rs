//! Activity: who did what with a task, and when.
//!
//! It owns what is written down of it. Whoever does something tells it here, in the same transaction: what was rolled
//! back was never done. It knows nobody else.
//! Start reading at [`note`].

mod sql;
#[cfg(test)]
mod tests;

use domain::activity::{ACTIVITY_LIMIT, Activity, ActivityKind, DETAIL_LIMIT};
use domain::permission::Permission;
use domain::{ActivityId, Page, TaskId};
use tenancy::{StoreError, TenantTx};

crate::error::capability_error! {
    /// Why activity could not be read.
    ActivityError, "task"
}

/// Writes down what the caller does with a task now.
pub(crate) async fn note(
    tx: &mut TenantTx,
    task: TaskId,
    kind: ActivityKind,
    detail: &str,
) -> Result<(), StoreError> {
    let detail: String = detail.chars().filter(|letter| *letter != '\0').take(DETAIL_LIMIT).collect();
    sql::insert(tx, task, kind, &detail).await
}

/// What was done with a task, newest first. The cursor is that of the page before.
pub async fn list(
    tx: &mut TenantTx,
    task: TaskId,
    limit: u32,
    cursor: &str,
) -> Result<Page<Activity>, ActivityError> {
    tx.caller().require(Permission::TaskRead)?;
    if limit == 0 || limit > ACTIVITY_LIMIT {
        return Err(ActivityError::invalid("limit", format!("must be 1 to {ACTIVITY_LIMIT}")));
    }
    let after = match cursor {
        "" => None,
        cursor => {
            let id = cursor.parse::<ActivityId>();
            Some(id.map_err(|_| ActivityError::invalid("cursor", "is not one of ours"))?)
        }
    };
    let mut items = sql::list(tx, task, after, i64::from(limit) + 1).await?;
    let more = items.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page { items, next_cursor })
}
