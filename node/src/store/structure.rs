//! The file as SQLite sees it: its pages, its indexes, and the schema that it says it has.
//!
//! In scope: reading. Out of scope: what the rows say (`journal`, `replica::fsck`).

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

use super::{Layout, StoreError, Tx};

/// A table, an index or a trigger: name, and the statement that made it.
type Made = (String, Option<String>);

/// What SQLite's own check says, at most so many lines; none where the file is sound. It reads every page, compares every
/// index with its table, and every value with its column's type and constraints.
pub(crate) async fn file_findings(tx: &mut Tx, limit: usize) -> Result<Vec<String>, StoreError> {
    let at = tx.at;
    let check = sqlx::AssertSqlSafe(format!("PRAGMA integrity_check({limit})"));
    let lines: Vec<String> = sqlx::query_scalar(check).fetch_all(tx.conn()).await.map_err(|e| at.failed(e))?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// Names of tables and indexes that are not as this program makes them.
pub(crate) async fn schema_findings(tx: &mut Tx, layout: &Layout) -> Result<Vec<String>, StoreError> {
    let at = tx.at;
    let mut empty = SqliteConnectOptions::new().in_memory(true).connect().await.map_err(|e| at.failed(e))?;
    for schema in layout.migrations {
        sqlx::raw_sql(*schema).execute(&mut empty).await.map_err(|e| at.failed(e))?;
    }
    let expected = made(&mut empty).await.map_err(|e| at.failed(e))?;
    let found = made(tx.conn()).await.map_err(|e| at.failed(e))?;
    let differing = |one: &[Made], other: &[Made]| -> Vec<String> {
        one.iter().filter(|made| !other.contains(made)).map(|(name, _)| name.clone()).collect()
    };
    let mut names = [differing(&expected, &found), differing(&found, &expected)].concat();
    names.sort();
    names.dedup();
    Ok(names)
}

async fn made(connection: &mut SqliteConnection) -> Result<Vec<Made>, sqlx::Error> {
    let rows = sqlx::query("SELECT name, sql FROM sqlite_schema ORDER BY name").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
