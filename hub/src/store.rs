//! The hub's store: one SQLite file. This page is its contract; the files below it hold one transaction each.
//!
//! # What it promises
//! - **Order.** Entries are numbered 0, 1, 2 … without a gap, in the order of their commits. A commit begins where the one
//!   before ended.
//! - **Atomicity.** A commit is one transaction: its entries, its row in `batch` with the signed checkpoint, the writers'
//!   newest statements in `chain`, the erasures that its tombstones ask for, and `head`. It is there whole or not at all.
//! - **Durability.** When [`Store::append`] returns, the commit survives a crash and a power cut (WAL, `synchronous=FULL`).
//!   Nothing is answered, published or sent before that.
//! - **One writer.** `head` is moved by compare-and-set from the size that the caller built upon; a second writer's commit
//!   fails whole. Reads use connections of their own and never wait for a commit.
//! - **Immutability.** A row of `entry` or `batch` never changes, but for one thing: erasure overwrites `content` and
//!   `readers` in place. Freed bytes are overwritten too (`secure_delete`), and [`Store::purge_wal`] leaves none in the WAL.
//! - **Reading.** A row that cannot be understood is an error that names table, column and row; nothing is guessed.
//!
//! # What start-up repairs
//! Nothing by hand: SQLite rolls an unfinished commit back. [`Store::load`] then folds the control records again and
//! compares tree, checkpoint, control chain and head with one another; where they disagree it refuses (`HUB_STORE_DAMAGED`)
//! and `fsck` says where. A schema that is newer than this program is refused (`HUB_STORE_NEWER`) before a byte is changed, as
//! is a file that is empty or no database; an older one is migrated in one transaction.
//!
//! # Where no space is left
//! SQLite takes the transaction back (`HUB_STORE_FULL`): nothing of the commit is stored, what was stored before stays, and
//! the same process goes on as soon as a commit finds space.
//!
//! Besides the log the file holds what the hub needs of its own: issued certificates (`serial`), when nodes were last
//! heard (`node_seen`), and what they cosigned (`cosignature`).
//!
//! # What binds each value
//! `fsck` finds any value that changed, since each follows from something else in the file:
//! - `entry`: leaf and signature from the commit's root and checkpoint, content from the statement's hash, all other columns
//!   from leaf and content; of an erased row the object and the lengths of what was erased from the commit's digest.
//! - `batch`: from its entries, the checkpoint's signature, and a digest of the row.
//! - `head`, `chain`: from all entries. A commit's end or a chain's that is missing shows there.
//! - `serial`, `node_seen`, `dropped` and the like: from a digest in each row and the table's `tally` (`kept`).
//! - `tally`: from the rows that it counts.
//! - The schema: from this program. Pages, indexes, free space: by SQLite's own check.
//!
//!
//! Out of scope: what may be stored (`log`), recomputing everything (`log::fsck`).

mod append;
pub mod cosignature;
mod create;
mod decision;
mod erase;
mod error;
mod fall_back;
mod given;
mod head;
mod kept;
pub mod nodes;
mod read;
pub(crate) mod restored;
mod row;
pub mod serials;
mod sparse;
mod structure;
mod subtree;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use multaqa_runtime::database::Header;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row as _, SqliteConnection};

pub(crate) use append::Commit;
pub use error::StoreError;
pub(crate) use fall_back::Dropped;
pub(crate) use head::{Head, Loaded};
pub(crate) use kept::{KEPT, Kept};
pub(crate) use read::{Batch, commit_digest};
pub(crate) use row::{Columns, Place, Remains, StoredEntry};

/// Schemas by version, from 1: each brings a file from the version before it to its own.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/sqlite/0001_log.sql")];
/// The schema's version that this program writes.
const KNOWN: i64 = MIGRATIONS.len().cast_signed() as i64;
/// Connections that only read.
const READERS: u32 = 4;
/// How long a connection waits for another one's lock.
const BUSY: Duration = Duration::from_secs(1);

/// The store. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
    path: Arc<Path>,
}

