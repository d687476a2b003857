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

    /// The columns of any table, ours and the queue's, in which a text stands.
    pub async fn search(&self, text: &str) -> Vec<String> {
        let mut connection = self.owner().await;
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT format('%I.%I', table_schema, table_name), column_name::text FROM information_schema.columns
             JOIN pg_class ON pg_class.oid = format('%I.%I', table_schema, table_name)::regclass
             WHERE table_schema IN ('public', 'graphile_worker') AND relkind IN ('r', 'p')",
        )
        .fetch_all(&mut connection)
        .await
        .expect("the catalogue is readable");
        let mut found = Vec::new();
        for (table, column) in columns {
            // As text, and the bytes of what is bytes.
            let sql = format!(
                "SELECT EXISTS (SELECT FROM {table} t WHERE position($1 in t.\"{column}\"::text) > 0
                     OR position(encode(convert_to($1, 'UTF8'), 'hex') in t.\"{column}\"::text) > 0)"
            );
            let (there,): (bool,) = sqlx::query_as(AssertSqlSafe(sql))
                .bind(text)
                .fetch_one(&mut connection)
                .await
                .expect("a column is readable as text");
            if there {
                found.push(format!("{table}.{column}"));
            }
        }
        found
    }
}
