//! Savepoints: a task that is refused leaves nothing of what was begun with it.

use tenancy::{StoreError, TenantTx};

pub(super) async fn mark(tx: &mut TenantTx) -> Result<(), StoreError> {
    run(tx, "SAVEPOINT one").await
}

pub(super) async fn keep(tx: &mut TenantTx) -> Result<(), StoreError> {
    run(tx, "RELEASE SAVEPOINT one").await
}

pub(super) async fn take_back(tx: &mut TenantTx) -> Result<(), StoreError> {
    run(tx, "ROLLBACK TO SAVEPOINT one").await?;
    keep(tx).await
}

async fn run(tx: &mut TenantTx, statement: &'static str) -> Result<(), StoreError> {
    sqlx::query(statement).execute(tx.conn()).await?;
    Ok(())
}