impl Store {
    /// Opens a store for reading and writing.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Newer`], or where SQLite fails.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        check_header(path)?;
        let store = Self::connect(path).await?;
        let mut writer = store.writer.begin_with("BEGIN IMMEDIATE").await?;
        let found = version(&mut writer).await?;
        check_version(path, found)?;
        migrate(&mut writer, found).await?;
        writer.commit().await?;
        Ok(store)
    }
    /// Opens a store for reading only, also beside a running hub. All reads are of one snapshot: the only connection stays
    /// in one transaction.
    ///
    /// # Errors
    /// As [`Store::open`]; an older schema is refused too, since it cannot be migrated.
    pub(crate) async fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        check_header(path)?;
        let one = SqlitePoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
        let readers = one.connect_with(reading(path)).await?;
        sqlx::raw_sql("BEGIN").execute(&readers).await?;
        let found = version(&mut *readers.acquire().await?).await?;
        check_version(path, found)?;
        if found < KNOWN {
            return Err(StoreError::Older { path: path.to_owned(), found, known: KNOWN });
        }
        Ok(Self { writer: readers.clone(), readers, path: path.into() })
    }
    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Bytes on disk, the WAL included.
    ///
    /// # Errors
    /// Where the file system fails.
    pub async fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        let mut bytes = 0;
        for path in [self.path.to_path_buf(), beside(&self.path, "-wal")] {
            match tokio::fs::metadata(&path).await {
                Ok(metadata) => bytes += metadata.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(StoreError::Unavailable { detail: error.to_string(), fatal: false }),
            }
        }
        Ok(bytes)
    }
    /// Closes all connections, after what they are doing.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// The writer first: a reader cannot open a file that has no WAL so far.
    async fn connect(path: &Path) -> Result<Self, StoreError> {
        let writer =
            SqlitePoolOptions::new().max_connections(1).test_before_acquire(false).connect_with(writing(path)).await?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).test_before_acquire(false);
        Ok(Self { writer, readers: readers.connect_lazy_with(reading(path)), path: path.into() })
    }
}

fn writing(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
}

fn reading(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Refuses what is no store of this program's before anything of it is changed.
fn check_header(path: &Path) -> Result<(), StoreError> {
    let path = || path.to_owned();
    match Header::of(&path()) {
        Ok(Header::Database { version }) if version > KNOWN => {
            Err(StoreError::Newer { path: path(), found: version, known: KNOWN })
        }
        Ok(Header::Database { .. }) => Ok(()),
        Ok(Header::Missing) => Err(StoreError::Missing { path: path() }),
        Ok(Header::Empty) => Err(StoreError::Empty { path: path() }),
        Ok(Header::Other) => Err(StoreError::NotDatabase { path: path() }),
        Err(error) => Err(StoreError::Unavailable { detail: format!("{}: {error}", path().display()), fatal: false }),
    }
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query("PRAGMA user_version").fetch_one(connection).await?.try_get(0)?)
}

fn check_version(path: &Path, found: i64) -> Result<(), StoreError> {
    match found {
        0 => Err(StoreError::Missing { path: path.to_owned() }),
        found if found > KNOWN => Err(StoreError::Newer { path: path.to_owned(), found, known: KNOWN }),
        _ => Ok(()),
    }
}

/// Brings the schema from `found` to what this program knows, within the caller's transaction.
async fn migrate(connection: &mut SqliteConnection, found: i64) -> Result<(), StoreError> {
    for (version, schema) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        sqlx::raw_sql(schema).execute(&mut *connection).await?;
        let set = format!("PRAGMA user_version = {version}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&mut *connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Federation;

    #[tokio::test]
    async fn what_the_contract_asks_of_sqlite_is_on() {
        let world = Federation::new().await;
        let store = world.store().await;
        for (pragma, expected) in [("PRAGMA secure_delete", 1), ("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1)] {
            let row = sqlx::query(pragma).fetch_one(&store.writer).await.unwrap();
            assert_eq!(row.get::<i64, _>(0), expected, "{pragma}");
        }
        let row = sqlx::query("PRAGMA journal_mode").fetch_one(&store.writer).await.unwrap();
        assert_eq!(row.get::<String, _>(0), "wal");
        assert!(sqlx::query("DELETE FROM head").execute(&store.readers).await.is_err(), "readers only read");
    }

    #[tokio::test]
    async fn a_newer_schema_and_a_missing_file_are_refused() {
        let world = Federation::new().await;
        let store = world.store().await;
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&store.writer).await.unwrap();
        store.close().await;
        assert_eq!(Store::open(&world.path()).await.unwrap_err().code(), "HUB_STORE_NEWER");
        assert_eq!(Store::open_read_only(&world.path()).await.unwrap_err().code(), "HUB_STORE_NEWER");
        let none = world.path().with_file_name("none.db");
        assert_eq!(Store::open(&none).await.unwrap_err().code(), "HUB_STORE_MISSING");
        assert!(!none.exists());
    }
}
