//! The file as SQLite sees it: its pages, its indexes, and the schema that it says it has.
//!
//! In scope: reading. Out of scope: what the rows say (`log::fsck`).

use futures::TryStreamExt as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use super::{MIGRATIONS, Store, StoreError};

/// A table, an index or a trigger: type, name, and the statement that made it.
type Made = (String, String, Option<String>);

impl Store {
    /// What SQLite's own check says, at most so many lines; none where the file is sound. It reads every page, compares every
    /// index with its table, and every value with its column's type and constraints.
    ///
    /// # Errors
    /// Where SQLite cannot even read on.
    pub(crate) async fn file_findings(&self, limit: usize) -> Result<Vec<String>, StoreError> {
        let check = sqlx::AssertSqlSafe(format!("PRAGMA integrity_check({limit})"));
        let mut rows = sqlx::query(check).fetch(&self.readers);
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let line: String = row.try_get(0)?;
            if line != "ok" {
                found.push(line);
            }
        }
        Ok(found)
    }

    /// Names of tables and indexes that are not as this program makes them.
    ///
    /// # Errors
    /// Where the schema cannot be read.
    pub(crate) async fn schema_findings(&self) -> Result<Vec<String>, StoreError> {
        let mut empty = SqliteConnectOptions::new().in_memory(true).connect().await?;
        for schema in MIGRATIONS {
            sqlx::raw_sql(schema).execute(&mut empty).await?;
        }
        let expected = made(&mut empty).await?;
        let found = made(&mut *self.readers.acquire().await?).await?;
        let differing = |one: &[Made], other: &[Made]| -> Vec<String> {
            one.iter().filter(|made| !other.contains(made)).map(|(_, name, _)| name.clone()).collect()
        };
        let mut names = [differing(&expected, &found), differing(&found, &expected)].concat();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

async fn made(connection: &mut SqliteConnection) -> Result<Vec<Made>, StoreError> {
    let rows = sqlx::query("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}
