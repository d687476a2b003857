//! Statements on `publication_orders`.

use domain::{ExecutionId, PublicationId};
use tenancy::{StoreError, TenantTx};

/// `false` where the id is taken.
pub(super) async fn insert(
    tx: &mut TenantTx,
    id: PublicationId,
    execution: ExecutionId,
    message: &str,
) -> Result<bool, StoreError> {
    let workspace = tx.caller().workspace().0;
    let done = sqlx::query(
        "INSERT INTO publication_orders (workspace_id, id, execution_id, message) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workspace_id, id) DO NOTHING",
    )
    .bind(workspace)
    .bind(id.0)
    .bind(execution.0)
    .bind(message)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn message(tx: &mut TenantTx, id: PublicationId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as("SELECT message FROM publication_orders WHERE id = $1")
        .bind(id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|(message,)| message))
}
