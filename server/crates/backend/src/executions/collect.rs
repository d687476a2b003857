//! Collecting what ended executions left on this machine's disk, where a server was killed before it could.

use super::ExecutionError;
use super::attend::House;
use domain::ExecutionId;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use tenancy::leases;

/// Removes worktrees and spools of executions that are not in the queue any more.
pub(super) async fn collect(house: &House) -> Result<(), ExecutionError> {
    // What is on disk is listed before the queue is read: an execution that begins meanwhile is on neither list.
    let spools = house.launcher.known().unwrap_or_default();
    let worktrees = worktrees(house).await;
    let mut tx = house.database.work().await?;
    let wanted = leases::all(&mut tx).await?;
    drop(tx);
    let stale = |id: ExecutionId| worktrees.contains(&id) && !wanted.contains(&id);
    match house.repositories.sweep(|execution| !stale(execution)).await {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "worktrees of ended executions were collected"),
        Err(error) => tracing::warn!(%error, "worktrees could not be collected"),
    }
    for execution in spools.into_iter().filter(|execution| !wanted.contains(execution)) {
        // One whose supervisor still lives refuses; it ends by itself, since no server asks for it.
        if let Err(error) = house.launcher.forget(execution).await {
            tracing::debug!(%error, execution.id = %execution, "a spool is left for now");
        }
    }
    Ok(())
}

async fn worktrees(house: &House) -> HashSet<ExecutionId> {
    let found = Mutex::new(HashSet::new());
    let note = |execution| {
        found.lock().unwrap_or_else(PoisonError::into_inner).insert(execution);
        true
    };
    if let Err(error) = house.repositories.sweep(note).await {
        tracing::warn!(%error, "worktrees could not be listed");
    }
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}
