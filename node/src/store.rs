//! The SQLite files of the node: opening, schema versions, named transactions, reading rows.
//!
//! In scope: what `journal` and `replica` have in common. Out of scope: their tables.
//!
//! Both files run in WAL mode with `secure_delete`, so that what is deleted is overwritten where it stands. That is not all:
//! when SQLite moves rows between pages it leaves copies of them in the unused middle of a page, which a later deletion does
//! not reach (seen). So `scrub` rewrites the file (`VACUUM`) and then empties the WAL, after which no byte of a
//! deleted value is left. One connection writes, a pool of others reads snapshots, and
//! readers never wait for the writer. The schema's version is `user_version`; a newer one than this program knows is refused
//! before a byte of the file is changed, and so is a file that is empty or no database.
//!
//! Where no space is left, SQLite takes the transaction back: nothing of it is stored, and who asked for it tries again.

mod connections;
mod error;
pub(crate) mod findings;
mod kept;
mod structure;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use multaqa_proto::hash::Hash;
use multaqa_runtime::database::Header;
use multaqa_runtime::point::Point;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{Row as _, Sqlite};
use tokio::time::Instant;

use connections::{Connections, Lent};
pub use error::StoreError;
pub(crate) use kept::{Kept, Key, change, stray_tallies, unbound};
pub(crate) use structure::{file_findings, schema_findings};

use crate::point;

/// Rows that one statement inserts.
pub(crate) const ROWS: usize = 64;
/// How long a connection waits for another's lock.
const BUSY: Duration = Duration::from_secs(10);
/// How long a transaction waits for its turn to write: rewriting a large file takes its time.
const WRITER: Duration = Duration::from_mins(10);
/// Connections that read.
const READERS: usize = 4;
/// Memory in which each of them keeps pages: 512 KiB, a quarter of SQLite's own default. What is not there the system has in memory all the
/// same.
const READING: &str = "-512";

/// What a store is.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Name in errors and metrics.
    pub(crate) name: &'static str,
    /// Schema versions, oldest first: the SQL that leads to each from the one before.
    pub(crate) migrations: &'static [&'static str],
    /// Tables whose rows carry digests.
    pub(crate) kept: &'static [Kept],
    /// When SQLite waits for the disk.
    pub(crate) synchronous: SqliteSynchronous,
}

impl Layout {
    /// Refuses what is no file of this store and this program, before anything of it is changed.
    fn check(&self, header: Header, path: &Path, access: Access) -> Result<(), StoreError> {
        let (path, known) = (path.to_owned(), self.migrations.len());
        match header {
            // A crash may have come between making the file and filling it.
            Header::Missing | Header::Empty if access == Access::Create => Ok(()),
            Header::Missing => Err(StoreError::Missing { path }),
            Header::Empty => Err(StoreError::Empty { path }),
            Header::Other => Err(StoreError::NotDatabase { path }),
            Header::Database { version } if usize::try_from(version).is_ok_and(|version| version <= known) => Ok(()),
            Header::Database { version } => Err(StoreError::Newer { store: self.name, found: version, known }),
        }
    }
}

/// An open store. Clones share its connections.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) layout: &'static Layout,
    writer: Connections,
    readers: Connections,
}

/// Who opens a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The node: makes the file where it is missing.
    Create,
    /// The node: the file must be there.
    Write,
    /// A reader beside the node: nothing is changed.
    Read,
}

