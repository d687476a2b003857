//! What an operator does with psql: past every door, and so only for what no door can bring about.

use crate::TestDatabase;
use sqlx::AssertSqlSafe;

impl TestDatabase {
    /// Runs statements as the owner, in one transaction.
    pub async fn as_owner(&self, statements: &str) {
        let mut connection = self.owner().await;
        let done = sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await;
        done.expect("the owner may");
    }
}
