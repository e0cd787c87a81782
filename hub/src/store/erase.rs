//! Erasing contents: within the commit that orders the tombstone, and then from the WAL.
//!
//! A content is overwritten with as many zero bytes (no content begins with one), its readers with as many spaces. The row
//! keeps its length, so SQLite writes it in place: rows that shrink make it move their neighbours, and `secure_delete` does
//! not reach the copies that it leaves in pages when it moves rows.
//!
//! Out of scope: which tombstones erase (`log::erase`), caches (`fanout`), backups (by age).

use multaqa_proto::id::ObjectId;
use multaqa_proto::number::LeafIndex;
use sqlx::{Row as _, SqliteConnection};

use super::{BUSY, Store, StoreError};

/// All contents of one object below an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erasure {
    /// The object.
    pub(crate) object: ObjectId,
    /// The tombstone's index.
    pub(crate) below: LeafIndex,
}

/// Overwrites the contents; gives the entries that had one.
pub(super) async fn erase(tx: &mut SqliteConnection, erasure: &Erasure) -> Result<Vec<LeafIndex>, StoreError> {
    let rows = sqlx::query(
        "UPDATE entry SET content = zeroblob(length(content)),
             readers = replace(hex(zeroblob(length(readers))), '00', ' ')
         WHERE object_id = ? AND idx < ? AND control = 0 AND trim(readers) <> '' RETURNING idx",
    )
    .bind(erasure.object.to_string())
    .bind(erasure.below.to_i64())
    .fetch_all(tx)
    .await?;
    rows.iter()
        .map(|row| {
            let idx: i64 = row.try_get(0)?;
            LeafIndex::from_i64(idx).ok_or(StoreError::RowBad { table: "entry", column: "idx", row: idx.to_string() })
        })
        .collect()
}

impl Store {
    /// Moves all of the WAL into the file and cuts it to nothing, so that no erased byte is left in it. False where a
    /// reader's snapshot is in the way: to be tried again.
    ///
    /// # Errors
    /// Where the store fails.
    pub(crate) async fn purge_wal(&self) -> Result<bool, StoreError> {
        let mut writer = self.writer.acquire().await?;
        // Commits wait meanwhile, so a reader in the way is not waited for.
        sqlx::raw_sql("PRAGMA busy_timeout = 10").execute(&mut *writer).await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await;
        let restore = format!("PRAGMA busy_timeout = {}", BUSY.as_millis());
        sqlx::raw_sql(sqlx::AssertSqlSafe(restore)).execute(&mut *writer).await?;
        Ok(row?.try_get::<i64, _>(0)? == 0)
    }
}