impl Store {
    pub(crate) async fn open(path: &Path, layout: &'static Layout, access: Access) -> Result<Self, StoreError> {
        let at = At { store: layout.name, transaction: "open" };
        let header = Header::of(path).map_err(|error| at.failed(sqlx::Error::Io(error)))?;
        layout.check(header, path, access)?;
        if access == Access::Create {
            create_private(path).map_err(|error| at.failed(sqlx::Error::Io(error)))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(layout.synchronous)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            .pragma("secure_delete", "ON");
        let reading = options.clone().pragma("query_only", "ON").pragma("cache_size", READING);
        let writing = if access == Access::Read { reading.clone() } else { options };
        let writer = Connections::new(writing, 1, WRITER);
        let store = Self { layout, writer, readers: Connections::new(reading, READERS, BUSY) };
        store.migrate(access).await?;
        Ok(store)
    }

    /// The same file through a connection of its own, opened when it is first needed: its thread has the priority of who needs it.
    pub(crate) fn apart(&self) -> Self {
        Self { layout: self.layout, writer: self.writer.clone(), readers: self.readers.apart() }
    }

    async fn migrate(&self, access: Access) -> Result<(), StoreError> {
        let known = self.layout.migrations.len();
        let mut tx = match access {
            Access::Read => self.read("check_schema").await?,
            Access::Create | Access::Write => self.begin("migrate").await?,
        };
        let at = tx.at;
        let found: i64 =
            sqlx::query_scalar("PRAGMA user_version").fetch_one(tx.conn()).await.map_err(|e| at.failed(e))?;
        let done = usize::try_from(found).ok().filter(|done| *done <= known);
        let Some(done) = done else {
            return Err(StoreError::Newer { store: self.layout.name, found, known });
        };
        if access == Access::Read || done == known {
            return Ok(());
        }
        for sql in &self.layout.migrations[done..] {
            sqlx::raw_sql(*sql).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        }
        let version = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {known}"));
        sqlx::raw_sql(version).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        tx.commit().await
    }

    /// A transaction that writes. Nobody else writes until it ends.
    pub(crate) async fn begin(&self, transaction: &'static str) -> Result<Tx, StoreError> {
        let at = At { store: self.layout.name, transaction };
        let began = Instant::now();
        let mut tx = Tx { inner: Inner::Within(self.writing(at).await?), at, began };
        let first = tx.beginning();
        sqlx::query(first).execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        Ok(tx)
    }

    /// As [`Store::begin`], within the first statement: its text has to begin with [`Tx::beginning`].
    pub(crate) async fn begin_with_first(&self, transaction: &'static str) -> Result<Tx, StoreError> {
        let at = At { store: self.layout.name, transaction };
        let began = Instant::now();
        Ok(Tx { inner: Inner::Within(self.writing(at).await?), at, began })
    }

    async fn writing(&self, at: At) -> Result<Within, StoreError> {
        let connection = self.writer.lend().await.map_err(|e| at.failed(e))?;
        Ok(Within { connection, stage: Stage::Unbegun })
    }

    /// To read with one statement, which is a snapshot by itself. A turn of SQLite's thread costs as much as a small query:
    /// without the begin and the end of a transaction an answer takes half the time.
    pub(crate) async fn read_once(&self, statement: &'static str) -> Result<Tx, StoreError> {
        let at = At { store: self.layout.name, transaction: statement };
        let began = Instant::now();
        let inner = self.readers.lend().await.map_err(|e| at.failed(e))?;
        Ok(Tx { inner: Inner::Once(inner), at, began })
    }

    /// A snapshot to read from.
    pub(crate) async fn read(&self, transaction: &'static str) -> Result<Tx, StoreError> {
        let at = At { store: self.layout.name, transaction };
        let began = Instant::now();
        let connection = self.readers.lend().await.map_err(|e| at.failed(e))?;
        let mut tx = Tx { inner: Inner::Within(Within { connection, stage: Stage::Begun }), at, began };
        sqlx::query("BEGIN").execute(tx.conn()).await.map_err(|e| at.failed(e))?;
        Ok(tx)
    }

    /// Rewrites the file and empties the WAL; false where a reader's snapshot was in the way.
    pub(crate) async fn scrub(&self) -> Result<bool, StoreError> {
        let at = At { store: self.layout.name, transaction: "scrub" };
        let mut writer = self.writer.lend().await.map_err(|e| at.failed(e))?;
        sqlx::query("VACUUM").execute(&mut *writer).await.map_err(|e| at.failed(e))?;
        at.pass(point::SCRUB_REWRITTEN)?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await;
        let busy: i64 = row.and_then(|row| row.try_get(0)).map_err(|e| at.failed(e))?;
        Ok(busy == 0)
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// What became of scrubbing a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scrubbed {
    /// Nothing was erased since the last time.
    Clean,
    /// The file was rewritten.
    Done,
    /// A reader's snapshot was in the way: it has to be repeated.
    Busy,
}

/// The store and transaction that an error names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    store: &'static str,
    transaction: &'static str,
}

impl At {
    /// The process comes by a fail point, at which a test may have this transaction fail.
    pub(crate) fn pass(self, point: Point) -> Result<(), StoreError> {
        point.pass().map_err(|error| self.failed(sqlx::Error::Io(error)))
    }
    #[expect(clippy::needless_pass_by_value, reason = "it stands behind map_err")]
    pub(crate) fn failed(self, error: sqlx::Error) -> StoreError {
        // SQLITE_CORRUPT and SQLITE_NOTADB; extended codes carry them in the low byte.
        let number = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .and_then(|code| code.parse::<u32>().ok());
        let damaged = number.is_some_and(|code| matches!(code & 0xff, 11 | 26));
        let (store, transaction, detail) = (self.store, self.transaction, error.to_string());
        // SQLITE_FULL, and SQLITE_IOERR_SHMSIZE for the index of the WAL.
        let full = number.is_some_and(|code| code & 0xff == 0x0d || code == 0x130a);
        let full = full || matches!(&error, sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::StorageFull);
        if full {
            return StoreError::Full { store, transaction, detail };
        }
        StoreError::Failed { store, transaction, detail, damaged }
    }
}

/// A named transaction; dropped, it is rolled back.
#[derive(Debug)]
pub(crate) struct Tx {
    inner: Inner,
    pub(crate) at: At,
    began: Instant,
}

/// A connection within a transaction. Begin and end are plain statements, each of them one turn of SQLite's thread, where
/// sqlx's own take two. Dropped before its end, or failed, the connection is closed, which rolls back whatever state it is in:
/// where no space is left SQLite may have taken the transaction back by itself.
#[derive(Debug)]
struct Within {
    connection: Lent,
    stage: Stage,
}

/// How far a transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unbegun,
    Begun,
    Ended,
}

