//! Statements on `comments`.

use domain::comments::{COMMENTS_LIMIT, Comment, Side};
use domain::{CommentId, DateTime, ExecutionId, TaskId, UserId};
use tenancy::{StoreError, TenantTx};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    task_id: Uuid,
    text: String,
    path: Option<String>,
    line: Option<i64>,
    side: Option<String>,
    execution_id: Option<Uuid>,
    created_by: Option<Uuid>,
    created_at: DateTime,
}

impl From<Row> for Comment {
    fn from(row: Row) -> Self {
        Self {
            id: CommentId(row.id),
            task_id: TaskId(row.task_id),
            text: row.text,
            path: row.path,
            line: row.line,
            side: row.side.map(|side| if side == "old" { Side::Old } else { Side::New }),
            execution: row.execution_id.map(ExecutionId),
            created_by: row.created_by.map(UserId),
            created_at: row.created_at,
        }
    }
}

pub(super) async fn list(tx: &mut TenantTx, task: TaskId) -> Result<Vec<Comment>, StoreError> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM comments WHERE task_id = $1 ORDER BY created_at, id LIMIT $2")
            .bind(task.0)
            .bind(COMMENTS_LIMIT)
            .fetch_all(tx.conn())
            .await?;
    Ok(rows.into_iter().map(Comment::from).collect())
}

pub(super) async fn find(tx: &mut TenantTx, id: CommentId) -> Result<Option<Comment>, StoreError> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM comments WHERE id = $1").bind(id.0).fetch_optional(tx.conn()).await?;
    Ok(row.map(Comment::from))
}

pub(super) async fn count(tx: &mut TenantTx, task: TaskId) -> Result<i64, StoreError> {
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM comments WHERE task_id = $1")
        .bind(task.0)
        .fetch_one(tx.conn())
        .await?;
    Ok(count)
}

pub(super) async fn insert(tx: &mut TenantTx, comment: &Comment) -> Result<(), StoreError> {
    let workspace = tx.caller().workspace().0;
    sqlx::query(
        "INSERT INTO comments (workspace_id, id, task_id, text, path, line, side, execution_id, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(workspace)
    .bind(comment.id.0)
    .bind(comment.task_id.0)
    .bind(&comment.text)
    .bind(&comment.path)
    .bind(comment.line)
    .bind(comment.side.map(Side::as_str))
    .bind(comment.execution.map(|execution| execution.0))
    .bind(comment.created_by.map(|user| user.0))
    .bind(comment.created_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: CommentId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM comments WHERE id = $1").bind(id.0).execute(tx.conn()).await?;
    Ok(())
}
