//! The same bytes inserted into one table of four columns: what SQLite through sqlx takes on this machine and disk.
//!
//! 64 rows a statement, 256 a transaction, WAL with `synchronous=NORMAL`, as the replica. No index but the row number's, and
//! nothing is read, hashed or verified.

use std::path::Path;
use std::time::Duration;

use multaqa_proto::record::Received;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, QueryBuilder, Sqlite};
use tokio::time::Instant;

const STATEMENT_ROWS: usize = 64;
const TRANSACTION_ROWS: usize = 256;

/// Inserts the parts of these records into a new file in this directory; how long it took.
pub(crate) async fn insert(dir: &Path, records: &[Received]) -> Duration {
    let mut connection = SqliteConnectOptions::new()
        .filename(dir.join("reference.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .connect()
        .await
        .unwrap();
    let table = "CREATE TABLE entry (idx INTEGER PRIMARY KEY, statement BLOB, signature BLOB, content BLOB) STRICT";
    sqlx::query(table).execute(&mut connection).await.unwrap();
    let started = Instant::now();
    for (transaction, rows) in records.chunks(TRANSACTION_ROWS).enumerate() {
        let mut tx = connection.begin().await.unwrap();
        let mut idx = i64::try_from(transaction * TRANSACTION_ROWS).unwrap();
        for rows in rows.chunks(STATEMENT_ROWS) {
            let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO entry (idx, statement, signature, content) ");
            query.push_values(rows, |mut values, row| {
                values
                    .push_bind(idx)
                    .push_bind(row.statement.to_vec())
                    .push_bind(row.signature.to_vec())
                    .push_bind(row.content.as_ref().map(|content| content.to_vec()));
                idx += 1;
            });
            query.build().execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    let elapsed = started.elapsed();
    connection.close().await.unwrap();
    elapsed
}