impl Drop for Within {
    fn drop(&mut self) {
        if self.stage == Stage::Begun {
            self.connection.give_up();
        }
    }
}

#[derive(Debug)]
enum Inner {
    Within(Within),
    Once(Lent),
}

impl Tx {
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        match &mut self.inner {
            Inner::Within(within) => {
                debug_assert_eq!(within.stage, Stage::Begun, "{:?}: a statement outside of its transaction", self.at);
                &mut within.connection
            }
            Inner::Once(connection) => connection,
        }
    }
    /// What the text of the next statement begins with: the transaction's begin, where it has none so far. A turn of SQLite's
    /// thread for it alone costs as much as a small statement.
    pub(crate) fn beginning(&mut self) -> &'static str {
        match &mut self.inner {
            Inner::Within(within) if within.stage == Stage::Unbegun => {
                within.stage = Stage::Begun;
                "BEGIN IMMEDIATE; "
            }
            Inner::Within(_) | Inner::Once(_) => "",
        }
    }
    /// Makes it durable, and meters it by its name.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let Self { inner, at, began } = self;
        match inner {
            Inner::Within(mut within) => {
                sqlx::query("COMMIT").execute(&mut *within.connection).await.map_err(|e| at.failed(e))?;
                within.stage = Stage::Ended;
            }
            Inner::Once(_) => {}
        }
        metrics::histogram!("multaqa_store_transaction_seconds", "store" => at.store, "transaction" => at.transaction)
            .record(began.elapsed().as_secs_f64());
        Ok(())
    }
}

/// One row while it is read: every failure names table, column and row.
pub(crate) struct Cells<'r> {
    pub(crate) table: &'static str,
    pub(crate) row: &'r SqliteRow,
}

impl<'r> Cells<'r> {
    pub(crate) fn get<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
    {
        self.row.try_get(column).map_err(|error| self.bad(column, &error))
    }
    pub(crate) fn number(&self, column: &'static str) -> Result<u64, StoreError> {
        let number: i64 = self.get(column)?;
        u64::try_from(number).map_err(|error| self.bad(column, &error))
    }
    pub(crate) fn optional_number(&self, column: &'static str) -> Result<Option<u64>, StoreError> {
        let number: Option<i64> = self.get(column)?;
        number.map(u64::try_from).transpose().map_err(|error| self.bad(column, &error))
    }
    pub(crate) fn hash(&self, column: &'static str) -> Result<Hash, StoreError> {
        let bytes: &[u8] = self.get(column)?;
        Hash::from_slice(bytes).ok_or_else(|| self.bad(column, &"not 32 bytes"))
    }
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: &str = self.get(column)?;
        text.parse().map_err(|error| self.bad(column, &error))
    }
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text: &str = self.get(column)?;
        serde_json::from_str(text).map_err(|error| self.bad(column, &error))
    }
    pub(crate) fn bad(&self, column: &'static str, detail: &dyn std::fmt::Display) -> StoreError {
        let number = self.row.try_get::<i64, _>(0).map(|n| n.to_string());
        let text = || self.row.try_get::<String, _>(0);
        let row = number.or_else(|_| text()).unwrap_or_else(|_| "?".to_owned());
        StoreError::RowBad { table: self.table, column, row, detail: detail.to_string() }
    }
}

/// Makes the file with mode 0600 where it is missing; SQLite gives its WAL the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(|_| ())
}

/// Deletes a store's files; one that is missing is no error.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(Path::new(&name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
